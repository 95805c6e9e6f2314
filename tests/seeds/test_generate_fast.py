"""On PostgreSQL: several processes give the same cases as one, and the fast way leaves the database as it found it."""

import os
import re
from dataclasses import replace
from datetime import UTC, datetime
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


def _indexes() -> set[tuple[str, str]]:
    """By name and what they are of. PostgreSQL words a condition anew when it reads it again."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT indexname, split_part(indexdef, ' WHERE ', 1) FROM pg_indexes WHERE schemaname = 'public'"
        )
        return set(cursor.fetchall())


def _foreign_keys_hold() -> None:
    """The fast way does not look them up: here each is."""
    for room in ("intake", "cases"):
        for table in apps.get_app_config(room).get_models(include_auto_created=True):
            for field in references(table):
                target = field.related_model._base_manager.filter(pk=OuterRef(field.attname))
                rows = table._base_manager.filter(**{f"{field.name}__isnull": False})
                assert not rows.filter(~Exists(target)).exists(), f"{table.__name__}.{field.name}"
