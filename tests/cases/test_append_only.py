"""The database refuses to change or delete a timeline or an anchor, whoever asks and in whatever words."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import datetime, timedelta
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.db import DatabaseError, connection, transaction
from django.db.models import ProtectedError

from cases.actions.anchor_timelines import anchor_timelines
from cases.models import Case, TimelineAnchor, TimelineEvent, append_only
from tests.cases.arrange import opened

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]
KEY = {"cases_timelineevent": "id", "cases_timelineanchor": "day"}
migration = import_module("cases.migrations.0012_timeline_triggers")


@pytest.fixture
def case(now: datetime) -> Case:
    case = opened(now - timedelta(hours=2))
    assert anchor_timelines(now=now)
    return case


def refused(act: Callable[[], object]) -> bool:
    before = everything()
    try:
        with transaction.atomic():
            act()
    except DatabaseError as error:
        return "are only added" in str(error) and everything() == before
    return False


def everything() -> list[object]:
    return [list(TimelineEvent.objects.order_by("pk").values()), list(TimelineAnchor.objects.values())]


def run(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)


@pytest.mark.parametrize("table", append_only.KEYS)
def test_no_statement_changes_or_deletes_a_row(table: str, case: Case) -> None:
    key = KEY[table]
    assert refused(lambda: run(f"UPDATE {table} SET hash = previous_hash"))
    assert refused(lambda: run(f"UPDATE {table} SET {key} = {key}"))
    assert refused(lambda: run(f"DELETE FROM {table}"))
    assert refused(lambda: run(f"DELETE FROM {table} WHERE {key} = (SELECT max({key}) FROM {table})"))


@pytest.mark.parametrize("table", append_only.KEYS)
def test_no_row_is_written_over_by_inserting_it_again(table: str, case: Case) -> None:
    every = f"SELECT * FROM {table}"
    if connection.vendor == "sqlite":
        assert refused(lambda: run(f"INSERT OR REPLACE INTO {table} {every}"))
        assert refused(lambda: run(f"REPLACE INTO {table} {every}"))
        return
    key = KEY[table]
    conflict = f"INSERT INTO {table} {every} ON CONFLICT ({key}) DO UPDATE SET hash = EXCLUDED.previous_hash"
    assert refused(lambda: run(conflict))


def test_a_new_event_does_not_take_the_place_of_another(case: Case, is_postgres: bool) -> None:
    columns = "case_id, sequence, code, actor, actor_ref, details, at, previous_hash, hash"
    again = f"INTO cases_timelineevent ({columns}) SELECT {columns} FROM cases_timelineevent"
    with pytest.raises(DatabaseError), transaction.atomic():
        run(f"INSERT {'' if is_postgres else 'OR REPLACE'} {again}")


def test_the_orm_is_refused_too(case: Case) -> None:
    event = TimelineEvent.objects.filter(case=case)[0]
    assert refused(lambda: TimelineEvent.objects.filter(case=case).update(code="other"))
    assert refused(lambda: TimelineEvent.objects.bulk_update([event], ["code"]))
    assert refused(event.save)
    assert refused(lambda: event.delete())
    assert refused(lambda: TimelineEvent.objects.all().delete())
    assert refused(lambda: TimelineAnchor.objects.update(events=0))
    assert refused(lambda: TimelineAnchor.objects.all().delete())


def test_a_case_with_a_timeline_cannot_be_deleted(case: Case) -> None:
    with pytest.raises(ProtectedError):
        case.delete()


@pytest.mark.postgres
@pytest.mark.parametrize("table", append_only.KEYS)
def test_no_table_is_emptied(table: str, case: Case) -> None:
    connection.check_constraints()
    assert refused(lambda: run(f"TRUNCATE {table}"))
    assert refused(lambda: run("TRUNCATE cases_case CASCADE"))


@pytest.mark.postgres
def test_a_session_in_which_triggers_rest_is_refused_as_well(case: Case) -> None:
    def act() -> None:
        run("SET LOCAL session_replication_role = replica")
        run("DELETE FROM cases_timelineevent")

    assert refused(act)


@pytest.mark.postgres
@pytest.mark.parametrize(
    "sql",
    [
        "ALTER TABLE cases_timelineevent DISABLE TRIGGER cases_timelineevent_only_added",
        "ALTER TABLE cases_timelineevent ENABLE TRIGGER cases_timelineevent_only_added",
        "DROP TRIGGER cases_timelineevent_only_added ON cases_timelineevent",
        "CREATE OR REPLACE FUNCTION korpu_only_added() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'",
        "CREATE OR REPLACE TRIGGER cases_timelineevent_only_added BEFORE TRUNCATE ON cases_timelineevent"
        " FOR EACH STATEMENT EXECUTE FUNCTION korpu_only_added();"
        "ALTER TABLE cases_timelineevent ENABLE ALWAYS TRIGGER cases_timelineevent_only_added",
    ],
)
def test_a_guard_that_was_weakened_is_seen(sql: str) -> None:
    assert append_only.unguarded(connection) == []
    run(sql)
    assert "cases_timelineevent" in append_only.unguarded(connection)


@pytest.mark.parametrize("name", ["no_update", "no_delete", "no_replace"])
def test_a_guard_that_was_taken_away_is_seen(name: str, is_postgres: bool) -> None:
    assert append_only.unguarded(connection) == []
    if is_postgres:
        append_only.remove(connection, ["cases_timelineevent"])
    else:
        run(f"DROP TRIGGER cases_timelineevent_{name}")
    assert append_only.unguarded(connection) == ["cases_timelineevent"]


@pytest.mark.postgres
def test_a_role_with_fewer_rights_is_told_from_the_owner() -> None:
    assert append_only.changeable(connection) == sorted(append_only.KEYS)
    run("CREATE ROLE korpu_test_site")
    run("GRANT SELECT, INSERT ON ALL TABLES IN SCHEMA public TO korpu_test_site")
    run("GRANT TRUNCATE ON cases_timelineanchor TO korpu_test_site")
    run("SET LOCAL ROLE korpu_test_site")
    assert append_only.changeable(connection) == ["cases_timelineanchor"]
    run("RESET ROLE")
    run("GRANT UPDATE (details) ON cases_timelineevent TO korpu_test_site")
    run("SET LOCAL ROLE korpu_test_site")
    assert append_only.changeable(connection) == sorted(append_only.KEYS)


def test_the_migration_goes_back_and_forth(case: Case) -> None:
    first, editor = TimelineEvent.objects.filter(case=case, sequence=1), SimpleNamespace(connection=connection)
    for code in ("forged", "forged_again"):
        connection.check_constraints()
        migration.unguard(apps, editor)
        assert append_only.unguarded(connection) == list(append_only.KEYS)
        assert first.update(code=code) == 1
        connection.check_constraints()
        migration.guard(apps, editor)
        assert append_only.unguarded(connection) == []
        assert refused(lambda: first.update(code="other"))


def test_every_table_that_is_guarded_is_guarded_by_the_migrations(migrated: Path) -> None:
    """SQLite changes a table by making it anew, without its triggers: a later migration must put them back."""
    with closing(sqlite3.connect(migrated)) as database:
        there = {sql for (sql,) in database.execute("SELECT sql FROM sqlite_master WHERE type = 'trigger'")}
    for table in append_only.KEYS:
        assert set(append_only._triggers("sqlite", table).values()) <= there
