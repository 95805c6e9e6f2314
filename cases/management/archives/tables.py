"""Which tables are backed up, and their rows as they lie there: encrypted columns stay encrypted."""

import base64
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.apps import apps
from django.core.management.color import no_style
from django.db import connection
from django.db.models import BinaryField, ExpressionWrapper, F, Field, Model, Q

from intake.encryption import EncryptedField, SystemEncryptedTextField
from intake.models import Attachment, Draft, ReportKey

AT_ONCE = 500  # rows in memory
# Not in the data archive: keys have their own; the others must not come back. A restored session, token or sign-in
# attempt would let somebody in (or keep somebody out) by yesterday's right. Drafts promise to be gone after 24 hours.
_APPS_LEFT_OUT = frozenset({"sessions", "axes", "oauth2_provider"})
_LEFT_OUT = frozenset({"intake.ReportKey", "intake.Draft", "account.EmailConfirmation"})
# Made by `migrate` in every database: replaced by those of the archive, so that references to them stay right.
MADE_BY_MIGRATE = ("contenttypes.ContentType", "auth.Permission")
_RAW = (EncryptedField, SystemEncryptedTextField)

Row = list[Any]


def data_models() -> list[type[Model]]:
    """Every table of the data archive, in the order of their names. Foreign keys are checked at commit only."""
    every = apps.get_models(include_auto_created=True)
    kept = [m for m in every if m._meta.managed and not m._meta.proxy and not m._meta.swapped]
    ours = [m for m in kept if m._meta.app_label not in _APPS_LEFT_OUT and m._meta.label not in _LEFT_OUT]
    return sorted(ours, key=lambda model: model._meta.label)


def key_models() -> list[type[Model]]:
    return [ReportKey]


def columns(model: type[Model]) -> list[str]:
    return [field.attname for field in model._meta.concrete_fields]


def rows(model: type[Model]) -> Iterator[Row]:
    """In the order of the primary key, a few hundred in memory at a time."""
    wanted = [
        ExpressionWrapper(F(field.attname), output_field=BinaryField()) if isinstance(field, _RAW) else field.attname
        for field in model._meta.concrete_fields
    ]
    found = model._base_manager.filter(_only(model)).order_by("pk")
    for row in found.values_list(*wanted).iterator(chunk_size=AT_ONCE):
        yield [_encode(value, field) for value, field in zip(row, model._meta.concrete_fields, strict=True)]


def _only(model: type[Model]) -> Q:
    """Files of unsent drafts stay out with their drafts."""
    return Q(report__isnull=False) if model is Attachment else Q()


def insert(model: type[Model], encoded: Iterable[Row], names: Sequence[str]) -> int:
    """Inserts rows as they are, past every default and encryption; returns how many. In the caller's transaction."""
    fields = [_field(model, name) for name in names]
    quote = connection.ops.quote_name
    sql = "INSERT INTO {} ({}) VALUES ({})".format(  # noqa: S608 names of our own tables and columns
        quote(model._meta.db_table),
        ", ".join(quote(field.column or "") for field in fields),
        ", ".join(["%s"] * len(fields)),
    )
    total = 0
    with connection.cursor() as cursor:
        for some in _in_batches(encoded):
            cursor.executemany(sql, [[_to_db(v, f) for v, f in zip(row, fields, strict=True)] for row in some])
            total += len(some)
    return total


def _in_batches(encoded: Iterable[Row]) -> Iterator[list[Row]]:
    batch: list[Row] = []
    for row in encoded:
        batch.append(row)
        if len(batch) == AT_ONCE:
            yield batch
            batch = []
    if batch:
        yield batch


def empty_what_migrate_made() -> None:
    for label in reversed(MADE_BY_MIGRATE):
        apps.get_model(label)._base_manager.all().delete()


def not_empty() -> list[str]:
    """Tables that hold a row which `migrate` did not put there."""
    models: list[type[Model]] = [*data_models(), ReportKey, Draft]
    return [m._meta.label for m in models if m._meta.label not in MADE_BY_MIGRATE and m._base_manager.exists()]


def set_sequences() -> None:
    """The next row of each table gets a number that is free."""
    statements = connection.ops.sequence_reset_sql(no_style(), data_models())
    with connection.cursor() as cursor:
        for sql in statements:
            cursor.execute(sql)


def _field(model: type[Model], name: str) -> Any:
    return next(field for field in model._meta.concrete_fields if field.attname == name)


# --- values: JSON, with a tag where JSON has no such type -------------------------------------------------------------

_TAGS: dict[type, str] = {datetime: "t", date: "d", time: "h", UUID: "u", Decimal: "n"}
_READ: dict[str, Any] = {
    "t": datetime.fromisoformat,
    "d": date.fromisoformat,
    "h": time.fromisoformat,
    "u": UUID,
    "n": Decimal,
    "b": lambda text: base64.b64decode(text, validate=True),
    "j": lambda value: value,
}


def _encode(value: Any, field: "Field[Any, Any]") -> Any:
    if value is None:
        return None
    if isinstance(value, bytes | bytearray | memoryview):
        return {"b": base64.b64encode(bytes(value)).decode()}
    if field.get_internal_type() == "JSONField":
        return {"j": value}
    tag = _TAGS.get(type(value))
    if tag is None:
        return value
    return {tag: str(value) if tag in "un" else value.isoformat()}


def _to_db(value: Any, field: Any) -> Any:
    if isinstance(value, dict):
        ((tag, content),) = value.items()
        value = _READ[tag](content)
    if isinstance(field, _RAW):
        return None if value is None else connection.Database.Binary(value)  # type: ignore[attr-defined]
    return field.get_db_prep_save(value, connection=connection)
