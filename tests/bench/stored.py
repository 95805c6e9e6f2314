"""P8: whether a report costs more where a million cases are stored, or a thousand partners: two places side by side.

`BENCH_STORED` cases (1,000,000; in the smaller place `BENCH_STORED_FEW`, 10,000) are generated, which takes its time:
with `BENCH_KEEP=1` the databases stay, with their keys, and the next run goes on with them; a run without it drops
them at its end.
"""

import contextlib
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from . import loader, place, reports
from .rows import Row

FEW = int(os.environ.get("BENCH_STORED_FEW", "10000"))  # cases
MANY = int(os.environ.get("BENCH_STORED", "1000000"))
PARTNERS = 100  # where the number of cases is what differs
PAIRS = int(os.environ.get("BENCH_PAIRS", "7"))
REQUESTS = int(os.environ.get("BENCH_REQUESTS", "400"))
BOUND = 1.25


@dataclass(frozen=True)
class Place:
    base: str
    url: str
    token: str

    def run(self, requests: int = REQUESTS) -> loader.Load:
        load = loader.run(self.base, _report(self.token), requests=requests, clients=8, until=self._all_taken_up)
        if set(load.statuses) != {201}:
            raise RuntimeError(f"not every answer was 201: {load.statuses}")
        return load

    def _all_taken_up(self) -> None:
        """No report without its case. One look into a partial index: counting would cost more than the reports."""
        with _connected(self.url) as database:
            for _ in range(600):
                waiting = database.execute("SELECT 1 FROM intake_intakeevent WHERE taken_up_at IS NULL LIMIT 1")
                if waiting.fetchone() is None:
                    return
                time.sleep(0.05)
        raise RuntimeError("there are reports without a case")


def measure() -> list[Row]:
    what = f"report at {MANY:,} / {FEW:,} cases stored"
    return [
        _compare(what, (FEW, PARTNERS), (MANY, PARTNERS)),
        _compare("report with 1,000 / 10 partners", (FEW, 10), (FEW, 1000)),
    ]


def _compare(what: str, smaller: tuple[int, int], larger: tuple[int, int]) -> Row:
    with ExitStack() as stack:
        few, many = (stack.enter_context(_filled(*size)) for size in (smaller, larger))
        for one in (few, many):
            one.run(200)
        base, other, spread = loader.pairs(few.run, many.run, count=PAIRS)
    ratio = statistics.median(a.rate / b.rate for a, b in zip(base, other, strict=True))
    noise = f"spread of the smaller {spread:.2f}" + ("" if spread <= 1.5 else " (over 1.5: repeat)")
    return Row("P8", what, f"<= {BOUND} x", f"{ratio:.2f} x", ratio <= BOUND, noise)


def _report(token: str) -> loader.Send:
    """As in P1, by a person with a name and an address: earlier reports of the same one are looked for."""

    def send(connection: HTTPConnection, number: int) -> int:
        mark = uuid.uuid4().hex
        body: dict[str, Any] = {
            **reports.BODY,
            "identity": {"name": f"{mark[:9]} {mark[9:18]}"},
            "contact": {"method": "email", "value": f"{mark}@example.org"},
        }
        headers = {
            "Content-Type": "application/json",
            "Authorization": f"Bearer {token}",
            "Idempotency-Key": str(uuid.uuid4()),
        }
        connection.request("POST", "/api/v1/reports/", json.dumps(body), headers)
        answer = connection.getresponse()
        answer.read()
        return answer.status

    return send


# --- places -----------------------------------------------------------------------------------------------------------
@contextlib.contextmanager
def _filled(cases: int, partners: int) -> Iterator[Place]:
    """Körpü with so many cases, served; its database is kept or dropped as BENCH_KEEP says."""
    name = f"korpu_bench_stored_{cases}_{partners}"
    url = place.SERVER.rsplit("/", 1)[0] + f"/{name}"
    with _keys(name) as var:
        environment = {
            "DATABASE_URL": url,
            "KORPU_VAR": var,
            "KORPU_TESTING": "1",
            "KORPU_API_REQUESTS_PER_MINUTE": "1000000",  # counted as always, only never refused
            "DJANGO_SETTINGS_MODULE": "cases.conf.settings",
            "EMAIL_URL": "smtp://127.0.0.1:9",
            "KORPU_LOG_LEVEL": "ERROR",
        }
        try:
            told = _made_before(name)
            if told is None:
                told = _make(name, environment, cases, partners)
            else:  # perhaps by an older version
                _run([sys.executable, "manage.py", "migrate", "-v0"], environment)
            with place.served("cases.conf.wsgi", environment, ready="/healthz/") as base:
                yield Place(base, url, reports.token_of(base, told))
        finally:
            if not _is_kept():
                with _connected(place.SERVER) as server:
                    server.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


@contextlib.contextmanager
def _keys(name: str) -> Iterator[str]:
    """The directory with the keys of this place: kept as long as its database is."""
    var = Path(tempfile.gettempdir()) / name
    var.mkdir(mode=0o700, exist_ok=True)
    try:
        yield str(var)
    finally:
        if not _is_kept():
            shutil.rmtree(var)


def _is_kept() -> bool:
    return os.environ.get("BENCH_KEEP") == "1"


def _connected(url: str) -> psycopg.Connection[Any]:
    return psycopg.connect(place.conninfo(url), autocommit=True)


def _made_before(name: str) -> dict[str, str] | None:
    """What prepare.py told when this database was made, kept as its comment: only a whole one has it."""
    with _connected(place.SERVER) as server:
        found = server.execute(
            "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s", [name]
        ).fetchone()
    return dict(json.loads(found[0])) if found and found[0] else None


def _make(name: str, environment: dict[str, str], cases: int, partners: int) -> dict[str, str]:
    """A run that broke off is gone on with: what was generated until then stays."""
    with _connected(place.SERVER) as server:
        if not server.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
            server.execute(f'CREATE DATABASE "{name}"')
    fast = ["--fast"] if cases > FEW else []
    amount = ["--cases", str(cases), "--partners", str(partners), "--until", _until(), *fast]
    for command in (["migrate", "-v0"], ["load_reference"], ["generate", *amount]):
        _run([sys.executable, "manage.py", *command], environment)
    printed = _run([sys.executable, "-m", "tests.bench.prepare"], environment, is_quiet=True)
    told = dict(line.split("=", 1) for line in printed.splitlines() if "=" in line)
    with _connected(environment["DATABASE_URL"]) as database:
        database.execute("VACUUM ANALYZE")
        comment = sql.Literal(json.dumps(told)).as_string(database)
        database.execute(f'COMMENT ON DATABASE "{name}" IS {comment}')
    return told


def _until() -> str:
    """The same for a run that goes on with another one: the beginning of this month."""
    return time.strftime("%Y-%m-01T00:00:00+00:00", time.gmtime())


def _run(command: list[str], environment: dict[str, str], *, is_quiet: bool = False) -> str:
    done = subprocess.run(
        command,
        cwd=place.ROOT,
        env={**os.environ, **environment},
        check=True,
        stdout=subprocess.PIPE if is_quiet else None,
        text=True,
    )
    return done.stdout or ""
