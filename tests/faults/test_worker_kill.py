"""A worker is killed (-9) in mid-queue and started again: everything is delivered, and a repeat has the same id."""

import contextlib
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import psycopg
import pytest

from tests.journeys.system import ROOT, Hook, Post, free_port, run, wait_for

FULL = os.environ.get("KORPU_FAULTS") == "full"
MESSAGES, KILLS = (2000, 10) if FULL else (200, 1)
IN_FLIGHT = 8  # sends of one worker that are not yet recorded: so many at most are repeated after a kill

PREPARE = """
import django; django.setup()
from django.core.management import call_command
from django.utils import timezone
call_command("migrate", verbosity=0)
from cases.models import OutboxMessage
from intake.references import new_id
from tests.cases.routing_world import make_case, make_partner, make_reference, make_referral
from tests.workers import arrange
make_reference()
now = timezone.now()
referral = make_referral(make_case(), make_partner(), state="offered")
endpoint = arrange.endpoint(referral.partner, "http://127.0.0.1:{hook}/", now)
kinds = [arrange.to_partner(referral, now), arrange.to_partner(referral, now, endpoint=endpoint)]
rows = []
for number in range({count} - 2):
    row = kinds[number % 2]
    row.pk, row.dedupe_key, row._state.adding = new_id(), str(number), True
    rows.append(OutboxMessage(**{{field.attname: getattr(row, field.attname) for field in row._meta.fields}}))
OutboxMessage.objects.bulk_create(rows, batch_size=500)
"""
# What 120 seconds of waiting would do: the leases of the worker that was killed are over.
END_LEASES = "UPDATE cases_outboxmessage SET lease_until = '2020-01-01 00:00:00' WHERE state = 'in_flight'"
STATES = "SELECT state, count(*) FROM cases_outboxmessage GROUP BY state"
SUCCESSES = "SELECT count(*) FROM cases_delivery WHERE is_success"


@contextlib.contextmanager
def database() -> Iterator[str]:
    """On PostgreSQL a database of our own; empty: SQLite in the place's folder."""
    server = os.environ.get("DATABASE_URL", "")
    if not server:
        yield ""
        return
    name = f"korpu_kill_{os.getpid()}"
    with psycopg.connect(_libpq(server), autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    try:
        yield urlsplit(server)._replace(path=f"/{name}").geturl()
    finally:
        with psycopg.connect(_libpq(server), autocommit=True) as connection:
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def sql(place: dict[str, str], statement: str) -> list[tuple[Any, ...]]:
    url, file = place["DATABASE_URL"], Path(place["KORPU_VAR"]) / "korpu.sqlite3"
    opened: Any = psycopg.connect(_libpq(url)) if url else sqlite3.connect(file, timeout=20)
    with contextlib.closing(opened) as connection:
        cursor = connection.execute(statement)
        rows = cursor.fetchall() if cursor.description else []
        connection.commit()
    return rows


def _libpq(url: str) -> str:
    return url.replace("postgres://", "postgresql://")


def environment(var: Path, database_url: str, post: Post, hook: Hook) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("KORPU_", "PYTEST"))}
    return kept | {
        "DJANGO_SETTINGS_MODULE": "cases.conf.settings",
        "KORPU_TESTING": "1",
        "KORPU_VAR": str(var),
        "KORPU_CACHE_PREFIX": f"kill-{uuid4().hex}",
        "KORPU_LOG_LEVEL": "WARNING",
        "KORPU_WEBHOOK_ALLOWED_HOSTS": f"127.0.0.1:{hook.port}",
        "EMAIL_URL": f"smtp://127.0.0.1:{post.controller.port}",
        "PORT": str(free_port()),
        "DATABASE_URL": database_url,
        "REDIS_URL": os.environ.get("REDIS_URL", "") if database_url else "",
        "CELERY_SKIP_CHECKS": "1",
    }


@contextlib.contextmanager
def celery(place: dict[str, str], *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    name = arguments[0]
    with (Path(place["KORPU_VAR"]) / f"{name}.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "celery", "-A", "workers.celery", *arguments, "--loglevel", "WARNING"],
            cwd=ROOT,
            env=place,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def worker(place: dict[str, str]) -> Any:
    return celery(place, "worker", "--pool", "threads", "--concurrency", "4", "--without-gossip", "--without-mingle")


@pytest.mark.slow
def test_a_killed_worker_loses_nothing(tmp_path: Path, migrated: Path) -> None:
    post, hook = Post(), Hook()

    def received() -> Counter[str]:
        mails = [str(mail["Message-ID"])[1:].split("@")[0] for _, mail in list(post.messages)]
        return Counter(mails + [headers["webhook-id"] for headers, _ in list(hook.received)])

    with database() as url, hook.listening():
        place = environment(tmp_path, url, post, hook)
        if not url:
            shutil.copy(migrated, place["KORPU_VAR"])
        run(place, "-c", PREPARE.format(hook=hook.port, count=MESSAGES))
        post.controller.start()
        try:
            with celery(place, "beat", "--pidfile="):
                for number in range(1, KILLS + 1):
                    enough = MESSAGES * number // (KILLS + 2)
                    with worker(place):
                        wait_for(lambda enough=enough: len(received()) >= enough, why="nothing is sent")
                    assert len(received()) < MESSAGES, "killed too late: it had sent everything"
                    sql(place, END_LEASES)
                with worker(place):
                    wait_for(lambda: len(received()) == MESSAGES, seconds=60, why="something is lost")
                    wait_for(lambda: sql(place, STATES) == [("sent", MESSAGES)], why="something is not recorded")
        finally:
            post.controller.stop()
        assert sql(place, SUCCESSES) == [(MESSAGES,)]
    repeats = sum(received().values()) - MESSAGES
    assert repeats <= KILLS * IN_FLIGHT
