"""Missed and half-over clocks: told exactly once, at the moment, also after a standstill and by two sweeps at once."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from cases.actions.case_row import choose_due
from cases.actions.record import verify_chain
from cases.actions.route_case import route_waiting
from cases.actions.watch_clocks import watch_clocks
from cases.models import Case, OutboxMessage, Referral, RoutingPolicy, TimelineEvent, UrgencyRule
from cases.queries.remembered import forget_reference
from tests.cases.arrange import at_once, in_state
from tests.cases.routing_world import NOW, make_case, make_partner, make_reference, make_referral, make_staff

pytestmark = pytest.mark.django_db
HOUR, MOMENT = timedelta(hours=1), timedelta(microseconds=1)


@pytest.fixture(autouse=True)
def world() -> Iterator[None]:
    make_reference()
    make_staff()
    yield
    forget_reference()


def waiting(**columns: Any) -> Case:
    """Untriaged in U2: four hours from noon in Baku."""
    columns = {"urgency": 2, "triage_due_at": NOW + 4 * HOUR} | columns
    return make_case(state="triage", routing_wanted_at=None, **columns)


def told(kind: str) -> int:
    return OutboxMessage.objects.filter(kind=kind).count()


def codes(case: Case) -> list[str]:
    return list(TimelineEvent.objects.filter(case=case).values_list("code", flat=True))


@pytest.mark.parametrize(("urgency", "hours"), [(1, 1), (2, 4), (3, 24), (4, 72)])
def test_the_triage_clock_is_missed_at_its_end_and_not_a_moment_before(urgency: int, hours: int) -> None:
    due = NOW + hours * HOUR
    case = waiting(category="WRK", urgency=urgency, triage_due_at=due, triage_told=1)
    assert watch_clocks(now=due - MOMENT) == 0
    assert watch_clocks(now=due) == 1
    assert (codes(case), told("clock_missed")) == (["clock_missed"], 1)
    assert verify_chain(case.pk)


def test_a_second_sweep_tells_nothing_again() -> None:
    case = waiting(category="WRK")
    for _ in range(3):
        watch_clocks(now=NOW + 5 * HOUR)
    assert (codes(case), told("clock_missed"), told("clock_half_way")) == (["clock_missed"], 1, 0)


def test_half_way_is_told_once_when_half_of_the_hours_are_left() -> None:
    case = waiting(category="WRK")
    assert watch_clocks(now=NOW + 2 * HOUR - MOMENT) == 0
    for minutes in (0, 1, 90):
        watch_clocks(now=NOW + 2 * HOUR + timedelta(minutes=minutes))
    assert (codes(case), told("clock_half_way")) == (["clock_half_way"], 1)


def test_after_hours_without_a_sweep_only_the_miss_is_told() -> None:
    case = waiting(category="WRK")
    watch_clocks(now=NOW + 30 * HOUR)
    assert codes(case) == ["clock_missed"]


def test_a_clock_that_was_set_back_tells_nothing_again() -> None:
    case = waiting(category="WRK")
    for at in (NOW + 4 * HOUR, NOW, NOW + 4 * HOUR):
        watch_clocks(now=at)
    assert codes(case) == ["clock_missed"]


def test_a_triaged_an_ended_and_a_waiting_case_miss_nothing() -> None:
    waiting(triaged_at=NOW)
    for state in ("closed", "withdrawn", "waiting_for_reporter"):
        in_state(waiting(), state)
    assert watch_clocks(now=NOW + 99 * HOUR) == 0


def test_the_contact_clock_is_watched_by_the_referral() -> None:
    case = waiting(triaged_at=NOW)
    Case.objects.filter(pk=case.pk).update(state="accepted")
    referral = make_referral(case, make_partner(), state="accepted", contact_due_at=NOW + 24 * HOUR)
    watch_clocks(now=NOW + 12 * HOUR)
    watch_clocks(now=NOW + 24 * HOUR)
    watch_clocks(now=NOW + 25 * HOUR)
    assert codes(case) == ["clock_half_way", "clock_missed"]
    assert Referral.objects.get(pk=referral.pk).contact_told == 2


def test_a_case_without_a_partner_has_a_clock_of_its_own() -> None:
    case = waiting(triaged_at=NOW, wait_due_at=NOW + 4 * HOUR, wait_kind="unrouted")
    Case.objects.filter(pk=case.pk).update(state="unrouted")
    watch_clocks(now=NOW + 4 * HOUR)
    event = TimelineEvent.objects.get(case=case)
    assert (event.code, event.details["clock"]) == ("clock_missed", "unrouted")


def test_what_nobody_confirmed_in_time_goes_to_a_partner_where_policy_says_so() -> None:
    RoutingPolicy.objects.create(category_id="WRK", urgency=2, mode="propose", without_triage=True)
    case, partner = waiting(category="WRK"), make_partner()
    watch_clocks(now=NOW + 4 * HOUR)
    assert [e.details.get("because") for e in TimelineEvent.objects.filter(case=case)] == [None, "triage_missed"]
    route_waiting(now=NOW + 4 * HOUR)
    assert Referral.objects.get().partner_id == partner.pk


def test_without_the_policy_or_the_persons_yes_it_stays_with_us() -> None:
    RoutingPolicy.objects.create(category_id="WRK", urgency=2, mode="propose", without_triage=True)
    cases = [waiting(category="EDU"), waiting(category="WRK", share="none")]
    watch_clocks(now=NOW + 4 * HOUR)
    assert {Case.objects.get(pk=case.pk).state for case in cases} == {"triage"}


def test_a_missed_case_stays_overdue_until_somebody_acts() -> None:
    case = waiting(category="WRK")
    watch_clocks(now=NOW + 4 * HOUR)
    case.refresh_from_db()
    choose_due(case, ())
    assert (case.due_at, case.due_kind, case.triage_missed) == (NOW + 4 * HOUR, "triage", True)


def test_clocks_missed_twice_make_a_case_one_step_more_urgent_once() -> None:
    UrgencyRule.objects.create(code="repeat", version=1, step_up=True, levels=[{"missed_clocks": 2}])
    case = waiting(category="WRK", urgency=3)
    case.refresh_from_db()
    for number in range(1, 4):
        due = NOW + 30 * number * HOUR
        columns = {"wait_due_at": due, "wait_kind": "unrouted", "wait_told": 0, "triage_missed": True}
        Case.objects.filter(pk=case.pk).update(state="unrouted", **columns)
        watch_clocks(now=due)
    case.refresh_from_db()
    assert (case.clocks_missed, case.urgency, case.computed_urgency) == (3, 2, 2)
    assert [row["code"] for row in case.urgency_reasons] == ["repeat"]
    assert codes(case).count("urgency_raised") == 1


def test_one_case_that_cannot_be_saved_stops_no_other(caplog: Any) -> None:
    broken, whole = waiting(category="WRK"), waiting(category="WRK")
    Case.objects.filter(pk=broken.pk).update(urgency_reasons="not a list", event_count=1)
    TimelineEvent.objects.create(
        case=broken, sequence=2, code="x", actor="system", at=NOW, previous_hash=b"", hash=b""
    )  # its next place is taken
    watch_clocks(now=NOW + 4 * HOUR)
    assert codes(whole) == ["clock_missed"] and "cannot be looked at" in caplog.text


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_two_sweeps_at_once_tell_everything_once() -> None:
    cases = [waiting(category="WRK") for _ in range(20)]
    at_once(4, lambda: watch_clocks(now=NOW + 5 * HOUR))
    assert {tuple(codes(case)) for case in cases} == {("clock_missed",)}
    assert told("clock_missed") == 20


def test_every_moment_is_the_same_in_any_zone() -> None:
    for zone in ("Asia/Baku", "Europe/Moscow", "Asia/Kamchatka"):
        due = datetime(2026, 11, 26, 0, 30, tzinfo=ZoneInfo(zone))
        case = waiting(category="WRK", triage_due_at=due, triage_told=1)
        assert watch_clocks(now=due - MOMENT) == 0
        assert watch_clocks(now=due) == 1
        assert codes(case) == ["clock_missed"]
