"""An alarm goes further until somebody opens or triages the case; never to somebody who knows the person."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from cases.actions.edit_duty import add_shift
from cases.actions.end_case import close_case
from cases.actions.escalate import escalate_alarms
from cases.actions.know_person import know_person
from cases.actions.merge_cases import merge_cases
from cases.actions.open_file import open_file
from cases.actions.take_up import take_up_report_events
from cases.actions.triage import confirm_triage
from cases.models import Case, DutyAlert, DutyShift, OutboxMessage, Recusal, TimingRule, User
from cases.queries.remembered import forget_reference
from intake.actions.correct_report import correct_report
from intake.errors import InvalidInput
from tests.cases.arrange import acting, at_once, on_duty, opened, staff

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]
STEP = timedelta(minutes=15)
HOUR = timedelta(hours=1)


def following(user: User, now: datetime) -> None:
    DutyShift.objects.create(side=user.side, user=user, starts_at=now + HOUR, ends_at=now + 9 * HOUR)


def alarmed() -> list[Any]:
    rows = OutboxMessage.objects.filter(kind="urgent_case", lane=OutboxMessage.Lane.URGENT)
    return [message.user_id for message in rows.order_by("created_at", "pk")]


@pytest.fixture
def rota(now: datetime) -> dict[str, User]:
    people = {
        "duty": staff(),
        "next": staff(),
        "supervisor": staff("supervisor"),
        "other": staff(),
        "far": staff(side="RU"),
    }
    on_duty(people["duty"], now)
    following(people["next"], now)
    return people


def test_at_once_only_the_person_on_duty_is_told(rota: dict[str, User], now: datetime) -> None:
    opened(now, category="DET")
    assert alarmed() == [rota["duty"].pk]


def test_not_opened_in_15_minutes_it_goes_to_the_next_and_the_supervisor(rota: dict[str, User], now: datetime) -> None:
    case = opened(now, category="DET")
    assert escalate_alarms(now=now + STEP - timedelta(seconds=1)) == 0
    assert escalate_alarms(now=now + STEP) == 1
    assert set(alarmed()[1:]) == {rota["next"].pk, rota["supervisor"].pk}
    assert case.timeline.last().details["step"] == 2


def test_then_to_everybody_of_the_side_again_and_again(rota: dict[str, User], now: datetime) -> None:
    opened(now, category="DET")
    for number in range(1, 5):
        assert escalate_alarms(now=now + number * STEP) == 1
    everybody = {rota[name].pk for name in ("duty", "next", "supervisor", "other")}
    assert set(alarmed()[3:7]) == everybody and set(alarmed()[7:]) == everybody
    assert rota["far"].pk not in alarmed()


def test_a_second_sweep_takes_no_step_more_and_hours_asleep_are_one_step(rota: dict[str, User], now: datetime) -> None:
    opened(now, category="DET")
    assert [escalate_alarms(now=now + 5 * HOUR) for _ in range(3)] == [1, 0, 0]
    assert len(alarmed()) == 3


@pytest.mark.parametrize("how", ["opened", "triaged", "withdrawn"])
def test_it_ends_when_somebody_has_it(how: str, rota: dict[str, User], now: datetime) -> None:
    case = opened(now, category="DET")
    escalate_alarms(now=now + STEP)
    if how == "opened":
        open_file(case=case, by=acting(rota["supervisor"]), now=now + STEP)
    else:
        columns: dict[str, Any] = {"triaged_at": now + STEP} if how == "triaged" else {"state": "withdrawn"}
        Case.objects.filter(pk=case.pk).update(**columns)
    assert escalate_alarms(now=now + 9 * STEP) == 0


def test_a_hole_in_the_rota_is_told_to_the_supervisors_at_once(now: datetime) -> None:
    supervisor, _caseworker = staff("supervisor"), staff()
    opened(now, category="DET")
    assert alarmed() == [supervisor.pk]


def test_who_knows_the_person_gets_no_alarm_and_hands_theirs_on(rota: dict[str, User], now: datetime) -> None:
    case = opened(now, category="DET")
    open_file(case=case, by=acting(rota["duty"]), now=now)
    know_person(case_id=case.pk, by=acting(rota["duty"]), now=now)
    assert alarmed() == [rota["duty"].pk, rota["supervisor"].pk], "on duty is nobody else, so the supervisors"
    Recusal.objects.create(case=case, user=rota["next"], at=now)
    for number in (1, 2, 3):
        escalate_alarms(now=now + number * STEP)
    later = alarmed()[2:]
    assert later and not {rota["duty"].pk, rota["next"].pk} & set(later)


def test_the_minutes_are_data(rota: dict[str, User], now: datetime) -> None:
    TimingRule.objects.filter(code="duty_minutes").update(steps=[5, 60])
    forget_reference()
    opened(now, category="DET")
    minutes = [at for at in range(0, 140, 5) if escalate_alarms(now=now + timedelta(minutes=at))]
    assert minutes == [5, 65, 125]


def test_a_u2_at_night_goes_further_and_one_by_day_makes_no_alarm(rota: dict[str, User], now: datetime) -> None:
    opened(now, category="POL")
    assert alarmed() == []
    night = now + 12 * HOUR
    opened(night, category="POL")
    assert escalate_alarms(now=night + STEP) == 1


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_two_sweeps_at_once_take_one_step(rota: dict[str, User], now: datetime) -> None:
    for _ in range(8):
        opened(now, category="DET")
    DutyAlert.objects.update(sent_at=now)  # with real transactions the receiver is quicker, at the hour of today
    assert sum(at_once(4, lambda: escalate_alarms(now=now + STEP))) == 8
    assert DutyAlert.objects.filter(step=2).count() == 16 and len(alarmed()) == 24


def test_two_shifts_of_one_person_may_not_overlap_but_touch(now: datetime) -> None:
    person, by = staff(), acting(staff("supervisor"))

    def add(start: int, end: int) -> None:
        at = {"starts_at": now + start * HOUR, "ends_at": now + end * HOUR}
        add_shift(side="AZ", user_id=person.pk, by=by, now=now, **at)

    add(1, 9)
    with pytest.raises(InvalidInput) as refused:
        add(8, 12)
    add(9, 12)
    assert "starts_at" in refused.value.fields and DutyShift.objects.count() == 2


@pytest.mark.parametrize("how", ["triaged", "merged", "closed as merged"])
def test_what_a_person_says_after_triage_or_merging_raises_an_alarm_that_goes_further(
    how: str, rota: dict[str, User], now: datetime
) -> None:
    case, by = opened(now), acting(rota["other"])
    if how == "triaged":
        confirm_triage(
            case_id=case.pk, category="WRK", subcode="UNPAID", urgency=3, next_step="in_progress", by=by, now=now
        )
    else:
        merge_cases(case_id=case.pk, into_id=opened(now).pk, by=by, now=now)
    if how == "closed as merged":
        close_case(case_id=case.pk, outcome="duplicate", by=by, now=now)
    correct_report(report_id=case.report_id, part="answers", content={"held": "yes"}, submission_key="", now=now + STEP)
    take_up_report_events(report_id=case.report_id, now=now + STEP)
    assert alarmed() == [rota["duty"].pk]
    assert escalate_alarms(now=now + 2 * STEP) == 1
    assert set(alarmed()[1:]) == {rota["next"].pk, rota["supervisor"].pk}
    open_file(case=Case.objects.get(pk=case.pk), by=by, now=now + 2 * STEP)
    assert escalate_alarms(now=now + 3 * STEP) == 0
