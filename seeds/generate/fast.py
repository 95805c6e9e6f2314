"""For a million cases on PostgreSQL: indexes that guard nothing are built at the end, foreign keys not looked up.

What is cast is the same as without; so what the checks would say is known from a smaller run. The append-only triggers
stay on (they are ALWAYS). Needs a superuser of the database. The definitions of dropped indexes lie in a table until
they are built again, so that a run that is killed costs nothing but time: the next one begins by building them.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

from django.db import connection, transaction

_KEPT = "seeds_dropped_index"
_TABLES = ("intake\\_%", "cases\\_%")
# Where the server was built with it.
_QUICK_COMPRESSION = (
    "SELECT set_config(name, 'lz4', true) FROM pg_settings"
    " WHERE name = 'default_toast_compression' AND 'lz4' = ANY(enumvals)"
)
Say = Callable[[str], None]


def is_possible() -> bool:
    """Whether this role may leave foreign keys unchecked."""
    if connection.vendor != "postgresql":
        return False
    return bool(_rows("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")[0][0])


def unchecked() -> None:
    """To the end of this transaction: no look-up of foreign keys, no wait for the disk at its end, quick compression.

    A batch that a crash of the server took away was never there: the next run with this seed makes it again.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("SET LOCAL synchronous_commit = off")
        cursor.execute(_QUICK_COMPRESSION)


@contextmanager
def without_indexes(say: Say, jobs: int = 1) -> Iterator[None]:
    _drop()
    try:
        yield
    finally:
        build_again(say, jobs)


def build_again(say: Say, jobs: int = 1) -> None:
    """Every index that was dropped and is not there, so many at once; nothing where none was."""
    if connection.vendor != "postgresql" or not _rows("SELECT to_regclass(%s) IS NOT NULL", [_KEPT])[0][0]:
        return
    kept = _rows(f"SELECT name, definition FROM {_KEPT} ORDER BY name")  # noqa: S608
    if kept:
        say(f"building {len(kept)} indexes …")
    with ThreadPoolExecutor(jobs) as pool:
        for built in [pool.submit(_build, name, definition) for name, definition in kept]:
            built.result()
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE {_KEPT}")


def _build(name: str, definition: str) -> None:
    """In a thread, which has a connection of its own."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL maintenance_work_mem = '512MB'")
            cursor.execute("SET LOCAL synchronous_commit = off")
            cursor.execute(f'DROP INDEX IF EXISTS "{name}"')
            cursor.execute(definition)
            cursor.execute(f"DELETE FROM {_KEPT} WHERE name = %s", [name])  # noqa: S608
    finally:
        connection.close()


@transaction.atomic
def _drop() -> None:
    """All but those of constraints and unique ones: what may not be there twice is still refused."""
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE {_KEPT} (name text PRIMARY KEY, definition text NOT NULL)")
        cursor.execute(
            f"INSERT INTO {_KEPT} SELECT c.relname, pg_get_indexdef(i.indexrelid) FROM pg_index i"  # noqa: S608
            " JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_class t ON t.oid = i.indrelid"
            " WHERE NOT i.indisunique AND (t.relname LIKE %s OR t.relname LIKE %s)"
            " AND t.relnamespace = current_schema()::regnamespace"
            " AND NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conindid = i.indexrelid)",
            list(_TABLES),
        )
        cursor.execute(f"SELECT name FROM {_KEPT}")  # noqa: S608
        for (name,) in cursor.fetchall():
            cursor.execute(f'DROP INDEX "{name}"')


def _rows(sql: str, parameters: list[Any] | None = None) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return list(cursor.fetchall())
