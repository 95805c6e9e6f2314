"""A connection that the server has closed is never handed to a request, and looking at one asks the server nothing."""

import time
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from django.db import connection
from psycopg_pool import ConnectionPool

from cases.conf.postgresql import base
from cases.conf.postgresql.base import is_there

pytestmark = [pytest.mark.postgres, pytest.mark.django_db]


@pytest.fixture
def pool() -> Iterator[ConnectionPool[psycopg.Connection[Any]]]:
    """One connection, made as Django's are, looked at as the site's are."""
    kwargs = {**connection.get_connection_params(), "autocommit": True}
    with ConnectionPool(kwargs=kwargs, min_size=1, max_size=1, check=is_there, timeout=10) as made:
        yield made


def process_of(pool: ConnectionPool[Any]) -> int:
    with pool.connection() as borrowed:
        return int(borrowed.execute("SELECT pg_backend_pid()").fetchone()[0])


def ended_by_the_server(process: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [process])  # waits until it has ended
        assert cursor.fetchone()[0]


def test_the_sites_own_pool_looks_this_way() -> None:
    assert connection.pool is not None
    assert connection.pool._check is is_there


def test_a_connection_that_the_server_closed_is_replaced(pool: ConnectionPool[Any]) -> None:
    first = process_of(pool)
    ended_by_the_server(first)
    assert process_of(pool) != first


def test_a_healthy_connection_is_not_asked_again_at_once(
    pool: ConnectionPool[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    first = process_of(pool)

    def asked(checked: object) -> None:
        raise AssertionError("the server was asked")

    monkeypatch.setattr(ConnectionPool, "check_connection", staticmethod(asked))
    assert process_of(pool) == first


def test_a_connection_that_rested_is_asked(pool: ConnectionPool[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """A line that died in silence looks healthy from this end."""
    process_of(pool)
    asked: list[object] = []
    monkeypatch.setattr(ConnectionPool, "check_connection", staticmethod(asked.append))
    monkeypatch.setattr(base, "ASK_AGAIN", -1.0)
    process_of(pool)
    assert len(asked) == 1


def test_a_notice_is_no_good_bye(pool: ConnectionPool[Any]) -> None:
    """Something waits to be read, so the server is asked; it answers, and the connection stays."""
    with pool.connection() as borrowed:
        first = int(borrowed.execute("SELECT pg_backend_pid()").fetchone()[0])
        borrowed.execute("LISTEN korpu_test")
    with connection.cursor() as cursor:
        cursor.execute("COMMIT")  # a notification travels at commit; the test's own transaction has nothing to keep
        cursor.execute("NOTIFY korpu_test")
        cursor.execute("BEGIN")
    time.sleep(0.1)
    assert process_of(pool) == first
