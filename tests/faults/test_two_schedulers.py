"""R6: two schedulers with a worker each on one database: no deadline is missed and none is told twice, in every zone.

Each place is a machine of its own: its scheduler remembers in its own file when it ran last, its worker has its own
broker (with Redis they share one). Their clocks jump: a scheduler that has slept takes up everything at once, and what
comes due meanwhile is met by both at the same moment. The code asks for the time when a task begins, so the deadlines
are put around the present, and nothing in the processes is changed.
"""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.faults.test_worker_kill import celery, database, environment, sql
from tests.journeys.system import Hook, Post, run, wait_for

FULL = os.environ.get("KORPU_FAULTS") == "full"
OF_EACH = 60 if FULL else 6  # deadlines of each kind in each zone
JUMPS = 4 if FULL else 1
pytestmark = [pytest.mark.postgres, pytest.mark.slow]

PREPARE = """
import django; django.setup()
from django.conf import settings
from django.core.management import call_command
class Straight:  # tables from the models, as the tests make them: replaying every migration takes long
    __contains__ = lambda self, app: True
    __getitem__ = lambda self, app: None
settings.MIGRATION_MODULES = Straight()
call_command("migrate", run_syncdb=True, verbosity=0)
from tests.cases.routing_world import make_reference, make_staff
from cases.models import ReviewClock
from intake.models import Region
make_reference(); make_staff("caseworker"); make_staff("supervisor")
for region, zone in (("RU-KAM", "Asia/Kamchatka"), ("AZ-BA", "Asia/Baku")):
    Region.objects.filter(code=region).update(timezone=zone)
ReviewClock.objects.bulk_create(ReviewClock(urgency=urgency, hours=24) for urgency in (1, 2, 3, 4))
"""
# For each zone: clocks of triage and of first contact, offers, questions for consent, follow-ups and dates set by law,
# each due at its own moment between `before` and `after` seconds from now; and as many that are not due yet.
FILL = """
import django; django.setup()
from datetime import timedelta
from django.utils import timezone
from cases.models import Case, CaseDate, ClockPause, FollowUp, User
from tests.cases.routing_world import make_case, make_partner, make_referral
now, user = timezone.now(), User.objects.filter(roles=["caseworker"]).get()
zones = {{"RU-MOW": "Europe/Moscow", "AZ-BA": "Asia/Baku", "RU-KAM": "Asia/Kamchatka"}}
for region, zone in zones.items():
    partner = make_partner(regions=(region,), timezone=zone, capacity=10000, categories=("WRK",))
    for number in range(2 * {count}):
        is_later = number >= {count}
        at = now + timedelta(seconds={before} + ({after} - {before}) * (number % {count}) / {count})
        at += timedelta(days=30 if is_later else 0)
        ours = dict(region_id=region, country_id=region[:2], category="WRK", urgency=3, routing_wanted_at=None)
        ours["triage_told"], done = 1, dict(ours, triaged_at=now - timedelta(days=9))
        make_case(state="triage", triage_due_at=at, due_at=at, due_kind="triage", **ours)
        held = make_case(state="accepted", due_at=at, due_kind="contact", **done)
        make_referral(held, partner, state="accepted", answered_at=now, contact_due_at=at, contact_told=1)
        asked = make_case(state="offered", due_at=at, due_kind="answer", **done)
        make_referral(asked, partner, state="offered", answer_due_at=at, reminders_sent=2, urgency=3)
        waits = make_case(state="waiting_for_reporter", wait_due_at=at, wait_kind="waiting", due_at=at,
            due_kind="waiting", **done)
        ClockPause.objects.create(case=waits, reason="consent_asked", from_at=now - timedelta(days=1),
            look_again_at=at, state="accepted")
        dated = make_case(state="in_progress", **done)
        row = CaseDate.objects.create(case=dated, kind="appeal", date=at.date(), ends_at=at, next_at=at,
            entered_at=now - timedelta(days=9))
        Case.objects.filter(pk=dated.pk).update(dates=[{{"id": str(row.pk), "kind": "appeal",
            "date": row.date.isoformat(), "ends_at": at.isoformat()}}], urgency=1, computed_urgency=1,
            urgency_reasons=[{{"code": "removal_soon", "version": 1, "level": 1}}])
        FollowUp.objects.create(case=dated, user=user, due_at=at, made_by=user, made_at=now)
"""
# The scheduler's own file, as a machine leaves it that was asleep since yesterday.
ASLEEP = """
import django; django.setup()
from datetime import timedelta
from workers.celery import app
from workers.clock import Clock
clock = Clock(app=app, schedule_filename=app.conf.beat_schedule_filename)
for entry in clock.schedule.values():
    entry.last_run_at = clock.app.now() - timedelta(days=1)
clock.sync(); clock.close()
"""
EVENTS = """
SELECT r.timezone, e.code, coalesce(e.details->>'clock', ''), count(*), count(DISTINCT e.case_id)
FROM cases_timelineevent e JOIN cases_case c ON c.id = e.case_id JOIN intake_region r ON r.code = c.region_id
WHERE e.code IN ('clock_missed', 'referral_expired', 'date_passed') GROUP BY 1, 2, 3
"""
NOTICES = """
SELECT r.timezone, o.kind, coalesce(o.params->>'clock', ''), count(*), count(DISTINCT o.case_id)
FROM cases_outboxmessage o JOIN cases_case c ON c.id = o.case_id JOIN intake_region r ON r.code = c.region_id
WHERE o.kind IN ('clock_missed', 'offer_expired', 'date_near', 'follow_up') GROUP BY 1, 2, 3
"""
TOLD = {
    ("clock_missed", "triage"),
    ("clock_missed", "contact"),
    ("clock_missed", "waiting"),
    ("referral_expired", ""),
    ("date_passed", ""),
}
SENT = {
    ("clock_missed", "triage"),
    ("clock_missed", "contact"),
    ("clock_missed", "waiting"),
    ("offer_expired", ""),
    ("date_near", ""),
    ("follow_up", ""),
}
ZONES = ("Asia/Baku", "Asia/Kamchatka", "Europe/Moscow")


