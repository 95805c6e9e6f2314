"""Statements of the busiest path: Django compiles each of them once in a process, then only the values change.

A report costs a dozen statements. Building and compiling the same SQL anew took half of its time. Knows no table of
ours, and writes no SQL of its own.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from threading import local
from typing import Any, Generic, TypeVar
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, connections, transaction
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
from django.db.models.query import get_related_populators
from django.db.models.sql import InsertQuery, UpdateQuery
from django.db.models.sql.compiler import SQLInsertCompiler

MOST_ROWS = 20  # of one INSERT that is kept compiled; each number of rows has an SQL text of its own

_kept = local()

M = TypeVar("M", bound=Model)
Value = str | int | bytes | datetime | UUID


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
        database = _database()
        shape = (database.vendor, len(rows))
        compiled = self._compiled.get(shape) or self._compile(rows, database)
        if len(rows) <= MOST_ROWS:
            self._compiled[shape] = compiled
        with transaction.mark_for_rollback_on_error(database.alias):
            cursor = _cursor(database)
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


def _database() -> BaseDatabaseWrapper:
    """This thread's connection. Asked for once a statement: the usual proxy looks it up at each use."""
    return connections[DEFAULT_DB_ALIAS]


def _cursor(database: BaseDatabaseWrapper) -> Any:
    """This thread's cursor, the same for all statements while it holds the connection: a new one has to find out
    anew how each type of value is written."""
    database.close_if_health_check_failed()
    database.ensure_connection()
    database.validate_thread_sharing()
    kept = getattr(_kept, "cursor", None)
    if kept is None or kept.connection is not database.connection or getattr(kept, "closed", False):
        kept = _kept.cursor = database.create_cursor()
    return database.make_debug_cursor(kept) if database.queries_logged else database.make_cursor(kept)


class _Statement(ABC):
    """A compiled queryset with gaps. `build` makes it from named values; each name comes with two samples, by which
    its places among the parameters are found."""

    def __init__(self, build: Callable[..., QuerySet[Any]], **samples: tuple[Value, Value]) -> None:
        self._build = build
        self._samples = samples
        self._compiled: dict[str, tuple[str, list[Any], list[tuple[int, str]], Any]] = {}

    def _filled(self, values: Mapping[str, Value], database: BaseDatabaseWrapper) -> tuple[str, list[Any], Any]:
        compiled = self._compiled.get(database.vendor)
        if compiled is None:
            compiled = self._compiled[database.vendor] = self._compile(database)
        sql, constants, places, more = compiled
        parameters = constants.copy()
        for place, name in places:
            parameters[place] = _prepared(values[name], database)
        return sql, parameters, more

    def _compile(self, database: BaseDatabaseWrapper) -> tuple[str, list[Any], list[tuple[int, str]], Any]:
        first = {name: one for name, (one, _) in self._samples.items()}
        sql, parameters, more = self._sql(first, database)
        places = []
        for name, (_, other) in self._samples.items():
            changed = self._sql({**first, name: other}, database)[1]
            found = [place for place, value in enumerate(changed) if value != parameters[place]]
            if not found:
                raise ValueError(f"{name} is no parameter of the statement")
            places += [(place, name) for place in found]
        return sql, list(parameters), places, more

    @abstractmethod
    def _sql(self, values: Mapping[str, Any], database: BaseDatabaseWrapper) -> tuple[str, Sequence[Any], Any]:
        """The statement, its parameters, and what its rows need."""


class Read(_Statement):
    """SELECT: `build` gives a `values_list` queryset."""

    def __call__(self, **values: Value) -> list[tuple[Any, ...]]:
        sql, parameters, converters = self._filled(values, database := _database())
        cursor = _cursor(database)
        cursor.execute(sql, parameters)
        found = cursor.fetchall()
        return [_converted(row, converters, database) for row in found]

    def _sql(self, values: Mapping[str, Any], database: BaseDatabaseWrapper) -> tuple[str, Sequence[Any], Any]:
        compiler = self._build(**values).query.get_compiler(connection=database)
        sql, parameters = compiler.as_sql()
        return sql, parameters, compiler.get_converters([column for column, _, _ in compiler.select])


