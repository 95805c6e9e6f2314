"""Every constraint of every table: the database itself refuses the row that breaks it, whatever the program forgets."""

from collections.abc import Collection, Iterator
from contextlib import nullcontext
from datetime import time
from decimal import Decimal
from itertools import count
from typing import Any
from uuid import uuid4

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, models, transaction
from django.db.models import CheckConstraint, Field, Model, UniqueConstraint

from cases.models import TimelineEvent
from tests.cases.constraint_rows import BESIDE, CHECKS, DAY, NOW, ONE, ONE_OF, SAME, UNIQUE, Row
from tests.cases.owner import as_owner

pytestmark = pytest.mark.django_db


def all_constraints() -> Iterator[tuple[type[Model], Any]]:
    for model in apps.get_models(include_auto_created=True):
        if model._meta.app_label in {"intake", "cases", "workers", "seeds"}:
            yield from ((model, constraint) for constraint in model._meta.constraints)


CONSTRAINTS = {constraint.name: (model, constraint) for model, constraint in all_constraints()}


def test_each_constraint_is_tried_here() -> None:
    assert {name for name, (_, one) in CONSTRAINTS.items() if isinstance(one, CheckConstraint)} == set(CHECKS)
    assert (
        {name for name, (_, one) in CONSTRAINTS.items() if isinstance(one, UniqueConstraint)}
        == set(UNIQUE)
        == set(ONE_OF)
    )
    assert len(CONSTRAINTS) == len(list(all_constraints())), "each has a name of its own"


@pytest.mark.parametrize("name", CHECKS)
def test_a_row_that_contradicts_itself_is_refused(name: str) -> None:
    model, _ = CONSTRAINTS[name]
    allowed, refused = CHECKS[name]
    for values in allowed:
        assert refused_by(model, values) is None, values
    for values in refused:
        assert refused_by(model, values) == name, values


@pytest.mark.parametrize("name", UNIQUE)
def test_a_second_row_of_what_there_can_be_one_of_is_refused(name: str) -> None:
    model, _ = CONSTRAINTS[name]
    first, allowed = UNIQUE[name]
    for values in allowed:
        assert refused_by(model, first, {**first, **values}) is None, values
    # Where rows are only ever added, a trigger speaks before the constraint does: it is lifted.
    with as_owner() if model is TimelineEvent else nullcontext():
        again = {**first, **SAME.get(name, {})}
        assert refused_by(model, first, again, alike=ONE_OF[name].split()) == name


def refused_by(model: type[Model], *rows: Row, alike: Collection[str] | None = None) -> str | None:
    """The constraint that refuses the last row, None when all are let in. Nothing of it stays; what they refer to need
    not be there, since that is looked at when a transaction ends. `alike`: in what the last row is like the first where
    nothing is given; in everything without it."""
    made = [made_of(model, values) for values in rows[:-1]]
    made.append(made_of(model, rows[-1], alike))
    broken = None
    with transaction.atomic():
        model._base_manager.bulk_create(made[:-1])
        try:
            with transaction.atomic():
                model._base_manager.bulk_create(made[-1:])
        except IntegrityError as error:
            broken = name_of(error, model)
        transaction.set_rollback(True)
    return broken


def name_of(error: IntegrityError, model: type[Model]) -> str:
    """PostgreSQL names what was broken. SQLite names a check or an index, of other unique ones the columns."""
    if connection.vendor == "postgresql":
        return str(error.__cause__.diag.constraint_name)  # type: ignore[union-attr]
    said = str(error).partition(": ")[2]
    columns = {part.rpartition(".")[2] for part in said.split(", ")}
    for constraint in model._meta.constraints:
        fields = {model._meta.get_field(name).column for name in getattr(constraint, "fields", ())}
        if constraint.name in said or fields == columns:
            return str(constraint.name)
    return said


_number = count(1)


def made_of(model: type[Model], values: Row, alike: Collection[str] | None = None) -> Model:
    given = {**BESIDE.get(model._meta.label, {}), **values}
    row = model()
    for field in model._meta.concrete_fields:
        if field.attname in given:
            setattr(row, field.attname, given[field.attname])
        elif must_be_filled(field):
            setattr(row, field.attname, something(field, is_other=alike is not None and field.name not in alike))
    return row


def must_be_filled(field: "Field[Any, Any]") -> bool:
    if isinstance(field, models.AutoField):
        return False
    return field.unique or not (field.null or field.has_default() or getattr(field, "auto_now_add", False))


def something(field: Any, *, is_other: bool = False) -> Any:
    """A value of its type: always the same one, unless the column is unique or another one is asked for."""
    kind = (field.target_field if field.is_relation else field).get_internal_type()
    is_new = field.unique or is_other
    number = next(_number) if field.unique else 1 + is_other
    if kind == "UUIDField":
        return uuid4() if is_new else ONE
    if kind in {"CharField", "TextField", "SlugField", "EmailField", "URLField"}:
        return (f"{number}" if is_new else "x")[: field.max_length]
    plain: dict[str, Any] = {
        "DateTimeField": NOW,
        "DateField": DAY,
        "TimeField": time(9),
        "BooleanField": False,
        "JSONField": {},
        "BinaryField": str(number).encode(),
        "DecimalField": Decimal(1),
        "FloatField": 1.0,
    }
    return plain.get(kind, number)
