"""SELECT, as values or as whole rows."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Model, QuerySet
from django.db.models.query import get_related_populators

from .connection import cursor_of, this_database
from .statement import Statement, Value

M = TypeVar("M", bound=Model)


class Read(Statement):
    """SELECT: `build` gives a `values_list` queryset."""

    def __call__(self, **values: Value) -> list[tuple[Any, ...]]:
        sql, parameters, converters = self._filled(values, database := this_database())
        cursor = cursor_of(database)
        cursor.execute(sql, parameters)
        found = cursor.fetchall()
        return [_converted(row, converters, database) for row in found]

    def _sql(self, values: Mapping[str, Any], database: BaseDatabaseWrapper) -> tuple[str, Sequence[Any], Any]:
        compiler = self._build(**values).query.get_compiler(connection=database)
        sql, parameters = compiler.as_sql()
        return sql, parameters, compiler.get_converters([column for column, _, _ in compiler.select])


class Rows(Statement, Generic[M]):
    """SELECT of whole rows: `build` gives a queryset, also with select_related, defer, annotations and locks.

    Raises TransactionManagementError for a lock outside a transaction.
    """

    def __init__(self, build: Callable[..., QuerySet[M]], **samples: tuple[Value, Value]) -> None:
        super().__init__(build, **samples)

    def __call__(self, **values: Value) -> list[M]:
        sql, parameters, shape = self._filled(values, database := this_database())
        if shape.is_locking and database.features.has_select_for_update and database.get_autocommit():
            raise transaction.TransactionManagementError("a row can be locked only inside a transaction")
        cursor = cursor_of(database)
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


def _converted(row: Sequence[Any], converters: Mapping[int, Any], database: BaseDatabaseWrapper) -> tuple[Any, ...]:
    values = list(row)
    for place, (functions, expression) in converters.items():
        for function in functions:
            values[place] = function(values[place], expression, database)
    return tuple(values)
