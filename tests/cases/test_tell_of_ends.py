"""Before an agreement ends, the right people hear of it at 90, 30 and 7 days, once each."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from cases.actions.tell_of_ends import tell_of_ends
from cases.models import Agreement, AgreementNotice, AgreementVersion, OutboxMessage
from tests.cases.agreement_world import agreement_of, terms
from tests.cases.arrange import partner, staff

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]


def ends_in(days: int, now: datetime, **fields: Any) -> Any:
    owner = partner("AZ", **fields)
    agreement_of(owner).versions.update(valid_until=now.date() + timedelta(days=days))
    return owner


def told() -> list[tuple[str, int]]:
    return sorted(OutboxMessage.objects.values_list("audience", "params__days"))


@pytest.mark.parametrize(
    ("left", "is_told"), [(91, False), (90, True), (30, True), (7, True), (0, True), (-1, False), (500, False)]
)
def test_it_is_told_when_so_many_days_are_left(left: int, is_told: bool, now: datetime) -> None:
    ends_in(left, now)
    staff("supervisor")
    tell_of_ends(now=now)
    assert told() == ([("partner", left), ("staff", left)] if is_told else [])


def test_each_notice_goes_out_once_on_the_whole_way(now: datetime) -> None:
    ends_in(95, now)
    staff("partner_coordinator")
    for hour in range(0, 100 * 24, 12):
        tell_of_ends(now=now + timedelta(hours=hour))
    assert told() == [(who, days) for who in ("partner", "staff") for days in (7, 30, 90)]


def test_coordinators_and_supervisors_of_the_side_hear_of_it_and_nobody_else(now: datetime) -> None:
    ends_in(7, now)
    wanted = {staff("supervisor").pk, staff("partner_coordinator").pk}
    for role in ("caseworker", "auditor", "administrator", "working_group_member"):
        staff(role)
    staff("supervisor", is_active=False)
    staff("supervisor", "RU")
    tell_of_ends(now=now)
    assert set(OutboxMessage.objects.filter(audience="staff").values_list("user", flat=True)) == wanted


def test_the_memorandum_concerns_both_sides_and_no_partner(now: datetime) -> None:
    memorandum = Agreement.objects.create(slug="mou", kind="memorandum")
    AgreementVersion.objects.create(agreement=memorandum, number=1, **terms(valid_until=date(2026, 12, 1)).columns())
    wanted = {staff("supervisor").pk, staff("supervisor", "RU").pk}
    tell_of_ends(now=now)
    assert set(OutboxMessage.objects.values_list("user", flat=True)) == wanted


def test_an_amendment_that_carries_it_on_is_no_end_and_one_with_a_gap_is(now: datetime) -> None:
    owner = ends_in(7, now)
    ends = now.date() + timedelta(days=7)
    found = agreement_of(owner)
    following = AgreementVersion.objects.create(
        agreement=found, number=2, **terms(valid_from=ends + timedelta(days=1)).columns()
    )
    tell_of_ends(now=now)
    assert told() == []
    AgreementVersion.objects.filter(pk=following.pk).update(valid_from=ends + timedelta(days=2))
    tell_of_ends(now=now)
    assert told() == [("partner", 7)]


def test_a_new_last_day_is_told_anew(now: datetime) -> None:
    owner = ends_in(7, now)
    tell_of_ends(now=now)
    agreement_of(owner).versions.update(valid_until=now.date() + timedelta(days=6))
    tell_of_ends(now=now)
    assert told() == [("partner", 6), ("partner", 7)]


def test_the_days_are_the_operators(now: datetime) -> None:
    ends_in(91, now)
    AgreementNotice.objects.create(days=120)
    tell_of_ends(now=now)
    assert told() == [("partner", 91)]


def test_an_inactive_partner_is_not_written_to(now: datetime) -> None:
    ends_in(7, now, is_active=False)
    tell_of_ends(now=now)
    assert told() == []