def test_no_deadline_is_missed_and_none_told_twice(tmp_path: Path) -> None:
    with database() as url:
        keys = tmp_path / "keys.json"  # the one thing besides the database that machines of one place share
        places = [_place(tmp_path / name, url, keys) for name in ("one", "other")]
        run(places[0], "-c", PREPARE)
        for jump in range(1, JUMPS + 1):
            # Some have passed while both slept, some come due while both are awake.
            run(places[0], "-c", FILL.format(count=OF_EACH, before=-20, after=25 if FULL else -1))
            with contextlib.ExitStack() as awake:
                for place in places:
                    run(place, "-c", ASLEEP)
                    awake.enter_context(_machine(place))
                # With those that come due later both wait for their next round, a minute on.
                wait_for(lambda jump=jump: _all_told(places[0], jump), seconds=150, why="a deadline was missed")
        assert sorted(sql(places[0], EVENTS)) == _expected(TOLD, JUMPS)
        assert sorted(sql(places[0], NOTICES)) == _expected(SENT, JUMPS)
        for place in places:
            assert not (Path(place["KORPU_VAR"]) / "worker.log").read_text().count("ERROR")


def _expected(kinds: set[tuple[str, str]], jumps: int) -> list[tuple[Any, ...]]:
    """As many lines as there are deadlines, each of its own case."""
    return sorted((zone, *kind, OF_EACH * jumps, OF_EACH * jumps) for zone in ZONES for kind in kinds)


def _all_told(place: dict[str, str], jumps: int) -> bool:
    """At least once: whether more than once is asked at the end."""
    for statement, kinds in ((EVENTS, TOLD), (NOTICES, SENT)):
        found = {row[:3]: row[4] for row in sql(place, statement)}
        if any(found.get((zone, *kind), 0) < OF_EACH * jumps for zone in ZONES for kind in kinds):
            return False
    return True


def _place(var: Path, url: str, keys: Path) -> dict[str, str]:
    """Sharing a Redis, if there is one, as the machines of one installation do."""
    var.mkdir()
    shared = {"KORPU_KEYS_FILE": str(keys), "KORPU_CACHE_PREFIX": f"schedulers-{os.getpid()}"}
    return environment(var, url, Post(), Hook()) | shared


@contextlib.contextmanager
def _machine(place: dict[str, str]) -> Iterator[None]:
    """A scheduler and a worker. Both are killed at the end, as a machine is that loses its power."""
    with (
        celery(place, "worker", "--pool", "threads", "--concurrency", "4", "--without-gossip", "--without-mingle"),
        celery(place, "beat", "--pidfile="),
    ):
        yield
