"""The database itself refuses to change or delete rows of these tables. Only who owns the tables can lift that.

Retention deletes access records after five years and deliveries change until they have an answer: a trigger that the
program had to lift for its daily work would be worth little. So this holds what no code of ours ever changes.
"""

from collections.abc import Iterable
from typing import Any

# table → its unique columns: SQLite's INSERT OR REPLACE deletes the row in the way without asking a DELETE trigger.
KEYS: dict[str, tuple[tuple[str, ...], ...]] = {
    "cases_timelineevent": (("id",), ("case_id", "sequence")),
    "cases_timelineanchor": (("day",),),
}
REFUSAL = "rows of {} are only added"

_FUNCTION = "korpu_only_added"
_BODY = " BEGIN RAISE EXCEPTION 'rows of % are only added', TG_TABLE_NAME USING ERRCODE = 'restrict_violation'; END "
_BEFORE_EACH_STATEMENT = 2 + 8 + 16 + 32  # PostgreSQL's tgtype: BEFORE, DELETE, UPDATE, TRUNCATE; not per row


def install(connection: Any, tables: Iterable[str] = tuple(KEYS)) -> None:
    """Triggers against UPDATE, DELETE and TRUNCATE. Running it again changes nothing; on both databases."""
    tables = tuple(tables)
    remove(connection, tables)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(f"CREATE OR REPLACE FUNCTION {_FUNCTION}() RETURNS trigger LANGUAGE plpgsql AS $${_BODY}$$")
        for table in tables:
            for sql in _triggers(connection.vendor, table).values():
                cursor.execute(sql)
            if connection.vendor == "postgresql":  # also where triggers rest, as in a session that applies replication
                cursor.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_only_added")


def remove(connection: Any, tables: Iterable[str] = tuple(KEYS)) -> None:
    """For the migration's way back, for the demo, whose days are moved, and for tests. Nothing else."""
    on_table = connection.vendor == "postgresql"
    with connection.cursor() as cursor:
        for table in tables:
            for name in _triggers(connection.vendor, table):
                cursor.execute(f"DROP TRIGGER IF EXISTS {name}" + (f" ON {table}" if on_table else ""))


def unguarded(connection: Any) -> list[str]:
    """Tables whose triggers are missing, switched off or not as `install` makes them."""
    is_guarded = _is_guarded_on_postgres if connection.vendor == "postgresql" else _is_guarded_on_sqlite
    with connection.cursor() as cursor:
        return [table for table in KEYS if not is_guarded(cursor, table)]


def changeable(connection: Any) -> list[str]:
    """Tables on which this role has a right that it does not need. SQLite knows no roles."""
    if connection.vendor != "postgresql":
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT name FROM unnest(%s::text[]) AS name"
            " WHERE has_table_privilege(name, 'DELETE, TRUNCATE') OR has_any_column_privilege(name, 'UPDATE')"
            " ORDER BY name",
            [list(KEYS)],
        )
        return [name for (name,) in cursor.fetchall()]


def _triggers(vendor: str, table: str) -> dict[str, str]:
    if vendor == "postgresql":
        name = f"{table}_only_added"
        return {
            name: f"CREATE TRIGGER {name} BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}"
            f" FOR EACH STATEMENT EXECUTE FUNCTION {_FUNCTION}()"
        }
    refuse = f"SELECT RAISE(ABORT, '{REFUSAL.format(table)}')"
    taken = " OR ".join(
        "EXISTS (SELECT 1 FROM {} WHERE {})".format(table, " AND ".join(f"{key} = NEW.{key}" for key in keys))  # noqa: S608
        for keys in KEYS[table]
    )
    return {
        f"{table}_no_update": f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} BEGIN {refuse}; END",
        f"{table}_no_delete": f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} BEGIN {refuse}; END",
        f"{table}_no_replace": f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} BEGIN {refuse}"
        f" WHERE {taken}; END",
    }


def _is_guarded_on_postgres(cursor: Any, table: str) -> bool:
    cursor.execute(
        "SELECT count(*) FROM pg_trigger JOIN pg_proc ON pg_proc.oid = tgfoid"
        " WHERE tgrelid = %s::regclass AND tgname = %s AND tgenabled = 'A' AND tgtype = %s AND tgqual IS NULL"
        " AND tgattr = '' AND proname = %s AND prosrc = %s",
        [table, f"{table}_only_added", _BEFORE_EACH_STATEMENT, _FUNCTION, _BODY],
    )
    return bool(cursor.fetchone()[0])


def _is_guarded_on_sqlite(cursor: Any, table: str) -> bool:
    cursor.execute("SELECT sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = %s", [table])
    return {sql for (sql,) in cursor.fetchall()} >= set(_triggers("sqlite", table).values())
