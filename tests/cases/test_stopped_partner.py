"""A partner that is not active any more can do nothing: what it has, offered or in hand, goes on without it."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest

from cases.actions.route_case import route_case
from cases.actions.wind_down import wind_down_ended
from cases.models import Case, OutboxMessage, PartnerChange, PartnerOrganisation, Referral, VitalInterest
from cases.queries.agreement_ends import cases_without_chain
from cases.queries.remembered import forget_reference
from intake.actions.change_consent import ask_consent
from intake.models import PartnerErasure, PublicStatus
from intake.queries import open_consent_requests
from tests.cases.arrange import at_once
from tests.cases.routing_world import NOW, make_case, make_partner, make_reference, make_referral, make_staff
from tests.cases.test_wind_down import held

LATER = NOW + timedelta(minutes=1)


@pytest.fixture(autouse=True)
def world(db: None) -> Iterator[None]:
    make_reference()
    yield
    forget_reference()


def stop(partner: PartnerOrganisation) -> None:
    PartnerOrganisation.objects.filter(pk=partner.pk).update(is_active=False)


def test_an_open_offer_goes_to_the_next_partner_at_once_in_the_same_round() -> None:
    first, case = make_partner(), make_case(category="DET", urgency=2)
    route_case(case_id=case.pk, now=NOW)
    following = make_partner("Next")
    stop(first)
    assert wind_down_ended(now=LATER) == 1
    row = Referral.objects.get()
    assert (row.state, row.withdrawal_reason, row.ended_at) == ("withdrawn", "by_caseworker", LATER)
    assert OutboxMessage.objects.filter(audience="partner").latest("created_at").kind == "offer_withdrawn"
    case.refresh_from_db()
    assert (case.state, case.routing_wanted_at, case.round) == ("routing", LATER, 1)
    route_case(case_id=case.pk, now=LATER)
    assert Referral.objects.get(state="offered").partner_id == following.pk
    assert not PartnerErasure.objects.exists()


@pytest.mark.parametrize("state", ["accepted", "contacted", "in_service"])
def test_what_it_has_in_hand_comes_back_and_it_must_erase(state: str) -> None:
    row = held(make_partner(), state)
    stop(row.partner)
    assert wind_down_ended(now=LATER) == 1
    row.refresh_from_db()
    case = Case.objects.get()
    assert (row.state, row.withdrawal_reason) == ("withdrawn", "by_caseworker")
    assert (case.state, case.routing_wanted_at) == ("routing", LATER)
    assert PartnerErasure.objects.get().referral_ref == row.pk
    assert OutboxMessage.objects.get(audience="partner").kind == "erasure_requested"
    assert PartnerChange.objects.get().is_tombstone
    assert list(case.timeline.values_list("code", "actor")) == [("referral_withdrawn", "system")]
    assert PublicStatus.objects.get().code == "routing"


def test_a_question_to_the_person_about_it_is_closed() -> None:
    row = held(make_partner())
    Case.objects.update(state="waiting_for_reporter")
    ask_consent(report_id=row.case.report_id, body_id=row.partner.body_id, now=NOW)
    stop(row.partner)
    wind_down_ended(now=LATER)
    assert not open_consent_requests(row.case.report_id).exists()
    assert Case.objects.get().state == "routing"


def test_for_vital_interest_it_keeps_nothing_either() -> None:
    row, one, two = held(make_partner()), make_staff(), make_staff("supervisor")
    VitalInterest.objects.create(
        case=row.case, partner=row.partner, asked_by=one, asked_at=NOW, approved_by=two, approved_at=NOW
    )
    stop(row.partner)
    assert wind_down_ended(now=LATER) == 1
    assert Case.objects.get().state == "routing"
    assert VitalInterest.objects.in_force().exists()  # theirs to end who decided it


def test_a_paused_partner_keeps_what_it_has() -> None:
    held(make_partner(paused_until=date(2027, 1, 1), paused_because="staff_away"))
    assert (cases_without_chain(LATER), wind_down_ended(now=LATER)) == ([], 0)


def test_a_practice_case_comes_back_too() -> None:
    row = held(make_partner(is_practice=True))
    Case.objects.update(is_practice=True)
    stop(row.partner)
    assert wind_down_ended(now=LATER) == 1


def test_the_other_offer_of_a_pair_keeps_its_clock() -> None:
    row = held(make_partner(), "offered")
    other = make_referral(row.case, make_partner("Other"), state="offered")
    Case.objects.update(triaged_at=NOW)
    stop(row.partner)
    assert wind_down_ended(now=LATER) == 1
    case = Case.objects.get()
    assert (case.state, case.routing_wanted_at, case.due_at) == ("offered", None, other.answer_due_at)


def test_stopped_and_ended_in_one_case_each_has_its_reason() -> None:
    row = held(make_partner(), "offered")
    make_referral(row.case, make_partner(agreement={"valid_until": date(2026, 11, 20)}), state="offered")
    stop(row.partner)
    assert wind_down_ended(now=LATER) == 2
    assert set(Referral.objects.values_list("withdrawal_reason", flat=True)) == {"by_caseworker", "agreement_ended"}
    assert Case.objects.get().state == "routing"


def test_running_it_twice_is_once() -> None:
    stop(held(make_partner()).partner)
    assert [wind_down_ended(now=LATER) for _ in range(2)] == [1, 0]
    assert OutboxMessage.objects.filter(audience="partner").count() == 1


def test_active_again_it_has_nothing_of_what_was_taken_back() -> None:
    row = held(make_partner())
    stop(row.partner)
    wind_down_ended(now=LATER)
    PartnerOrganisation.objects.update(is_active=True)
    row.refresh_from_db()
    assert (row.state, cases_without_chain(LATER)) == ("withdrawn", [])


def test_many_cases_of_a_stopped_partner_are_found_in_as_few_statements_as_one(django_assert_num_queries: Any) -> None:
    stopped, sound = make_partner(), make_partner("Sound")
    rows = [held(stopped) for _ in range(4)]
    for _ in range(4):
        held(sound)
    Referral.objects.filter(pk=rows[0].pk).update(state="completed", ended_at=NOW)
    stop(stopped)
    with django_assert_num_queries(4):
        assert set(cases_without_chain(LATER)) == {row.case_id for row in rows[1:]}


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_two_jobs_at_once_withdraw_each_once() -> None:
    partner = make_partner(capacity=9)
    for _ in range(5):
        held(partner)
    stop(partner)
    assert sum(at_once(4, lambda: wind_down_ended(now=LATER))) == 5
    assert OutboxMessage.objects.filter(audience="partner").count() == 5
