"""A queryset compiled once, with gaps for its values."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import QuerySet

Value = str | int | bytes | datetime | UUID


class Statement(ABC):
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


def _prepared(value: Value, database: BaseDatabaseWrapper) -> Any:
    if isinstance(value, datetime):
        return database.ops.adapt_datetimefield_value(value)
    if isinstance(value, UUID) and not database.features.has_native_uuid_field:
        return value.hex
    return value
