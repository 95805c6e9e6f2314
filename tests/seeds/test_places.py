"""A place for real people refuses what belongs to the demo, and starts only with keys. Each in a process of its own."""

import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from tests.extent import EVERY_PAGE

# One place is made for all of them, on SQLite.
pytestmark = [pytest.mark.xdist_group("places"), pytest.mark.any_database]
ROOT = Path(__file__).resolve().parents[2]


def manage(var: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("KORPU_", "PYTEST", "DEBUG"))}
    kept.pop("DATABASE_URL", None)
    kept.pop("REDIS_URL", None)
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env={**kept, "KORPU_VAR": str(var), **environment},
        capture_output=True,
        text=True,
        timeout=120,
    )


def first_run(var: Path, *more: str, **environment: str) -> subprocess.CompletedProcess[str]:
    arguments = ["--side", "AZ", "--name", "First Person", "--mail", "first@example.org", *more]
    return manage(var, "first_run", *arguments, **environment)


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory, migrated: Path) -> Path:
    """One place after its first run; each test gets a copy. Its tables are there: that they can be made of nothing,
    the whole system shows (tests/workers/test_serve.py)."""
    var = tmp_path_factory.mktemp("place")
    shutil.copy(migrated, var)
    done = first_run(var)
    assert done.returncode == 0, done.stderr
    assert "/account/password/reset/key/" in done.stdout
    return var


@pytest.fixture
def place(template: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(template, tmp_path / "place"))


def test_without_keys_nothing_starts(tmp_path: Path) -> None:
    done = manage(tmp_path, "check")
    assert done.returncode != 0
    assert "No keys" in done.stderr
    assert not (tmp_path / "keys.json").exists()


def test_debug_is_refused_where_real_people_report(place: Path) -> None:
    done = manage(place, "check", DEBUG="1")
    assert done.returncode != 0
    assert "DEBUG" in done.stderr


def test_first_run_can_be_run_twice(place: Path) -> None:
    keys = (place / "keys.json").read_bytes()
    second = first_run(place)
    assert second.returncode == 0, second.stderr
    assert "already there" in second.stdout
    assert (place / "keys.json").read_bytes() == keys
    assert stat.S_IMODE((place / "keys.json").stat().st_mode) == 0o600


@pytest.mark.skipif(not EVERY_PAGE, reason="NOT RUN: makes all tables of nothing; .ci/run and `make faults` do")
def test_first_run_makes_the_tables(tmp_path: Path) -> None:
    done = first_run(tmp_path)
    assert done.returncode == 0, done.stderr
    assert "No changes" in manage(tmp_path, "makemigrations", "--check", "--dry-run").stdout
    assert "[ ]" not in manage(tmp_path, "showmigrations").stdout


@pytest.mark.parametrize("more", [["--mail", "not an address"], ["--name", ""], ["--side", "XX"]])
def test_first_run_refuses_what_cannot_be(tmp_path: Path, more: list[str]) -> None:
    done = first_run(tmp_path, *more)
    assert done.returncode != 0
    assert "Traceback" not in done.stderr


def test_first_run_makes_no_second_administrator(place: Path) -> None:
    assert "administrator already" in first_run(place, "--mail", "other@example.org").stderr


def test_first_run_refuses_the_demo(tmp_path: Path) -> None:
    assert first_run(tmp_path, KORPU_DEMO="1").returncode != 0


def test_demo_data_are_refused_outside_the_demo(place: Path) -> None:
    code = "from django.utils import timezone; from seeds.demo import make_demo; make_demo(now=timezone.now())"
    assert "DemoRefused" in manage(place, "shell", "-c", code).stderr


def test_damaged_keys_are_named_and_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "keys.json").write_text('{"masters": {}}')
    done = first_run(tmp_path)
    assert "cannot be read" in done.stderr
    assert (tmp_path / "keys.json").read_text() == '{"masters": {}}'


def test_the_doctor_says_what_is_wrong(place: Path) -> None:
    done = manage(place, "doctor", EMAIL_URL="smtp://127.0.0.1:9")
    assert done.returncode == 1
    for sentence in ("not https", "mail server", "Nobody is on duty", "nobody in the role"):
        assert sentence in done.stdout


def test_the_doctor_finds_missing_tables(tmp_path: Path) -> None:
    done = manage(tmp_path, "doctor", KORPU_DEMO="1", EMAIL_URL="smtp://127.0.0.1:9")
    assert "changes of the tables have not been made" in done.stdout
    assert done.returncode == 1
