"""A connection that the server has closed is never used by a request, and looking at one asks the server nothing."""

import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, connection, connections
from django.db.utils import OperationalError

from cases.conf.postgresql import base
from cases.conf.postgresql.base import DatabaseWrapper
from intake.actions.drafts import _found

pytestmark = [pytest.mark.postgres, pytest.mark.django_db]


@pytest.fixture
def kept() -> Iterator[DatabaseWrapper]:
    """A second connection, made and kept as the site's threads make and keep theirs."""
    made: Any = connections.create_connection("default")
    made.close_if_unusable_or_obsolete()
    assert isinstance(made, DatabaseWrapper)
    yield made
    made.close()


def process_of(kept: DatabaseWrapper) -> int:
    """As a request's first statement sees it."""
    kept.close_if_unusable_or_obsolete()  # what Django does at the beginning and at the end of each request
    with kept.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return int(cursor.fetchone()[0])


def ended_by_the_server(process: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [process])  # waits until it has ended
        assert cursor.fetchone()[0]


def test_a_connection_is_kept_between_requests(kept: DatabaseWrapper) -> None:
    assert kept.settings_dict["CONN_MAX_AGE"] is None
    assert process_of(kept) == process_of(kept)
    for signal in (request_started, request_finished):
        assert close_old_connections in [receiver() for _, receiver, *_ in signal.receivers]


def test_a_connection_that_the_server_closed_is_replaced(kept: DatabaseWrapper) -> None:
    first = process_of(kept)
    ended_by_the_server(first)
    assert process_of(kept) != first


def test_statements_that_are_compiled_once_look_first_too(kept: DatabaseWrapper, monkeypatch: Any) -> None:
    first = process_of(kept)
    ended_by_the_server(first)
    kept.close_if_unusable_or_obsolete()
    monkeypatch.setattr("intake.compiled.reading.this_database", lambda: kept)
    assert _found(token=b"nobody's") == []


def test_a_healthy_connection_is_not_asked_again_at_once(kept: DatabaseWrapper, monkeypatch: Any) -> None:
    first = process_of(kept)

    def asked(*_arguments: object) -> bool:
        raise AssertionError("the server was asked")

    monkeypatch.setattr(base.base.DatabaseWrapper, "is_usable", asked)
    assert process_of(kept) == first


def asked_of(monkeypatch: Any) -> list[object]:
    asked: list[object] = []

    def ask(kept: object) -> bool:
        asked.append(kept)
        return True

    monkeypatch.setattr(base.base.DatabaseWrapper, "is_usable", ask)
    return asked


def test_a_connection_that_rested_is_asked(kept: DatabaseWrapper, monkeypatch: Any) -> None:
    """A line that died in silence looks healthy from this end."""
    process_of(kept)
    asked = asked_of(monkeypatch)
    monkeypatch.setattr(base, "ASK_AGAIN", -1.0)
    process_of(kept)
    assert asked == [kept]


def test_after_an_error_the_server_is_asked(kept: DatabaseWrapper, monkeypatch: Any) -> None:
    process_of(kept)
    with pytest.raises(OperationalError), kept.cursor() as cursor:
        cursor.execute("SET statement_timeout = 1; SELECT pg_sleep(1)")
    asked = asked_of(monkeypatch)
    kept.close_if_unusable_or_obsolete()
    assert asked == [kept]


def test_a_notice_is_no_good_bye(kept: DatabaseWrapper) -> None:
    """Something waits to be read, so the server is asked; it answers, and the connection stays."""
    first = process_of(kept)
    with kept.cursor() as cursor:
        cursor.execute("LISTEN korpu_test")
    with connection.cursor() as cursor:
        cursor.execute("COMMIT")  # a notification travels at commit; the test's own transaction has nothing to keep
        cursor.execute("NOTIFY korpu_test")
        cursor.execute("BEGIN")
    time.sleep(0.1)
    assert process_of(kept) == first
