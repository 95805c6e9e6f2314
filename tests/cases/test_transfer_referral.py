"""Handing a case from one partner to another, taking it back, and a new round."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from cases.actions.answer_referral import accept_referral, decline_referral
from cases.actions.complete_referral import complete_referral
from cases.actions.expire import expire_due
from cases.actions.new_round import new_round
from cases.actions.record import Actor, verify_chain
from cases.actions.return_referral import return_referral
from cases.actions.route_case import route_waiting
from cases.actions.take_up import take_up_report_events
from cases.actions.transfer_referral import transfer_referral
from cases.actions.withdraw_referral import withdraw_referral
from cases.errors import CapacityExceeded, MoveNotAllowed, NotAllowed, NotFound, ReasonRequired
from cases.models import Case, ClockPause, Note, OutboxMessage, PartnerOrganisation, Referral, TimelineEvent
from cases.queries.remembered import forget_reference
from intake.actions.change_consent import answer_consent_request
from intake.models import ConsentRequest, PartnerErasure, PublicStatus
from intake.queries import forget_reference_data
from tests.cases.routing_world import NOW, fill, make_case, make_partner, make_reference, make_referral, make_staff
from tests.cases.test_partner_moves import LATER, accepted, case_of, contact, give_back, itself

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def world() -> Iterator[None]:
    forget_reference_data()
    make_reference()
    yield
    forget_reference()


def by() -> Actor:
    return Actor("staff", make_staff("caseworker").pk)


def handed(share: str = "any") -> tuple[Referral, Referral, PartnerOrganisation]:
    """A case in hand of one partner, offered to a second to take over."""
    make_partner("first", service={"is_specialised": True})
    second = make_partner("second")
    old = accepted(share=share)
    new = transfer_referral(referral_id=old.pk, partner_id=second.pk, reason="nearer", by=by(), now=LATER)
    return old, new, second


def accept(referral: Referral) -> Referral:
    return accept_referral(referral_id=referral.pk, partner_id=referral.partner_id, by=itself(referral), now=LATER)


def states(*rows: Referral) -> list[str]:
    return [Referral.objects.get(pk=row.pk).state for row in rows]


def test_the_old_partner_keeps_the_case_until_the_new_one_accepts() -> None:
    old, new, _ = handed()
    assert states(old, new) == ["accepted", "offered"] and case_of(old).state == "accepted"
    contact(old)
    accept(new)
    old.refresh_from_db()
    assert states(old, new) == ["transferred", "accepted"] and old.transferred_to == new
    case = case_of(old)
    assert (case.state, case.due_kind) == ("in_progress", "contact")
    assert PartnerErasure.objects.get().referral_ref == old.pk
    assert PublicStatus.objects.get().organisation == new.partner.body and verify_chain(case.pk)


@pytest.mark.parametrize("how", ["declined", "expired"])
def test_when_the_new_one_does_not_take_it_nothing_changes_and_staff_are_told(how: str) -> None:
    make_staff("supervisor")
    old, new, second = handed()
    if how == "declined":
        decline_referral(referral_id=new.pk, partner_id=second.pk, reason="language", by=itself(new), now=LATER)
    else:
        expire_due(now=new.answer_due_at)
    case = case_of(old)
    assert states(old, new) == ["accepted", how]
    assert (case.state, case.due_kind, case.routing_wanted_at) == ("accepted", "contact", None)
    assert OutboxMessage.objects.filter(kind="partner_moved").values_list("params__what", flat=True)[0] == (
        "transfer_failed"
    )


def test_who_wants_to_be_asked_first_is_asked_and_the_old_partner_goes_on_meanwhile() -> None:
    old, new, second = _asked()
    accept(new)
    assert states(old, new) == ["accepted", "accepted"] and case_of(old).state == "accepted"
    _answer(second, "yes")
    assert states(old, new) == ["transferred", "accepted"]
    assert Referral.objects.get(pk=new.pk).takes_over_from is None


def test_a_no_to_the_new_partner_leaves_the_person_their_helper() -> None:
    old, new, second = _asked()
    accept(new)
    _answer(second, "no")
    assert states(old, new) == ["accepted", "withdrawn"]
    assert (case_of(old).state, case_of(old).routing_wanted_at) == ("accepted", None)


def _asked() -> tuple[Referral, Referral, PartnerOrganisation]:
    first = make_partner("first", service={"is_specialised": True})
    second = make_partner("second")
    old = accepted(share="ask_first")
    _answer(first, "yes")
    new = transfer_referral(referral_id=old.pk, partner_id=second.pk, reason="nearer", by=by(), now=LATER)
    return old, new, second


def _answer(partner: PartnerOrganisation, answer: str) -> None:
    request = ConsentRequest.objects.get(body=partner.body, answered_at__isnull=True)
    answer_consent_request(report_id=request.report_id, request_id=request.pk, answer=answer, language="az", now=LATER)
    take_up_report_events(report_id=request.report_id, now=LATER)


def test_when_the_old_one_gives_it_back_the_transfer_is_an_ordinary_offer() -> None:
    old, new, _ = handed()
    give_back(old)
    assert (case_of(old).state, states(new)) == ("offered", ["offered"])
    accept(new)
    assert (case_of(old).state, states(new)) == ("accepted", ["accepted"])


def test_a_transfer_is_made_under_the_same_requirements() -> None:
    make_partner("first", service={"is_specialised": True})
    full, other = make_partner("full", capacity=1), make_partner("other", categories=["EDU"])
    fill(full, 1)
    old = accepted()
    for partner, error in ((full, CapacityExceeded), (other, NotAllowed), (old.partner, NotAllowed)):
        with pytest.raises(error):
            transfer_referral(referral_id=old.pk, partner_id=partner.pk, reason="x", by=by(), now=LATER)
    assert Referral.objects.filter(case=old.case).count() == 1


def test_a_second_transfer_beside_the_first_and_one_by_the_partner_itself_are_refused() -> None:
    old, _new, _ = handed()
    third = make_partner("third")
    with pytest.raises(MoveNotAllowed):
        transfer_referral(referral_id=old.pk, partner_id=third.pk, reason="x", by=by(), now=LATER)
    with pytest.raises(NotAllowed):
        transfer_referral(referral_id=old.pk, partner_id=third.pk, reason="x", by=itself(old), now=LATER)
    with pytest.raises(ReasonRequired):
        transfer_referral(referral_id=old.pk, partner_id=third.pk, reason=" ", by=by(), now=LATER)


# --- taken back by a caseworker ---------------------------------------------------------------------------------------
def test_a_case_taken_back_goes_to_the_next_partner_and_the_reason_is_sealed() -> None:
    make_partner("first", service={"is_specialised": True})
    second = make_partner("second")
    old = accepted()
    withdraw_referral(referral_id=old.pk, reason="canary: they shouted at her", by=by(), now=LATER)
    route_waiting(now=LATER)
    case = case_of(old)
    assert states(old) == ["withdrawn"] and PartnerErasure.objects.get().referral_ref == old.pk
    assert case.referrals.get(state="offered").partner == second
    assert Note.objects.count() == 1 and "canary" not in repr(list(TimelineEvent.objects.values()))


def test_an_ended_referral_cannot_be_taken_back_nor_by_the_partner_nor_without_a_reason() -> None:
    make_partner()
    old = accepted()
    with pytest.raises(NotAllowed):
        withdraw_referral(referral_id=old.pk, reason="x", by=itself(old), now=LATER)
    with pytest.raises(ReasonRequired):
        withdraw_referral(referral_id=old.pk, reason="", by=by(), now=LATER)
    give_back(old)
    with pytest.raises(MoveNotAllowed):
        withdraw_referral(referral_id=old.pk, reason="x", by=by(), now=LATER)


# --- a new round ------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("state", "reason", "is_asked_again"),
    [
        ("declined", "no_capacity", True),
        ("expired", "", True),
        ("declined", "conflict_of_interest", False),
        ("declined", "out_of_mandate", False),
        ("declined", "safety_of_staff", False),
        ("declined", "client_refused", False),
    ],
)
def test_a_new_round_asks_again_who_was_full_or_silent(state: str, reason: str, is_asked_again: bool) -> None:
    partner = make_partner()
    case = make_case(urgency=2, state="unrouted", routing_wanted_at=None, triaged_at=NOW)
    make_referral(case, partner, state=state, decline_reason=reason)
    new_round(case_id=case.pk, reason="she is worse", by=by(), now=LATER)
    case.refresh_from_db()
    assert (case.state, case.round) == ("routing", 2)
    route_waiting(now=LATER)
    case.refresh_from_db()
    assert case.state == ("offered" if is_asked_again else "unrouted")


def test_a_round_needs_a_reason_and_nobody_being_asked_and_the_own_side() -> None:
    make_partner()
    referral = accepted()
    case = make_case(state="triage", routing_wanted_at=None)
    with pytest.raises(MoveNotAllowed):
        new_round(case_id=referral.case_id, reason="x", by=by(), now=LATER)
    with pytest.raises(ReasonRequired):
        new_round(case_id=case.pk, reason=" ", by=by(), now=LATER)
    with pytest.raises(NotFound):
        new_round(case_id=case.pk, reason="x", by=Actor("staff", make_staff(side="RU").pk), now=LATER)
    assert Case.objects.get(pk=case.pk).round == 1


def test_a_returned_partner_is_not_asked_again_in_this_round() -> None:
    partner = make_partner()
    referral = accepted()
    return_referral(referral_id=referral.pk, reason="language", by=itself(referral), now=LATER)
    route_waiting(now=LATER + timedelta(minutes=1))
    case = case_of(referral)
    assert (case.state, case.referrals.count()) == ("unrouted", 1) and partner.pk


def test_when_the_old_one_gives_it_back_while_the_person_is_asked_the_case_waits_and_somebody_looks_again() -> None:
    """Nobody has the case then but the one that the person has not answered about yet."""
    old, new, _second = _asked()
    accept(new)
    give_back(old)
    case = case_of(old)
    assert (case.state, case.due_kind, case.wait_kind) == ("waiting_for_reporter", "waiting", "waiting")
    pause = ClockPause.objects.get(case=case, until_at__isnull=True)
    assert pause.look_again_at == case.due_at and verify_chain(case.pk)


def test_a_partner_that_finishes_meanwhile_leaves_no_question_about_the_next_one() -> None:
    old, new, _ = handed(share="ask_first")
    answer_consent_request(
        report_id=old.case.report_id, request_id=ConsentRequest.objects.get().pk, answer="yes", now=LATER
    )
    take_up_report_events(report_id=old.case.report_id, now=LATER)
    accept(new)
    Referral.objects.filter(pk=old.pk).update(state="in_service")
    complete_referral(referral_id=old.pk, outcome="resolved_full", summary="", by=itself(old), now=LATER)
    assert states(old, new) == ["completed", "withdrawn"] and case_of(old).state == "resolved"
    assert not ConsentRequest.objects.filter(answered_at=None, closed_at=None).exists()
