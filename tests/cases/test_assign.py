"""Who is responsible: two people never get the same case, and the most urgent goes first."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from cases.actions.assign import take_case, take_next
from cases.errors import NotAllowed, NotFound, StaleObject
from cases.models import Assignment, Case, TimelineEvent
from intake.signals import intake_event
from tests.cases.arrange import acting, at_once, opened, staff

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]


def test_a_free_case_is_taken_with_history_and_event(now: datetime) -> None:
    case, user = opened(now), staff()
    take_case(case_id=case.pk, user_id=user.pk, by=acting(user), now=now)
    case.refresh_from_db()
    assert case.responsible == user and case.last_event == "assigned"
    assert Assignment.objects.get(case=case).user == user
    event = TimelineEvent.objects.get(case=case, code="assigned")
    assert (event.actor_ref, event.details) == (user.pk, {"user": str(user.pk)})


def test_taking_it_twice_changes_nothing(now: datetime) -> None:
    case, user = opened(now), staff()
    for _ in range(2):
        take_case(case_id=case.pk, user_id=user.pk, by=acting(user), now=now)
    assert Assignment.objects.count() == 1


def test_who_comes_second_is_told(now: datetime) -> None:
    case, first, second = opened(now), staff(), staff()
    take_case(case_id=case.pk, user_id=first.pk, by=acting(first), now=now)
    with pytest.raises(StaleObject):
        take_case(case_id=case.pk, user_id=second.pk, by=acting(second), now=now)
    assert Assignment.objects.get().user == first


@pytest.mark.parametrize("left", [{"is_active": False}, {"roles": ["auditor"]}])
def test_the_cases_of_somebody_who_left_are_free_and_come_back_only_if_nobody_took_them(
    now: datetime, left: dict[str, Any]
) -> None:
    gone, colleague = staff(), staff()
    case = opened(now)
    take_case(case_id=case.pk, user_id=gone.pk, by=acting(gone), now=now)
    assert take_next(user_id=colleague.pk, now=now) is None
    type(gone).objects.filter(pk=gone.pk).update(**left)
    taken = take_next(user_id=colleague.pk, now=now)
    assert taken is not None and taken.pk == case.pk
    assert Assignment.objects.get(ended_at__isnull=True).user == colleague
    type(gone).objects.filter(pk=gone.pk).update(is_active=True, roles=gone.roles)
    with pytest.raises(StaleObject):
        take_case(case_id=case.pk, user_id=gone.pk, by=acting(gone), now=now)


def test_a_supervisor_gives_a_case_to_somebody_else(now: datetime) -> None:
    case, first, second, supervisor = opened(now), staff(), staff(), staff("supervisor")
    take_case(case_id=case.pk, user_id=first.pk, by=acting(first), now=now)
    take_case(case_id=case.pk, user_id=second.pk, by=acting(supervisor), now=now)
    ended, running = Assignment.objects.filter(case=case).order_by("pk")
    assert (ended.user, ended.ended_at) == (first, now)
    assert (running.user, running.assigned_by, running.ended_at) == (second, supervisor, None)


def test_a_caseworker_gives_no_case_to_a_colleague(now: datetime) -> None:
    user, colleague = staff(), staff()
    with pytest.raises(NotAllowed):
        take_case(case_id=opened(now).pk, user_id=colleague.pk, by=acting(user), now=now)


@pytest.mark.parametrize("fields", [{"side": "RU"}, {"role": "auditor"}, {"is_active": False}])
def test_a_case_is_given_to_nobody_who_may_not_open_it(fields: dict[str, Any], now: datetime) -> None:
    target = staff(**fields)
    with pytest.raises(NotAllowed):
        take_case(case_id=opened(now).pk, user_id=target.pk, by=acting(staff("supervisor")), now=now)


def test_the_other_side_does_not_find_it(now: datetime) -> None:
    user = staff("supervisor", side="RU")
    with pytest.raises(NotFound):
        take_case(case_id=opened(now).pk, user_id=user.pk, by=acting(user), now=now)


def test_the_next_one_is_the_most_urgent_then_the_longest_waiting(now: datetime) -> None:
    late, early = opened(now + timedelta(minutes=1)), opened(now)
    urgent = opened(now + timedelta(minutes=2), category="SAF", subcode="DOMESTIC")
    user = staff()
    taken = [take_next(user_id=user.pk, now=now) for _ in range(4)]
    assert taken == [urgent, early, late, None]


@pytest.mark.parametrize(
    "changes",
    [
        {"side": "RU"},
        {"language_id": "ru"},
        {"state": "resolved", "outcome": "advice_given"},
        {"state": "withdrawn"},
        {"state": "accepted", "triaged_at": datetime.fromisoformat("2026-11-24T08:00:00+00:00")},
        {"is_practice": True},
    ],
)
def test_what_is_not_for_me_is_not_the_next_one(changes: dict[str, Any], now: datetime) -> None:
    case, user = opened(now), staff(languages_read=["az", "en"])
    Case.objects.filter(pk=case.pk).update(**changes)
    assert take_next(user_id=user.pk, now=now) is None


@pytest.mark.parametrize("state", ["unrouted", "triage", "in_progress"])
def test_a_triaged_case_that_needs_a_person_is(state: str, now: datetime) -> None:
    case, user = opened(now), staff()
    Case.objects.filter(pk=case.pk).update(state=state, triaged_at=now)
    assert take_next(user_id=user.pk, now=now) == case


def test_who_may_not_take_cases_gets_none(now: datetime) -> None:
    opened(now)
    with pytest.raises(NotAllowed):
        take_next(user_id=staff("administrator").pk, now=now)


@pytest.mark.django_db(transaction=True)
def test_two_people_never_get_the_same(now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intake_event, "receivers", [])
    for _ in range(3):
        opened(now)
    people = [staff() for _ in range(4)]
    free = list(people)
    taken = at_once(4, lambda: take_next(user_id=free.pop().pk, now=now))
    found = [case.pk for case in taken if case is not None]
    assert len(found) == len(set(found)) == Assignment.objects.count()
    assert Case.objects.filter(responsible__isnull=False).count() == len(found)
