"""The day after an agreement's last: offers under it go on to the next partner, running cases by its wind-down."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from cases.actions.answer_referral import accept_referral
from cases.actions.record import Actor
from cases.actions.route_case import route_case
from cases.actions.wind_down import wind_down_ended
from cases.errors import AgreementNotValid
from cases.models import AgreementVersion, Case, OutboxMessage, PartnerChange, Referral, VitalInterest
from cases.queries.agreement_ends import cases_without_chain
from cases.queries.remembered import forget_reference
from intake.actions.change_consent import ask_consent
from intake.models import PartnerErasure, PublicStatus
from intake.queries import open_consent_requests
from tests.cases.arrange import at_once
from tests.cases.routing_world import (
    NOW,
    make_agreement,
    make_case,
    make_partner,
    make_reference,
    make_referral,
    make_staff,
    make_version,
)

LAST_DAY = date(2026, 11, 24)
MIDNIGHT = datetime(2026, 11, 24, 21, 0, tzinfo=UTC)  # in Moscow
SECOND = timedelta(seconds=1)


@pytest.fixture(autouse=True)
def world(db: None) -> Iterator[None]:
    make_reference()
    yield
    forget_reference()


def ending(wind_down: str = "finish", **fields: Any) -> Any:
    return make_partner(agreement={"valid_until": LAST_DAY, "wind_down": wind_down}, **fields)


def held(partner: Any, state: str = "accepted", **fields: Any) -> Referral:
    case = make_case(state="offered" if state == "offered" else "accepted", routing_wanted_at=None)
    PublicStatus.objects.create(report_id=case.report_id, code=case.state, updated_at=NOW)
    answered = {} if state == "offered" else {"answered_at": NOW}
    return make_referral(case, partner, state=state, **(answered | fields))


@pytest.mark.parametrize(
    ("zone", "midnight"),
    [
        ("Asia/Baku", datetime(2026, 11, 24, 20, 0, tzinfo=UTC)),
        ("Europe/Moscow", datetime(2026, 11, 24, 21, 0, tzinfo=UTC)),
        ("Asia/Kamchatka", datetime(2026, 11, 24, 12, 0, tzinfo=UTC)),
    ],
)
def test_it_ends_at_midnight_of_its_own_zone_to_the_second(zone: str, midnight: datetime) -> None:
    row = held(make_partner(agreement={"valid_until": LAST_DAY, "timezone": zone}), "offered")
    assert wind_down_ended(now=midnight - SECOND) == 0
    assert wind_down_ended(now=midnight) == 1
    row.refresh_from_db()
    assert (row.state, row.withdrawal_reason, row.ended_at) == ("withdrawn", "agreement_ended", midnight)


@pytest.mark.parametrize("wind_down", ["finish", "hand_back"])
def test_an_open_offer_goes_to_the_next_partner_at_once_in_the_same_round(wind_down: str) -> None:
    ending(wind_down)
    case = make_case(category="DET", urgency=2)
    route_case(case_id=case.pk, now=NOW)
    following = make_partner("Next")
    assert wind_down_ended(now=MIDNIGHT) == 1
    case.refresh_from_db()
    assert (case.state, case.routing_wanted_at, case.round) == ("routing", MIDNIGHT, 1)
    route_case(case_id=case.pk, now=MIDNIGHT)
    assert Referral.objects.get(state="offered").partner_id == following.pk


def test_between_midnight_and_the_job_nobody_can_accept() -> None:
    row = held(ending(), "offered")
    with pytest.raises(AgreementNotValid):
        accept_referral(
            referral_id=row.pk, partner_id=row.partner_id, by=Actor("partner", row.partner_id), now=MIDNIGHT
        )


@pytest.mark.parametrize("state", ["accepted", "contacted", "in_service"])
def test_with_finish_a_running_case_goes_on(state: str) -> None:
    row = held(ending("finish"), state)
    assert wind_down_ended(now=MIDNIGHT) == 0
    row.refresh_from_db()
    assert row.state == state


@pytest.mark.parametrize("state", ["accepted", "contacted", "in_service"])
def test_with_hand_back_it_is_taken_back_and_the_partner_must_erase(state: str) -> None:
    row = held(ending("hand_back"), state)
    assert wind_down_ended(now=MIDNIGHT) == 1
    row.refresh_from_db()
    case = Case.objects.get()
    assert (row.state, row.withdrawal_reason, case.state) == ("withdrawn", "agreement_ended", "routing")
    assert PartnerErasure.objects.get().referral_ref == row.pk
    assert OutboxMessage.objects.get(audience="partner").kind == "erasure_requested"
    assert PartnerChange.objects.get().is_tombstone
    assert list(case.timeline.values_list("code", flat=True)) == ["referral_withdrawn"]
    assert PublicStatus.objects.get().code == "routing"


def test_a_question_to_the_person_about_a_partner_that_is_gone_is_closed() -> None:
    row = held(ending("hand_back"))
    Case.objects.update(state="waiting_for_reporter")
    ask_consent(report_id=row.case.report_id, body_id=row.partner.body_id, now=NOW)
    wind_down_ended(now=MIDNIGHT)
    assert not open_consent_requests(row.case.report_id).exists()
    assert Case.objects.get().state == "routing"


def test_a_partner_that_has_it_for_vital_interest_keeps_it() -> None:
    row, one, two = held(ending("hand_back")), make_staff(), make_staff("supervisor")
    VitalInterest.objects.create(
        case=row.case, partner=row.partner, asked_by=one, asked_at=NOW, approved_by=two, approved_at=NOW
    )
    assert wind_down_ended(now=MIDNIGHT) == 0


def test_a_partner_with_another_agreement_in_force_keeps_its_cases() -> None:
    partner = ending("hand_back")
    held(partner)
    make_agreement(partner)
    assert wind_down_ended(now=MIDNIGHT) == 0


def test_the_wind_down_of_the_amendment_counts_not_of_the_version_relied_on() -> None:
    partner = ending("finish")
    row = held(partner)
    make_version(partner.agreements.get(), 2, valid_until=LAST_DAY, wind_down="hand_back")
    assert wind_down_ended(now=MIDNIGHT) == 1
    row.refresh_from_db()
    assert row.state == "withdrawn"


@pytest.mark.parametrize(("wind_down", "left"), [("finish", "accepted"), ("hand_back", "withdrawn")])
def test_when_the_memorandum_lapses_cases_across_follow_its_wind_down(wind_down: str, left: str) -> None:
    memorandum = make_agreement(None, valid_until=LAST_DAY, wind_down=wind_down)
    across = held(make_partner("Across", side="RU"), memorandum_version=memorandum)
    under = held(make_partner("Under", agreement={"under_memorandum": True}), memorandum_version=memorandum)
    offered = held(make_partner("Asked", side="RU"), "offered", memorandum_version=memorandum)
    own = held(make_partner("Own"))
    wind_down_ended(now=MIDNIGHT)
    states = dict(Referral.objects.values_list("pk", "state"))
    assert [states[row.pk] for row in (across, under, offered, own)] == [left, left, "withdrawn", "accepted"]


def test_running_it_twice_is_once() -> None:
    held(ending("hand_back"))
    assert [wind_down_ended(now=MIDNIGHT) for _ in range(2)] == [1, 0]
    assert OutboxMessage.objects.filter(audience="partner").count() == 1


def test_the_other_offer_of_a_pair_keeps_its_clock() -> None:
    row = held(ending(), "offered")
    other = make_referral(row.case, make_partner("Other"), state="offered")
    assert wind_down_ended(now=MIDNIGHT) == 1
    case = Case.objects.get()
    assert (case.state, case.routing_wanted_at) == ("offered", None)
    other.refresh_from_db()
    assert other.state == "offered"


def test_a_thousand_cases_of_sound_partners_cost_no_more_than_one(django_assert_num_queries: Any) -> None:
    partner = make_partner()
    for _ in range(5):
        held(partner)
    with django_assert_num_queries(2):
        assert cases_without_chain(NOW) == []


def test_a_hold_on_one_case_does_not_stop_the_others(monkeypatch: Any) -> None:
    for _ in range(2):
        held(ending("hand_back"))
    first = Case.objects.order_by("pk")[0]
    monkeypatch.setattr(
        "cases.actions.wind_down.save_case",
        lambda case: (_ for _ in ()).throw(RuntimeError) if case.pk == first.pk else case.save(),
    )
    assert wind_down_ended(now=MIDNIGHT) == 1


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_two_jobs_at_once_withdraw_each_once() -> None:
    for _ in range(5):
        held(ending("hand_back"))
    assert sum(at_once(4, lambda: wind_down_ended(now=MIDNIGHT))) == 5
    assert OutboxMessage.objects.filter(audience="partner").count() == 5
    assert AgreementVersion.objects.count() == 5


def test_handed_back_while_another_was_asked_to_take_over_the_case_is_offered_to_that_one() -> None:
    old = held(ending("hand_back"))
    new = make_referral(old.case, make_partner("next"), state="offered", takes_over_from=old)
    Case.objects.update(triaged_at=NOW)
    wind_down_ended(now=MIDNIGHT)
    case = Case.objects.get(pk=old.case_id)
    assert (case.state, case.due_kind, case.due_at) == ("offered", "answer", new.answer_due_at)
    assert PublicStatus.objects.get(report_id=case.report_id).code == "offered"
    new.refresh_from_db()
    assert new.takes_over_from_id is None
