"""What may not be exceeded is a row that the operator sets; without the row there is no limit."""

from datetime import date, datetime, timedelta

import pytest

from cases.actions.keep_dates import enter_date
from cases.actions.pause_clocks import wait_for_reporter
from cases.models import CaseDate, ClockPause, Limit
from cases.queries.remembered import forget_reference
from intake.errors import InvalidInput
from seeds.reference import load_reference
from tests.cases.arrange import acting, in_state, opened, staff

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]


def limit(code: str, most: int | None) -> None:
    rows = Limit.objects.filter(code=code)
    rows.delete() if most is None else rows.update(most=most)
    forget_reference()


def wait(now: datetime, days: int) -> None:
    case = in_state(opened(now), "triage")
    on = now.date() + timedelta(days=days)
    wait_for_reporter(case_id=case.pk, reason="information_asked", look_again_on=on, by=acting(staff()), now=now)


@pytest.mark.parametrize(
    ("most", "days", "is_taken"), [(60, 60, True), (60, 61, False), (90, 61, True), (None, 400, True)]
)
def test_how_long_a_case_may_wait_is_the_operators(most: int | None, days: int, is_taken: bool, now: datetime) -> None:
    limit("wait_days", most)
    if is_taken:
        wait(now, days)
    else:
        with pytest.raises(InvalidInput) as refused:
            wait(now, days)
        assert str(most) in str(refused.value.fields["look_again_on"][0])
    assert ClockPause.objects.exists() is is_taken


@pytest.mark.parametrize(("most", "is_taken"), [(3660, False), (4000, True), (None, True)])
def test_how_far_ahead_a_date_may_lie_is_the_operators(most: int | None, is_taken: bool, now: datetime) -> None:
    limit("date_ahead_days", most)
    given = {"case_id": opened(now).pk, "kind": "appeal", "by": acting(staff()), "now": now}
    if is_taken:
        enter_date(on=now.date() + timedelta(days=3700), **given)
    else:
        with pytest.raises(InvalidInput):
            enter_date(on=now.date() + timedelta(days=3700), **given)
    assert CaseDate.objects.exists() is is_taken


def test_how_many_dates_a_case_may_have_is_the_operators(now: datetime) -> None:
    limit("dates_on_case", 2)
    given = {"case_id": opened(now).pk, "kind": "appeal", "by": acting(staff()), "now": now}
    for day in (1, 2):
        enter_date(on=date(2027, 1, day), **given)
    with pytest.raises(InvalidInput) as refused:
        enter_date(on=date(2027, 1, 3), **given)
    assert list(refused.value.fields) == ["date"]


def test_an_upgrade_leaves_what_the_operator_set() -> None:
    Limit.objects.filter(code="wait_days").update(most=90)
    Limit.objects.filter(code="date_ahead_days").delete()
    load_reference()
    assert dict(Limit.objects.values_list("code", "most")) == {
        "wait_days": 90,
        "date_ahead_days": 3660,
        "dates_on_case": 12,
    }
