"""The shipped reference data for tests: loaded once by the real loader, then put back as rows, ten times as quick."""

import time as clock
from dataclasses import dataclass, replace
from datetime import time

from django.core.cache import cache
from django.db import connection, transaction

from cases.queries import remembered
from cases.queries.remembered import forget_reference
from intake.queries import forget_reference_data, reference
from seeds.reference import load_reference

SEQUENCES_FROM = 100_000  # what a test adds gets larger numbers than the rows put back


@dataclass(frozen=True, slots=True)
class _Table:
    name: str
    columns: tuple[str, ...]
    rows: tuple[tuple[object, ...], ...]

    def put_back(self) -> None:
        quote = connection.ops.quote_name
        columns = ", ".join(map(quote, self.columns))
        places = ", ".join(["%s"] * len(self.columns))
        with connection.cursor() as cursor:
            cursor.executemany(f"INSERT INTO {quote(self.name)} ({columns}) VALUES ({places})", self.rows)


_loaded: list[_Table] = []


def put_reference() -> None:
    """As `load_reference` on an empty database."""
    if not _loaded:
        load_reference()
        _loaded.extend(filter(lambda table: table.rows, map(_read, _tables())))
        _raise_sequences()
        return
    with transaction.atomic():  # foreign keys are looked at when it ends
        for table in _loaded:
            table.put_back()
    cache.clear()
    forget_reference_data()
    forget_reference()
    _remember()


_shipped: dict[object, object] = {}


def _remember() -> None:
    """What every process remembers of these rows after a minute's work, read once for all tests. A test that changes
    such rows in its own process says so with `forget_…`, as the site does."""
    for kept in remembered._all:
        if kept not in _shipped:
            _shipped[kept] = kept()
        kept._kept = (clock.monotonic(), _shipped[kept])
    if reference not in _shipped:
        _shipped[reference] = reference.reference_data()
    reference._kept = replace(_shipped[reference], read_at=clock.monotonic())  # type: ignore[type-var]


def _tables() -> list[str]:
    names = connection.introspection.table_names()
    return [name for name in names if name.startswith(("intake_", "cases_"))]


def _read(name: str) -> _Table:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {connection.ops.quote_name(name)}")
        columns = tuple(column[0] for column in cursor.description)
        return _Table(name, columns, tuple(tuple(map(_storable, row)) for row in cursor.fetchall()))


def _storable(value: object) -> object:
    """SQLite's driver gives times of day, which it does not take."""
    return value.isoformat() if isinstance(value, time) else value


def _raise_sequences() -> None:
    """Rows that are put back carry their numbers; PostgreSQL's sequences would not know of them."""
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        for table in _loaded:
            for sequence in connection.introspection.get_sequences(cursor, table.name):
                cursor.execute(
                    "SELECT setval(pg_get_serial_sequence(%s, %s), %s)",
                    [table.name, sequence["column"], SEQUENCES_FROM],
                )
