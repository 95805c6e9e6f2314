"""Private places for the bench: a PostgreSQL database each, gunicorn for Körpü and for the floor, on free ports."""

import contextlib
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from getpass import getuser
from pathlib import Path

import psycopg
from psycopg.conninfo import conninfo_to_dict

ROOT = Path(__file__).resolve().parents[2]
SERVER = os.environ.get("BENCH_DATABASE_URL", "postgres://postgres@127.0.0.1:5432/postgres")


def conninfo(url: str) -> str:
    """For psycopg. `postgres:////folder/name`, as Django's settings take it, is a Unix socket in that folder."""
    folder, _slash, name = url.removeprefix("postgres://").rpartition("/")
    if folder.startswith("//"):
        return f"host={folder[1:]} dbname={name}"
    return url.replace("postgres://", "postgresql://")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def database(name: str) -> Iterator[str]:
    """A new database on the bench's server; its URL. Dropped afterwards."""
    full = f"korpu_bench_{name}_{os.getpid()}"
    with psycopg.connect(conninfo(SERVER), autocommit=True) as server:
        server.execute(f'CREATE DATABASE "{full}"')
    try:
        yield SERVER.rsplit("/", 1)[0] + f"/{full}"
    finally:
        with psycopg.connect(conninfo(SERVER), autocommit=True) as server:
            server.execute(f'DROP DATABASE "{full}" WITH (FORCE)')


@contextlib.contextmanager
def served(application: str, environment: dict[str, str], *, ready: str) -> Iterator[str]:
    """gunicorn, gthread 2 × 4, on a free port; its base address once `ready` answers 200."""
    port = free_port()
    command = [sys.executable, "-m", "gunicorn", application, "--bind", f"127.0.0.1:{port}"]
    command += ["--worker-class", "gthread", "--workers", "2", "--threads", "4", "--log-level", "warning"]
    process = subprocess.Popen(command, cwd=ROOT, env={**os.environ, **environment})
    base = f"http://127.0.0.1:{port}"
    try:
        _wait(base + ready)
        yield base
    finally:
        process.terminate()
        process.wait(timeout=30)


def _wait(url: str) -> None:
    for _ in range(300):
        with contextlib.suppress(OSError), urllib.request.urlopen(url, timeout=2):
            return
        time.sleep(0.1)
    raise RuntimeError(f"{url} does not answer")


@contextlib.contextmanager
def korpu() -> Iterator[tuple[str, dict[str, str], dict[str, str]]]:
    """Körpü with reference data and an API client for reports: base address, environment, what prepare.py printed."""
    with database("korpu") as url, tempfile.TemporaryDirectory() as var:
        environment = {
            "DATABASE_URL": url,
            "KORPU_VAR": var,
            "KORPU_TESTING": "1",
            "KORPU_API_REQUESTS_PER_MINUTE": "1000000",  # counted as always, only never refused
            "DJANGO_SETTINGS_MODULE": "cases.conf.settings",
            "EMAIL_URL": "smtp://127.0.0.1:9",
            "KORPU_LOG_LEVEL": "ERROR",
        }
        done = subprocess.run(
            [sys.executable, "-m", "tests.bench.prepare"],
            cwd=ROOT,
            env={**os.environ, **environment},
            check=True,
            capture_output=True,
            text=True,
        )
        told = dict(line.split("=", 1) for line in done.stdout.splitlines() if "=" in line)
        with served("cases.conf.wsgi", environment, ready="/healthz/") as base:
            yield base, environment, told


@contextlib.contextmanager
def floor() -> Iterator[str]:
    with database("floor") as url:
        place = conninfo_to_dict(conninfo(url))
        environment = {
            "FLOOR_DATABASE": str(place["dbname"]),
            "FLOOR_HOST": str(place["host"]),
            "FLOOR_PORT": str(place.get("port", 5432)),
            "FLOOR_USER": str(place.get("user", getuser())),
        }
        subprocess.run(
            [sys.executable, "-c", "from tests.bench import floor; floor.make_table()"],
            cwd=ROOT,
            env={**os.environ, **environment},
            check=True,
        )
        with served("tests.bench.floor", environment, ready="/page/") as base:
            yield base
