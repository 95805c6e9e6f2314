"""Tests that need no database touch none: the guard of conftest.py, seen from outside in a run of its own."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import connection

from tests.conftest import REAL_DATABASE, ROOT, is_test_database

NEEDS_NONE = "tests/intake/test_clean_text.py"


def run_apart(folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """One file of tests that asks for no database, in a process and a place of its own."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "DATABASE_URL"))}
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-n", "0", NEEDS_NONE]
    return subprocess.run(
        command,
        cwd=ROOT,
        env={**ours, "KORPU_VAR": str(folder), **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.mark.django_db
def test_with_a_database_test_the_connection_names_the_test_database() -> None:
    assert is_test_database() and str(connection.settings_dict["NAME"]) != REAL_DATABASE


def test_the_real_file_is_not_even_opened(tmp_path: Path) -> None:
    done = run_apart(tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert " passed" in done.stdout
    assert not list(tmp_path.glob("*.sqlite3*"))


@pytest.mark.postgres
@pytest.mark.django_db
def test_sessions_of_the_real_database_live_on(tmp_path: Path, settings: Any) -> None:
    place = connection.settings_dict
    address = {"host": place["HOST"], "port": place["PORT"], "user": place["USER"], "password": place["PASSWORD"]}
    with psycopg.connect(dbname=REAL_DATABASE, autocommit=True, **address) as session:
        done = run_apart(tmp_path, DATABASE_URL=os.environ["DATABASE_URL"])
        assert done.returncode == 0, done.stdout + done.stderr
        answer = session.execute("SELECT 1").fetchone()
    assert answer == (1,)
