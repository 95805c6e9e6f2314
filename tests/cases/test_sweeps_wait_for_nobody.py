"""A sweep passes by a case that somebody has locked, and says nothing of it: it neither waits nor fails."""

import logging
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta

import pytest

from cases.actions.assign import take_next
from cases.actions.complete_referral import end_access
from cases.actions.escalate import escalate_alarms
from cases.actions.expire import expire_due
from cases.actions.follow_ups import remind_due
from cases.actions.route_case import route_waiting
from cases.actions.run_jobs import claim
from cases.actions.take_up import take_up_waiting
from cases.actions.wake_unrouted import wake_all
from cases.actions.watch_clocks import watch_clocks
from cases.actions.wind_down import wind_down_ended
from cases.models import AgreementVersion, Case, DutyAlert, FollowUp, Job, TimingRule, User
from cases.queries.remembered import forget_reference
from intake.models import IntakeEvent
from tests.cases.held_rows import held, impatient
from tests.cases.routing_world import NOW, make_case, make_partner, make_reference, make_referral, make_staff

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
LATE = NOW + timedelta(days=9)
Sweep = Callable[[datetime], int]
SWEEPS: dict[str, Sweep] = {
    "watch_clocks": lambda now: watch_clocks(now=now),
    "expire": lambda now: expire_due(now=now),
    "remind": lambda now: remind_due(now=now),
    "wind_down": lambda now: wind_down_ended(now=now),
    "escalate": lambda now: escalate_alarms(now=now),
    "end_access": lambda now: end_access(now=now + timedelta(days=60)),
    "wake": lambda now: wake_all(now=now),
    "route": lambda now: route_waiting(now=now),
    "the next for a caseworker": lambda now: int(take_next(user_id=User.objects.get().pk, now=now) is not None),
}


@pytest.fixture(autouse=True)
def world() -> Iterator[None]:
    make_reference()
    yield
    forget_reference()


def due_case(name: str) -> Case:
    """Something for each of the sweeps: a missed clock, an offer without an answer or an agreement, a follow-up; and
    for the later ones an alarm, a case that is done, one that nobody took, one that waits for routing."""
    state = {"end_access": "resolved", "wake": "unrouted", "route": "routing"}.get(name, "offered")
    case = make_case(state=state, routing_wanted_at=NOW if name == "route" else None, urgency=2)
    user = make_staff()
    User.objects.filter(pk=user.pk).update(languages_read=["az"])
    if name == "end_access":
        make_referral(case, make_partner(), state="completed", outcome="advice_given", ended_at=NOW)
    elif state == "offered":
        make_referral(case, make_partner(), state="offered")
    AgreementVersion.objects.update(valid_until=date(2026, 11, 1))
    FollowUp.objects.create(case=case, user=user, due_at=NOW, made_by=user, made_at=NOW)
    if name == "escalate":
        TimingRule.objects.update_or_create(code="duty_minutes", defaults={"steps": [15]})
        DutyAlert.objects.create(case=case, user=user, sent_at=NOW)
        forget_reference()
    if name == "the next for a caseworker":
        Case.objects.filter(pk=case.pk).update(state="triage")
    return case


@pytest.mark.parametrize("name", SWEEPS)
def test_what_somebody_has_locked_is_left_to_the_next_run(
    name: str, is_postgres: bool, caplog: pytest.LogCaptureFixture
) -> None:
    assert is_postgres
    case = due_case(name)
    with impatient():
        with held(case), caplog.at_level(logging.WARNING):
            assert SWEEPS[name](LATE) == 0
        assert caplog.records == []
        assert SWEEPS[name](LATE) == 1


def test_what_a_person_did_and_somebody_is_taking_up_is_left_to_them(
    is_postgres: bool, caplog: pytest.LogCaptureFixture
) -> None:
    assert is_postgres
    event = IntakeEvent.objects.create(report_id=make_case().report_id, kind="file", at=NOW)
    with impatient():
        with held(event), caplog.at_level(logging.WARNING):
            assert take_up_waiting(now=LATE) == 0
        assert caplog.records == []
        assert take_up_waiting(now=LATE) == 1


def test_a_job_that_somebody_is_claiming_is_left_to_them(is_postgres: bool) -> None:
    assert is_postgres
    job = Job.objects.create(kind="dry_run", side="AZ", asked_by=make_staff(), asked_at=NOW)
    with impatient():
        with held(job):
            assert claim(LATE) is None
        assert claim(LATE) is not None
