"""INSERT of whole rows, and UPDATE."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from typing import Any, Generic, TypeVar
from uuid import UUID

from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import (
    AutoField,
    BooleanField,
    CharField,
    DateTimeField,
    IntegerField,
    Model,
    QuerySet,
    TextField,
    UUIDField,
)
from django.db.models.constants import OnConflict
from django.db.models.sql import InsertQuery, UpdateQuery
from django.db.models.sql.compiler import SQLInsertCompiler

from .connection import cursor_of, this_database
from .statement import Statement, Value

MOST_ROWS = 20  # of one INSERT that is kept compiled; each number of rows has an SQL text of its own

M = TypeVar("M", bound=Model)


@dataclass(frozen=True, slots=True)
class _Column:
    """One field. Values of the types in `as_they_are` need no preparing for this database: most do not."""

    field: Any
    as_they_are: frozenset[type]

    def of(self, row: Model, database: BaseDatabaseWrapper) -> Any:
        return self.field.get_db_prep_save(self.field.pre_save(row, True), database)


@dataclass(frozen=True, slots=True)
class _Rows:
    """A compiled INSERT of some number of rows."""

    sql: str
    columns: Sequence[_Column]
    read: Callable[[Model], Sequence[Any]]
    returns_number: bool

    def parameters(self, rows: Sequence[Model], database: BaseDatabaseWrapper) -> list[Any]:
        return [
            value if type(value) in column.as_they_are else column.of(row, database)
            for row in rows
            for value, column in zip(self.read(row), self.columns, strict=True)
        ]


class Insert(Generic[M]):
    """INSERT of whole rows, as `save(force_insert=True)` and `bulk_create` write it; without their signals.

    `replaces` names the fields that are written over where the primary key is there already. A single row gets the
    number that the database gave it; several do not.
    """

    def __init__(self, model: type[M], *, replaces: Sequence[str] = ()) -> None:
        self._model = model
        self._replaces = replaces
        self._compiled: dict[tuple[str, int], _Rows] = {}

    def __call__(self, rows: Sequence[M]) -> None:
        if not rows:
            return
        database = this_database()
        shape = (database.vendor, len(rows))
        compiled = self._compiled.get(shape) or self._compile(rows, database)
        if len(rows) <= MOST_ROWS:
            self._compiled[shape] = compiled
        with transaction.mark_for_rollback_on_error(database.alias):
            cursor = cursor_of(database)
            cursor.execute(compiled.sql, compiled.parameters(rows, database))
            if compiled.returns_number:
                rows[0].pk = cursor.fetchone()[0]
        for row in rows:
            row._state.adding, row._state.db = False, database.alias

    def _compile(self, rows: Sequence[M], database: BaseDatabaseWrapper) -> _Rows:
        meta = self._model._meta
        fields = [field for field in meta.concrete_fields if not isinstance(field, AutoField)]
        query = InsertQuery(
            self._model,
            on_conflict=OnConflict.UPDATE if self._replaces else None,
            update_fields=[meta.get_field(name) for name in self._replaces],
            unique_fields=[meta.pk] if self._replaces else [],
        )
        query.insert_values(fields, list(rows))
        # Not PostgreSQL's own compiler: its arrays for UNNEST take longer to fill than a few rows of VALUES.
        compiler = SQLInsertCompiler(query, database, database.alias)
        returning = [meta.pk] if isinstance(meta.pk, AutoField) and len(rows) == 1 else []
        compiler.returning_fields = returning
        [(sql, _)] = compiler.as_sql()
        columns = [_Column(field, _as_they_are(field, database.vendor)) for field in fields]
        read = attrgetter(*(field.attname for field in fields))
        return _Rows(sql, columns, read, bool(returning))


def _as_they_are(field: Any, vendor: str) -> frozenset[type]:
    """Types of values that the field's own preparing gives back unchanged."""
    if getattr(field, "auto_now", False) or getattr(field, "auto_now_add", False):
        return frozenset()
    kind = field.target_field if field.is_relation else field
    found: set[type] = {type(None)}
    for kinds, type_of_value in ((CharField, TextField), str), (IntegerField, int), (BooleanField, bool):
        if isinstance(kind, kinds):
            found.add(type_of_value)
    if vendor == "postgresql":
        found |= {UUID} if isinstance(kind, UUIDField) else {datetime} if isinstance(kind, DateTimeField) else set()
    return frozenset(found)


class Update(Statement):
    """UPDATE: `build` gives the queryset and `sets` names which field takes which value. Returns how many rows."""

    def __init__(
        self, build: Callable[..., QuerySet[Any]], *, sets: Mapping[str, str], **samples: tuple[Value, Value]
    ) -> None:
        super().__init__(build, **samples)
        self._sets = sets

    def __call__(self, **values: Value) -> int:
        sql, parameters, _ = self._filled(values, database := this_database())
        with transaction.mark_for_rollback_on_error(database.alias):
            cursor = cursor_of(database)
            cursor.execute(sql, parameters)
            return int(cursor.rowcount)

    def _sql(self, values: Mapping[str, Any], database: BaseDatabaseWrapper) -> tuple[str, Sequence[Any], Any]:
        needed = {name: value for name, value in values.items() if name not in self._sets.values()}
        query: Any = self._build(**needed).query.chain(UpdateQuery)
        query.add_update_values({field: values[name] for field, name in self._sets.items()})
        return *query.get_compiler(connection=database).as_sql(), None
