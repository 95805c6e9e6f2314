"""Finds every row that a played life has left, in whichever table: whatever hangs on its reports."""

from collections.abc import Sequence
from functools import cache
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db import models

from intake.models import Report, ReportKey

_IN_ROOMS = ("intake", "cases")


def rows_of(reports: Sequence[UUID]) -> dict[type[models.Model], list[models.Model]]:
    """By table, each table after those it refers to, each row once and in the order of its key."""
    found: dict[type[models.Model], dict[Any, models.Model]] = {
        Report: {row.pk: row for row in Report.objects.filter(pk__in=reports)},
        ReportKey: {row.pk: row for row in ReportKey.objects.filter(pk__in=reports)},
    }
    tables = _tables()
    waiting = set(tables)
    while waiting:  # a table is asked again only when one that it refers to has grown since
        for table in [table for table in tables if table in waiting]:
            waiting.discard(table)
            known = found.setdefault(table, {})
            before = len(known)
            for row in _hanging_on(table, found):
                known.setdefault(row.pk, row)
            if len(known) > before:
                waiting |= {other for other in tables if table in _referred(other) and other is not table}
    return {table: [found[table][pk] for pk in sorted(found[table])] for table in tables if found[table]}


@cache
def _referred(table: type[models.Model]) -> frozenset[Any]:
    return frozenset(field.related_model for field in references(table))


def references(table: type[models.Model]) -> list[Any]:
    """The table's references to other rows of ours."""
    return [field for field in table._meta.concrete_fields if field.is_relation]


@cache
def _tables() -> tuple[type[models.Model], ...]:
    """Of both rooms, in an order in which rows can be written: a reference to a later table is a link back."""
    left = [model for room in _IN_ROOMS for model in apps.get_app_config(room).get_models(include_auto_created=True)]
    left = [model for model in left if model._meta.managed and not model._meta.proxy]
    found = []
    while left:
        ready = [model for model in left if not (_referred(model) & set(left)) - {model}]
        for model in ready or left[:1]:
            left.remove(model)
            found.append(model)
    return tuple(found)


def _hanging_on(
    table: type[models.Model], found: dict[type[models.Model], dict[Any, models.Model]]
) -> list[models.Model]:
    wanted = models.Q()
    for field in references(table):
        if keys := list(found.get(field.related_model, ())):
            wanted |= models.Q(**{f"{field.name}__in": keys})
    return list(table._base_manager.filter(wanted)) if wanted else []
