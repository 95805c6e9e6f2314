"""On PostgreSQL: several processes give the same cases as one, and the fast way leaves the database as it found it."""

import os
import pickle
import re
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.db.models import Exists, OuterRef

from cases.actions.verify_timelines import Seen, broken_timelines
from cases.models import Case, append_only
from seeds.generate import fast, run
from seeds.generate.cast import Batch
from seeds.generate.network import FAMILY, make_network
from seeds.generate.open_lives import LIVES
from seeds.generate.rows import references
from seeds.generate.run import Maker, Wanted, generate, play_lives

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("reference")]
WANTED = Wanted(cases=700, partners=FAMILY, seed=5, days=60, jobs=2, until=datetime(2026, 11, 24, 8, 0, tzinfo=UTC))


def test_two_processes_and_the_fast_way_give_the_same_cases(monkeypatch: pytest.MonkeyPatch) -> None:
    _send_processes_to_this_database(monkeypatch)
    before = _indexes()
    played = play_lives(WANTED)
    foreseen = _references(replace(WANTED, jobs=1), played, monkeypatch)

    fast._drop()  # a fast run was killed
    assert _indexes() != before
    assert generate(replace(WANTED, is_fast=True), say=print, played=played).made == WANTED.cases

    assert set(Case.objects.values_list("reference", flat=True)) == foreseen
    assert _indexes() == before
    assert append_only.unguarded(connection) == []
    assert list(broken_timelines(Seen())) == []
    _foreign_keys_hold()


def test_a_run_that_was_killed_goes_on_where_it_was(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A process of its own, killed with some of its batches written: they are passed over, and every index is back."""
    _send_processes_to_this_database(monkeypatch)
    before = _indexes()
    wanted = replace(WANTED, cases=8 * run.BATCH, jobs=1, is_fast=True)
    played = play_lives(wanted, [life for life in LIVES if life.name in {"solved", "declined_once", "new"}])
    foreseen = _references(wanted, played, monkeypatch)

    _kill_in_the_middle(wanted, played, tmp_path)
    there = Case.objects.count()
    assert 0 < there < wanted.cases and there % run.BATCH == 0
    assert len(_indexes()) < len(before)

    told = generate(replace(wanted, is_fast=False), say=print, played=played)
    assert (told.made, told.there) == (wanted.cases - there, there)
    assert set(Case.objects.values_list("reference", flat=True)) == foreseen
    assert _indexes() == before
    assert list(broken_timelines(Seen())) == []


def _kill_in_the_middle(wanted: Wanted, played: run.Played, folder: Path) -> None:
    """Returns when the database has taken back what the process had begun."""
    asked = folder / "asked"
    asked.write_bytes(pickle.dumps((wanted, played)))
    code = (
        "import django, pickle, sys; django.setup(); from seeds.generate.run import generate;"
        " wanted, played = pickle.load(open(sys.argv[1], 'rb')); generate(wanted, say=print, played=played)"
    )
    ours = _connections()
    process = subprocess.Popen([sys.executable, "-c", code, str(asked)], env={**os.environ, "KORPU_TESTING": "1"})
    try:
        _wait_until(lambda: process.poll() is not None or Case.objects.count() >= 2 * run.BATCH)
    finally:
        process.kill()
        process.wait()
    _wait_until(lambda: _connections() <= ours)


def _wait_until(done: Callable[[], bool]) -> None:
    """At most a minute."""
    for _ in range(6000):
        if done():
            return
        time.sleep(0.01)
    raise AssertionError("it took too long")


def _connections() -> set[int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pid FROM pg_stat_activity WHERE datname = current_database()")
        return {pid for (pid,) in cursor.fetchall()}


def test_indexes_come_back_after_a_failure() -> None:
    before = _indexes()
    with pytest.raises(ZeroDivisionError), fast.without_indexes(print):
        raise ZeroDivisionError
    assert _indexes() == before


def _send_processes_to_this_database(monkeypatch: pytest.MonkeyPatch) -> None:
    """They read the environment as every process does."""
    url = os.environ["DATABASE_URL"].rsplit("/", 1)[0]
    monkeypatch.setenv("DATABASE_URL", f"{url}/{connection.settings_dict['NAME']}")


def _references(wanted: Wanted, played: run.Played, monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """What one process would write."""
    found: set[str] = set()

    def look(batch: Batch, **_: Any) -> None:
        for (table, _columns), rows in batch.tables.items():
            if table == '"cases_case"':
                found.update(re.findall(r"\t([0-9A-Z]{4}-[0-9A-Z]{3}-[0-9A-Z])\t", "".join(rows)))

    with monkeypatch.context() as patch:
        patch.setattr(run, "write", look)
        make = Maker(wanted, make_network(partners=wanted.partners, now=wanted.until), *played)
        for start in range(0, wanted.cases, run.BATCH):
            make(start, min(run.BATCH, wanted.cases - start))
    assert len(found) == wanted.cases
    return found


def _indexes() -> set[tuple[str, str, frozenset[str]]]:
    """By name, what they are of, and the words of their condition, whose brackets PostgreSQL sets anew."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'")
        found = [(name, *definition.partition(" WHERE ")) for name, definition in cursor.fetchall()]
    return {(name, of, frozenset(re.findall(r"'[^']*'|\w+|[<>=]+", where))) for name, of, _, where in found}


def _foreign_keys_hold() -> None:
    """The fast way does not look them up: here each is."""
    for room in ("intake", "cases"):
        for table in apps.get_app_config(room).get_models(include_auto_created=True):
            for field in references(table):
                target = field.related_model._base_manager.filter(pk=OuterRef(field.attname))
                rows = table._base_manager.filter(**{f"{field.name}__isnull": False})
                assert not rows.filter(~Exists(target)).exists(), f"{table.__name__}.{field.name}"
