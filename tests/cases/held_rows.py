"""A row that somebody else has locked, and a connection that does not wait long for it (PostgreSQL)."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread

from django.db import connection, transaction
from django.db.models import Model


@contextmanager
def held(row: Model) -> Iterator[None]:
    """By somebody else, who takes their time."""
    has_it, release = Event(), Event()

    def hold() -> None:
        with transaction.atomic():
            type(row)._base_manager.select_for_update(no_key=True).get(pk=row.pk)
            has_it.set()
            release.wait(60)
        connection.close()

    thread = Thread(target=hold)
    thread.start()
    try:
        assert has_it.wait(30)
        yield
    finally:
        release.set()
        thread.join()


@contextmanager
def impatient(patience: str = "2s") -> Iterator[None]:
    """Who waits fails, and says so."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('lock_timeout', %s, false)", [patience])
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("RESET lock_timeout")