class Rows(_Statement, Generic[M]):
    """SELECT of whole rows: `build` gives a queryset, also with select_related, defer, annotations and locks.

    Raises TransactionManagementError for a lock outside a transaction.
    """

    def __init__(self, build: Callable[..., QuerySet[M]], **samples: tuple[Value, Value]) -> None:
        super().__init__(build, **samples)

    def __call__(self, **values: Value) -> list[M]:
        sql, parameters, shape = self._filled(values, database := _database())
        if shape.is_locking and database.features.has_select_for_update and database.get_autocommit():
            raise transaction.TransactionManagementError("a row can be locked only inside a transaction")
        cursor = _cursor(database)
        cursor.execute(sql, parameters)
        found = cursor.fetchall()
        return [shape.object_of(_converted(row, shape.converters, database)) for row in found]

    def first(self, **values: Value) -> M | None:
        found = self(**values)
        return found[0] if found else None

    def _sql(self, values: Mapping[str, Any], database: BaseDatabaseWrapper) -> tuple[str, Sequence[Any], Any]:
        query = self._build(**values).query
        compiler = query.get_compiler(connection=database)
        sql, parameters = compiler.as_sql()
        return sql, parameters, _Shape.of(compiler, database)


@dataclass(frozen=True, slots=True)
class _Shape(Generic[M]):
    """How a row becomes an object and those related to it, as Django's own ModelIterable makes them."""

    model: type[M]
    names: Sequence[str]
    columns: slice
    related: Sequence[Any]
    annotations: Mapping[str, int]
    converters: Mapping[int, Any]
    is_locking: bool
    alias: str

    @classmethod
    def of(cls, compiler: Any, database: BaseDatabaseWrapper) -> "_Shape[M]":
        chosen = compiler.klass_info["select_fields"]
        columns = slice(chosen[0], chosen[-1] + 1)
        return cls(
            compiler.klass_info["model"],
            [field.target.attname for field, _, _ in compiler.select[columns]],
            columns,
            get_related_populators(compiler.klass_info, compiler.select, database.alias),  # type: ignore[call-arg]
            compiler.annotation_col_map or {},
            compiler.get_converters([column for column, _, _ in compiler.select]),
            bool(compiler.query.select_for_update),
            database.alias,
        )

    def object_of(self, row: Sequence[Any]) -> M:
        made = self.model.from_db(self.alias, self.names, row[self.columns])
        for one in self.related:
            one.populate(row, made)
        for name, place in self.annotations.items():
            setattr(made, name, row[place])
        return made


class Update(_Statement):
    """UPDATE: `build` gives the queryset and `sets` names which field takes which value. Returns how many rows."""

    def __init__(
        self, build: Callable[..., QuerySet[Any]], *, sets: Mapping[str, str], **samples: tuple[Value, Value]
    ) -> None:
        super().__init__(build, **samples)
        self._sets = sets

    def __call__(self, **values: Value) -> int:
        sql, parameters, _ = self._filled(values, database := _database())
        with transaction.mark_for_rollback_on_error(database.alias):
            cursor = _cursor(database)
            cursor.execute(sql, parameters)
            return int(cursor.rowcount)

    def _sql(self, values: Mapping[str, Any], database: BaseDatabaseWrapper) -> tuple[str, Sequence[Any], Any]:
        needed = {name: value for name, value in values.items() if name not in self._sets.values()}
        query: Any = self._build(**needed).query.chain(UpdateQuery)
        query.add_update_values({field: values[name] for field, name in self._sets.items()})
        return *query.get_compiler(connection=database).as_sql(), None


def _prepared(value: Value, database: BaseDatabaseWrapper) -> Any:
    if isinstance(value, datetime):
        return database.ops.adapt_datetimefield_value(value)
    if isinstance(value, UUID) and not database.features.has_native_uuid_field:
        return value.hex
    return value


def _converted(row: Sequence[Any], converters: Mapping[int, Any], database: BaseDatabaseWrapper) -> tuple[Any, ...]:
    values = list(row)
    for place, (functions, expression) in converters.items():
        for function in functions:
            values[place] = function(values[place], expression, database)
    return tuple(values)
