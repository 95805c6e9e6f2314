"""P1 and P2: what a report by the API costs, until it has its case."""

import base64
import http.client
import json
import os
import statistics
import subprocess
import sys
import time
import urllib.request
import uuid
from typing import Any

import psycopg

from . import loader, place
from .rows import Row

STORY = "Üç aydır maaşımı vermirlər, sənədlərim də müdirdədir. Nə edim? " * 6
BODY: dict[str, Any] = {
    "language": "az",
    "country": "RU",
    "region": "RU-MOW",
    "category": "WRK",
    "subcode": "UNPAID",
    "citizenship": "AZ",
    "age_band": "25_39",
    "answers": {"held": "no", "harm": "no", "child": "no", "forced": "unknown"},
    "story": STORY,
    "consent": {"share": "any", "cross_border": "no", "groups": ["story"]},
}
REQUESTS = int(os.environ.get("BENCH_REQUESTS", "400"))


def measure() -> list[Row]:
    with place.korpu() as (ours, environment, told), place.floor() as floor:
        token = token_of(ours, told)
        warm = {"requests": 60, "clients": 8}
        loader.run(floor, _floor_post, **warm)
        loader.run(ours, _report(token), **warm)
        floors, own, spread = loader.pairs(
            lambda: loader.run(floor, _floor_post, requests=REQUESTS, clients=8),
            lambda: loader.run(
                ours, _report(token), requests=REQUESTS, clients=8, until=lambda: _all_have_cases(environment)
            ),
        )
        _only(201, *floors, *own)
        ratio = statistics.median(b.rate for b in own) / statistics.median(a.rate for a in floors)
        slow = statistics.median(b.p95 for b in own) / statistics.median(a.p95 for a in floors)
        noise = f"floor spread {spread:.2f}" + ("" if spread <= 1.5 else " (over 1.5: repeat)")
        statements, savepoints = _statements(environment, token)
    return [
        Row("P1", "report by API / floor POST, 8 clients", ">= 0.45", f"{ratio:.2f}", ratio >= 0.45, noise),
        Row("P1", "p95 of the same", "<= 3 x", f"{slow:.2f} x", slow <= 3, noise),
        Row("P2", "SQL statements per report", "<= 14", str(statements), statements <= 14, f"savepoints: {savepoints}"),
    ]


def token_of(base: str, told: dict[str, str]) -> str:
    basic = base64.b64encode(f"{told['client']}:{told['secret']}".encode()).decode()
    request = urllib.request.Request(
        base + "/oauth/token/", data=b"grant_type=client_credentials", headers={"Authorization": f"Basic {basic}"}
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        return str(json.load(answer)["access_token"])


def _floor_post(connection: http.client.HTTPConnection, number: int) -> int:
    return _post(connection, "/rows/", {"story": STORY}, {})


def _report(token: str) -> loader.Send:
    def send(connection: http.client.HTTPConnection, number: int) -> int:
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": str(uuid.uuid4())}
        return _post(connection, "/api/v1/reports/", BODY, headers)

    return send


def _post(connection: http.client.HTTPConnection, path: str, body: dict[str, Any], headers: dict[str, str]) -> int:
    connection.request("POST", path, json.dumps(body), {"Content-Type": "application/json", **headers})
    answer = connection.getresponse()
    answer.read()
    return answer.status


def _all_have_cases(environment: dict[str, str]) -> None:
    url = place.conninfo(environment["DATABASE_URL"])
    with psycopg.connect(url, autocommit=True) as database:
        for _ in range(600):
            row = database.execute(
                "SELECT count(*) FROM intake_report r LEFT JOIN cases_case c ON c.report_id = r.id WHERE c.id IS NULL"
            ).fetchone()
            if row is None or row[0] == 0:
                return
            time.sleep(0.05)
    raise RuntimeError("there are reports without a case")


def _only(status: int, *loads: loader.Load) -> None:
    for load in loads:
        if set(load.statuses) != {status}:
            raise RuntimeError(f"not every answer was {status}: {load.statuses}")


def _statements(environment: dict[str, str], token: str) -> tuple[int, int]:
    """Counted in a process of its own on the same database: the third report, when every cache is warm."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.statements", token],
        cwd=place.ROOT,
        env={**os.environ, **environment},
        check=True,
        capture_output=True,
        text=True,
    )
    counted = json.loads(done.stdout.splitlines()[-1])
    if os.environ.get("BENCH_VERBOSE"):
        print("\n".join(counted["sql"]))
    return int(counted["statements"]), int(counted["savepoints"])
