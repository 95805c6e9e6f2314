"""The one thread that wakes the workers."""

import itertools
import logging
import os
import threading
import time
from datetime import datetime
from typing import Any

import pytest
from django.db import transaction

from cases.actions.notify import announce
from cases.signals import outbox_written
from workers import wake
from workers.celery import app
from workers.wake import PAUSE, Publisher, Waker


def wait_until(what: Any, seconds: float = 5) -> bool:
    """Looks often; no sleep of a fixed length decides anything."""
    until = time.monotonic() + seconds
    ticks = threading.Event()
    while not what() and time.monotonic() < until:
        ticks.wait(0.002)
    return bool(what())


def test_a_flag_becomes_a_wake_up() -> None:
    published: list[float] = []
    Waker(lambda: published.append(time.monotonic())).want()
    assert wait_until(lambda: published)


def test_there_is_at_most_one_wake_up_in_twenty_milliseconds() -> None:
    published: list[float] = []
    waker = Waker(lambda: published.append(time.monotonic()))
    until = time.monotonic() + 0.3
    while time.monotonic() < until:
        waker.want()
    assert 2 <= len(published) <= 0.3 / PAUSE + 2
    assert all(later - earlier >= PAUSE * 0.95 for earlier, later in itertools.pairwise(published))


def test_what_is_written_while_one_is_published_gets_its_own() -> None:
    begun, go_on, published = threading.Event(), threading.Event(), []

    def publish() -> None:
        begun.set()
        go_on.wait(5)
        published.append(1)

    waker = Waker(publish)
    waker.want()
    begun.wait(5)
    waker.want()
    go_on.set()
    assert wait_until(lambda: len(published) == 2)


def test_a_broker_that_is_away_costs_the_one_who_acts_nothing(caplog: Any) -> None:
    def fail() -> None:
        raise ConnectionError("redis://user:secret@host")

    waker = Waker(fail)
    begun = time.monotonic()
    waker.want()
    assert time.monotonic() - begun < 0.5
    with caplog.at_level(logging.WARNING):
        assert wait_until(lambda: waker.failures == 1)
        assert wait_until(lambda: caplog.records)
    assert "secret" not in caplog.text


def test_only_the_first_flag_of_a_process_starts_a_thread() -> None:
    waker = Waker(lambda: None)
    before = threading.active_count()
    for _ in range(50):
        waker.want()
    assert threading.active_count() == before + 1


def test_a_forked_process_wakes_by_a_thread_of_its_own() -> None:
    """gunicorn forks: a child that trusted its parent's thread would never wake anybody."""
    parent = wake._waker
    parent.want()
    child = os.fork()
    if child == 0:
        fresh = wake._waker is not parent and wake._waker._thread is None
        os._exit(0 if fresh else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


@pytest.mark.django_db(transaction=True)
def test_the_signal_is_connected_and_comes_after_the_commit(monkeypatch: Any, now: datetime) -> None:
    wanted: list[bool] = []
    monkeypatch.setattr(wake._waker, "want", lambda **_: wanted.append(True))
    with transaction.atomic():
        announce()
        assert wanted == []
    assert wanted == [True]
    assert outbox_written.has_listeners()


def test_the_publisher_sends_the_wake_up_to_the_workers_queue(monkeypatch: Any) -> None:
    calls: list[Any] = []
    monkeypatch.setattr(app, "send_task", lambda name, **options: calls.append((name, options)))
    publish = Publisher()
    publish()
    publish()
    (name, options), (_, again) = calls
    assert (name, options["retry"], options["expires"]) == ("korpu.send_outbox", False, 1)
    assert options["connection"] is again["connection"], "one connection is kept"
    assert options["connection"].connect_timeout == 1


def test_a_connection_that_failed_is_thrown_away(monkeypatch: Any) -> None:
    used: list[Any] = []

    def fail(name: str, **options: Any) -> None:
        used.append(options["connection"])
        raise ConnectionError

    monkeypatch.setattr(app, "send_task", fail)
    publish = Publisher()
    for _ in range(2):
        with pytest.raises(ConnectionError):
            publish()
    assert used[0] is not used[1]
