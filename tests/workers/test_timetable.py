"""The timetable and the tasks behind it."""

import logging
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from celery.signals import task_postrun, task_prerun
from django.db import connections

from workers.alone import alone
from workers.celery import WithoutException, app
from workers.clock import Clock


@pytest.fixture(scope="module", autouse=True)
def _tasks() -> None:
    app.loader.import_default_modules()


def test_every_entry_names_a_task_and_ends_with_its_interval() -> None:
    for entry in app.conf.beat_schedule.values():
        assert entry["task"] in app.tasks
        schedule = entry["schedule"]
        seconds = schedule.total_seconds() if isinstance(schedule, timedelta) else 24 * 3600
        assert entry["options"]["expires"] == seconds


def test_every_task_of_ours_is_in_the_timetable() -> None:
    ours = {name for name in app.tasks if name.startswith("korpu.")}
    assert ours == {entry["task"] for entry in app.conf.beat_schedule.values()}


def test_messages_are_json_late_acknowledged_and_without_results() -> None:
    conf = app.conf
    assert (conf.task_acks_late, conf.task_ignore_result, conf.result_backend) == (True, True, None)
    assert (conf.task_serializer, conf.accept_content, conf.timezone) == ("json", ["json"], "UTC")


@pytest.mark.django_db
def test_every_task_may_run_twice_with_nothing_to_do() -> None:
    for name in sorted(name for name in app.tasks if name.startswith("korpu.")):
        for _ in range(2):
            assert app.tasks[name]() is None


def test_a_job_that_runs_is_not_run_beside_itself() -> None:
    runs: list[int] = []

    def job() -> None:
        runs.append(1)
        if len(runs) == 1:
            again()

    again = alone(job)
    again()
    assert runs == [1]
    again()
    assert runs == [1, 1]


def test_a_job_that_failed_can_run_again() -> None:
    def fail() -> None:
        raise RuntimeError

    job = alone(fail)
    for _ in range(2):
        with pytest.raises(RuntimeError):
            job()


def test_what_an_exception_says_is_not_logged() -> None:
    record = logging.LogRecord("celery.app.trace", logging.ERROR, "x.py", 1, "Task raised: %(exc)s", None, None)
    record.args = {"exc": "ValueError('Aysel Canary')"}
    record.data = {"name": "korpu.route_cases", "exc": "ValueError('Aysel Canary')"}
    record.exc_info = (ValueError, ValueError("Aysel Canary"), None)
    assert WithoutException().filter(record)
    assert record.getMessage() == "task korpu.route_cases failed"


def test_a_clock_that_was_set_back_does_not_rest(tmp_path: Path, monkeypatch: Any) -> None:
    wall = [datetime(2026, 11, 24, 8, 0, tzinfo=UTC)]
    monkeypatch.setattr(app, "now", lambda: wall[0])
    monkeypatch.setattr("workers.clock.time.time", lambda: wall[0].timestamp())
    monkeypatch.setattr("workers.clock.time.monotonic", lambda: 0.0)
    clock = Clock(app, schedule_filename=str(tmp_path / "clock"))
    sent: list[str] = []
    monkeypatch.setattr(clock, "apply_entry", lambda entry, producer=None: sent.append(entry.name))

    def ticks() -> None:
        while clock.tick() == 0:
            pass

    wall[0] += timedelta(seconds=1.5)
    ticks()
    assert "korpu.send_outbox" in sent
    wall[0] -= timedelta(hours=1)
    ticks()
    sent.clear()
    wall[0] += timedelta(seconds=1.5)
    ticks()
    assert "korpu.send_outbox" in sent, "else it would have rested for an hour"
    clock.close()


def test_the_thread_keeps_its_connection_and_has_it_looked_at(db: None, monkeypatch: Any) -> None:
    """Celery's Django fixup would close it before and after each task; ours does what a request does instead."""
    fixup = app.fixups and __import__("celery.fixups.django", fromlist=["DjangoWorkerFixup"]).DjangoWorkerFixup(app)
    assert fixup, "DJANGO_SETTINGS_MODULE is set before the app is made"
    done: list[str] = []
    connection = connections["default"]
    monkeypatch.setattr(connection, "close", lambda: done.append("closed"))
    monkeypatch.setattr("workers.celery.close_old_connections", lambda: done.append("looked at"))
    task = app.tasks["korpu.send_outbox"]
    for signal, also in ((task_prerun, fixup.on_task_prerun), (task_postrun, fixup.on_task_postrun)):
        also(sender=task)
        signal.send(sender=task)
    assert done == ["looked at", "looked at"]


def test_a_broker_that_is_away_is_one_line_not_a_flood(tmp_path: Path, monkeypatch: Any, caplog: Any) -> None:
    clock = Clock(app, schedule_filename=str(tmp_path / "clock"))

    def fail(*args: Any, **kwargs: Any) -> None:
        raise ConnectionError("redis://user:secret@host")

    monkeypatch.setattr(clock, "apply_async", fail)
    for entry in clock.schedule.values():
        clock.apply_entry(entry)
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert "secret" not in caplog.text
    clock.close()
