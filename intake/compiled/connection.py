"""This thread's connection and its one cursor."""

from threading import local
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper

_kept = local()


def this_database() -> BaseDatabaseWrapper:
    """This thread's connection. Asked for once a statement: the usual proxy looks it up at each use."""
    return connections[DEFAULT_DB_ALIAS]


def cursor_of(database: BaseDatabaseWrapper) -> Any:
    """This thread's cursor, the same for all statements while it holds the connection: a new one has to find out
    anew how each type of value is written."""
    database.close_if_health_check_failed()
    database.ensure_connection()
    database.validate_thread_sharing()
    kept = getattr(_kept, "cursor", None)
    if kept is None or kept.connection is not database.connection or getattr(kept, "closed", False):
        kept = _kept.cursor = database.create_cursor()
    return database.make_debug_cursor(kept) if database.queries_logged else database.make_cursor(kept)
