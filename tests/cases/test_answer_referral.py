"""A partner accepts or declines: one winner, the person is asked where they want to be, and the next partner's turn."""

import os
from collections.abc import Iterator
from datetime import date, timedelta
from unittest.mock import patch
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction

from cases.actions import referral_row
from cases.actions.answer_referral import accept_referral, decline_referral
from cases.actions.record import Actor, verify_chain
from cases.actions.route_case import route_case, route_waiting
from cases.errors import AgreementNotValid, AlreadyAccepted, MoveNotAllowed, NotAllowed, NotFound
from cases.models import Case, OutboxMessage, PartnerChange, Referral, TimelineEvent
from cases.queries.remembered import forget_reference
from cases.workflow import DeclineReason
from intake.errors import InvalidInput
from intake.models import ConsentRequest, PublicStatus, ReportKey, SafeContact
from intake.queries import forget_reference_data
from tests.cases.routing_world import NOW, make_agreement, make_case, make_partner, make_reference, make_referral, say
from tests.cases.test_offer import at_once

LATER = NOW + timedelta(minutes=30)


RACES = 1_000 if os.environ.get("KORPU_FAULTS") == "full" else 10
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def world() -> Iterator[None]:
    forget_reference_data()
    make_reference()
    yield
    forget_reference()


def offered(*, urgency: int = 2, **columns: object) -> list[Referral]:
    """A case that was just offered, to two in U1."""
    case = make_case(urgency=urgency, triaged_at=NOW, **columns)
    route_case(case_id=case.pk, now=NOW)
    return list(case.referrals.order_by("pk"))


def accept(referral: Referral, **changes: object) -> Referral:
    call = {"referral_id": referral.pk, "partner_id": referral.partner_id, "now": LATER, **changes}
    return accept_referral(by=Actor("partner", referral.partner_id), **call)


def decline(referral: Referral, reason: str = "language", **changes: object) -> Referral:
    call = {"referral_id": referral.pk, "partner_id": referral.partner_id, "now": LATER, **changes}
    return decline_referral(reason=reason, by=Actor("partner", referral.partner_id), **call)


def case_of(referral: Referral) -> Case:
    return Case.objects.get(pk=referral.case_id)


# --- accepting --------------------------------------------------------------------------------------------------------
def test_an_accepted_case_is_the_partners_and_the_contact_clock_runs() -> None:
    partner = make_partner()
    [referral] = offered()
    accept(referral)
    referral.refresh_from_db()
    case = case_of(referral)
    due = LATER + timedelta(hours=24)
    assert (referral.state, referral.answered_at, referral.contact_due_at) == ("accepted", LATER, due)
    assert (case.state, case.due_kind, case.due_at) == ("accepted", "contact", due)
    status = PublicStatus.objects.get(report=case.report_id)
    assert (status.code, status.organisation_id, status.expected_by) == ("accepted", partner.body_id, due)
    assert case.timeline.last().actor_ref == partner.pk
    assert verify_chain(case.pk)


def test_the_clock_is_that_of_the_urgency_at_the_time_of_the_offer() -> None:
    make_partner()
    [referral] = offered(urgency=2)
    Case.objects.update(urgency=1)
    assert accept(referral).contact_due_at == LATER + timedelta(hours=24)


def test_of_a_pair_the_other_offer_is_withdrawn_and_that_partner_told() -> None:
    make_partner("one"), make_partner("two")
    winner, other = offered(urgency=1)
    OutboxMessage.objects.all().delete()
    accept(winner)
    other.refresh_from_db()
    assert (other.state, other.withdrawal_reason, other.ended_at) == ("withdrawn", "accepted_elsewhere", LATER)
    tombstone = PartnerChange.objects.get(partner=other.partner_id, is_tombstone=True)
    assert (tombstone.kind, tombstone.reason) == ("referral.withdrawn", "accepted_elsewhere")
    told = OutboxMessage.objects.get(kind="offer_withdrawn")
    assert told.partner_id == other.partner_id


def test_the_withdrawal_of_the_twin_is_the_systems_act_not_the_partners() -> None:
    make_partner("one"), make_partner("two")
    winner, _ = offered(urgency=1)
    accept(winner)
    acts = dict(TimelineEvent.objects.values_list("code", "actor"))
    assert (acts["referral_accepted"], acts["referral_withdrawn"]) == ("partner", "system")


def test_the_one_who_comes_second_hears_that_another_has_it() -> None:
    make_partner("one"), make_partner("two")
    winner, other = offered(urgency=1)
    accept(winner)
    with pytest.raises(AlreadyAccepted):
        accept(other)
    with pytest.raises(AlreadyAccepted):
        decline(other)


def test_accepting_twice_is_refused_with_the_present_state_and_changes_nothing() -> None:
    make_partner()
    [referral] = offered()
    accept(referral)
    with pytest.raises(MoveNotAllowed) as refused:
        accept(referral, now=LATER + timedelta(hours=1))
    assert refused.value.params["state"] == "accepted"
    assert Referral.objects.get().answered_at == LATER


def test_another_partners_referral_and_an_unknown_one_look_the_same() -> None:
    make_partner()
    [referral] = offered()
    for changes in ({"partner_id": make_partner().pk}, {"referral_id": uuid4()}):
        with pytest.raises(NotFound):
            accept(referral, **changes)
        with pytest.raises(NotFound):
            decline(referral, **changes)
    assert case_of(referral).state == "offered"


def test_the_database_itself_refuses_a_second_acceptance() -> None:
    case = make_case()
    make_referral(case, make_partner(), state="accepted")
    with pytest.raises(IntegrityError), transaction.atomic():
        make_referral(case, make_partner(), state="accepted")


# --- ask me first -----------------------------------------------------------------------------------------------------
def test_who_wants_to_be_asked_first_is_asked_by_name_and_nothing_runs_until_then() -> None:
    partner = make_partner()
    [referral] = offered(share="ask_first")
    accept(referral)
    case = case_of(referral)
    assert ConsentRequest.objects.get().body_id == partner.body_id
    assert (case.state, case.due_kind) == ("waiting_for_reporter", "waiting"), "somebody looks again"
    assert PublicStatus.objects.get(report=case.report_id).code == "waiting_for_reporter"
    assert Referral.objects.get().state == "accepted"


def test_who_already_said_yes_to_this_organisation_is_not_asked_again() -> None:
    partner = make_partner()
    [referral] = offered(share="ask_first")
    say(case_of(referral).report, "share", "any", recipient=partner.body, at=LATER)
    accept(referral)
    assert case_of(referral).state == "accepted"
    assert not ConsentRequest.objects.exists()


@pytest.mark.parametrize(("question", "answer"), [("share", "none"), ("cross_border", "no")])
def test_a_no_that_came_after_the_offer_stops_the_acceptance(question: str, answer: str) -> None:
    make_agreement(None)
    make_partner(side="RU")
    [referral] = offered(cross_border=True)
    say(case_of(referral).report, question, answer, at=LATER)
    with pytest.raises(NotAllowed):
        accept(referral)
    assert Referral.objects.get().state == "offered"


@pytest.mark.parametrize("under_memorandum", [False, True])
def test_an_agreement_that_ended_since_the_offer_stops_the_acceptance_and_leaves_the_refusal(
    under_memorandum: bool,
) -> None:
    ends_today = {"valid_until": date(2026, 11, 24)}
    make_agreement(None, **(ends_today if under_memorandum else {}))
    make_partner(agreement={"under_memorandum": under_memorandum, **({} if under_memorandum else ends_today)})
    [referral] = offered()
    tomorrow = NOW + timedelta(hours=14)
    with pytest.raises(AgreementNotValid):
        accept(referral, now=tomorrow)
    decline(referral, "agreement_lapsed", now=tomorrow)
    assert case_of(referral).state == "routing"


@pytest.mark.parametrize(("share", "kind"), [("any", "status_changed"), ("ask_first", "message_waiting")])
def test_a_person_who_opted_in_gets_a_neutral_mail(share: str, kind: str) -> None:
    make_partner()
    [referral] = offered(share=share)
    SafeContact.objects.create(
        report=case_of(referral).report, method="email", notify=True, timezone="Europe/Moscow", created_at=NOW
    )
    accept(referral)
    mail = OutboxMessage.objects.get(audience="reporter")
    assert (mail.kind, mail.params, mail.partner_id) == (kind, {}, None)


# --- declining --------------------------------------------------------------------------------------------------------
def test_after_a_refusal_the_next_partner_is_offered_the_case() -> None:
    first, second = make_partner(service={"is_specialised": True}), make_partner()
    [referral] = offered()
    assert referral.partner_id == first.pk
    decline(referral)
    case = case_of(referral)
    assert (case.state, case.routing_wanted_at, case.due_at) == ("routing", LATER, None)
    assert PublicStatus.objects.get(report=case.report_id).code == "routing"
    assert route_waiting(now=LATER) == 1
    assert Referral.objects.get(state="offered").partner_id == second.pk
    assert verify_chain(case.pk)


def test_when_the_list_is_exhausted_the_case_is_unrouted() -> None:
    make_partner()
    [referral] = offered()
    decline(referral)
    route_waiting(now=LATER)
    assert case_of(referral).state == "unrouted"


def test_the_refusal_is_recorded_with_its_reason_and_the_note_sealed() -> None:
    make_partner()
    [referral] = offered()
    decline(referral, "out_of_mandate", note="We only help students")
    referral.refresh_from_db()
    assert (referral.state, referral.decline_reason, referral.ended_at) == ("declined", "out_of_mandate", LATER)
    assert referral.unseal(ReportKey.of(case_of(referral).report_id), "note") == "We only help students"
    event = TimelineEvent.objects.get(code="referral_declined")
    assert event.details["reason"] == "out_of_mandate"
    assert PartnerChange.objects.filter(kind="referral.declined", is_tombstone=True).count() == 1


def test_when_one_of_a_pair_declines_the_other_stays_asked_and_the_next_is_asked_beside_it() -> None:
    make_partner("one"), make_partner("two")
    third = make_partner("three", regions=[None])
    one, two = offered(urgency=1)
    decline(one)
    case = case_of(one)
    assert (case.state, case.routing_wanted_at, case.due_at) == ("offered", LATER, two.answer_due_at)
    route_waiting(now=LATER)
    case.refresh_from_db()
    asked = set(case.referrals.filter(state="offered").values_list("partner", flat=True))
    assert asked == {two.partner_id, third.pk}
    assert (case.state, case.routing_wanted_at, case.due_at) == ("offered", None, two.answer_due_at)


def test_with_nobody_left_for_the_pair_the_one_who_is_asked_stays_and_no_more_is_written() -> None:
    make_partner("one"), make_partner("two")
    one, two = offered(urgency=1)
    decline(one)
    events = case_of(one).event_count
    route_waiting(now=LATER)
    case = case_of(one)
    assert (case.state, case.routing_wanted_at, case.event_count) == ("offered", None, events)
    decline(two)
    assert case_of(two).state == "routing"


def test_a_second_one_is_not_looked_for_once_the_first_has_accepted() -> None:
    make_partner("one"), make_partner("two"), make_partner("three", regions=[None])
    one, two = offered(urgency=1)
    decline(one)
    accept(two)
    route_waiting(now=LATER)
    case = case_of(one)
    assert (case.state, case.routing_wanted_at, case.referrals.count()) == ("accepted", None, 2)


def test_a_partner_without_free_places_is_paused_until_the_day_it_names() -> None:
    partner = make_partner()
    [referral] = offered()
    decline(referral, "no_capacity", paused_until=date(2026, 12, 24))
    partner.refresh_from_db()
    assert partner.paused_until == date(2026, 12, 24)
    decision = route_case(case_id=make_case().pk, now=LATER)
    assert decision.rejected == [{"partner": str(partner.pk), "reasons": ["partner_paused"]}]


def test_without_a_day_the_pause_is_fourteen_days_and_never_shortens_a_longer_one() -> None:
    partner, patient = make_partner("one"), make_partner("two")
    one, two = offered(urgency=1)
    type(patient).objects.filter(pk=two.partner_id).update(paused_until=date(2027, 1, 31))
    decline(one, "no_capacity"), decline(two, "no_capacity")
    pauses = dict(type(partner).objects.values_list("pk", "paused_until"))
    assert pauses == {one.partner_id: date(2026, 12, 8), two.partner_id: date(2027, 1, 31)}


@pytest.mark.parametrize("until", [date(2026, 11, 24), date(2026, 11, 1), date(2027, 5, 24)])
def test_a_pause_ends_after_today_and_within_180_days(until: date) -> None:
    make_partner()
    [referral] = offered()
    with pytest.raises(InvalidInput) as refused:
        decline(referral, "no_capacity", paused_until=until)
    assert set(refused.value.fields) == {"paused_until"}
    assert Referral.objects.get().state == "offered"


def test_the_last_day_that_may_be_named_is_180_days_ahead() -> None:
    make_partner()
    [referral] = offered()
    decline(referral, "no_capacity", paused_until=date(2027, 5, 23))
    assert Referral.objects.get().state == "declined"


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"reason": "tired"}, "reason"),
        ({"reason": ""}, "reason"),
        ({"reason": "language", "paused_until": date(2026, 12, 1)}, "paused_until"),
        ({"reason": "language", "note": "x" * 20_000}, "note"),
    ],
)
def test_wrong_input_is_refused_at_its_field_and_changes_nothing(wrong: dict, field: str) -> None:
    make_partner()
    [referral] = offered()
    with pytest.raises(InvalidInput) as refused:
        decline(referral, **wrong)
    assert set(refused.value.fields) == {field}
    assert Referral.objects.get().state == "offered"


def test_every_reason_of_the_vocabulary_is_taken() -> None:
    make_partner(capacity=50)
    for reason in DeclineReason:
        [referral] = offered()
        decline(referral, str(reason))
        type(referral.partner).objects.update(paused_until=None)
    assert Referral.objects.filter(state="declined").count() == len(DeclineReason)


def test_a_partner_cannot_decline_what_it_has_accepted() -> None:
    make_partner()
    [referral] = offered()
    accept(referral)
    with pytest.raises(MoveNotAllowed):
        decline(referral)


def test_who_declined_for_a_conflict_is_left_out_of_later_rounds_and_who_was_full_is_asked_again() -> None:
    full, conflicted = make_partner("one"), make_partner("two")
    one, two = offered(urgency=1)
    reasons = {full.pk: "no_capacity", conflicted.pk: "conflict_of_interest"}
    for referral in (one, two):
        decline(referral, reasons[referral.partner_id])
    type(full).objects.update(paused_until=None)
    Case.objects.filter(pk=one.case_id).update(round=2)
    assert route_case(case_id=one.case_id, now=LATER).chosen == [str(full.pk)]


# --- at once, on PostgreSQL -------------------------------------------------------------------------------------------
def race() -> list[str]:
    one, two = offered(urgency=1)
    answers = at_once(lambda: accept(one), lambda: accept(two))
    return sorted(type(answer).__name__ for answer in answers)


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_of_two_who_accept_at_once_exactly_one_wins() -> None:
    make_partner("one", capacity=RACES), make_partner("two", capacity=RACES)
    for _ in range(RACES):
        assert race() == ["AlreadyAccepted", "Referral"]
    assert Referral.objects.filter(state="accepted").count() == RACES
    assert Case.objects.filter(state="accepted").count() == RACES


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_without_the_lock_the_constraint_still_lets_only_one_win() -> None:
    make_partner("one"), make_partner("two")
    unlocked = patch.object(referral_row, "locked_case", lambda case_id: Case.objects.get(pk=case_id))
    with unlocked:
        race()
    assert Referral.objects.filter(state="accepted").count() == 1


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_accepting_and_declining_a_pair_at_once_never_deadlocks() -> None:
    make_partner("one", capacity=50), make_partner("two", capacity=50)
    for _ in range(10):
        one, two = offered(urgency=1)
        answers = at_once(lambda one=one: accept(one), lambda two=two: decline(two, "no_capacity"))
        assert isinstance(answers[0], Referral)
        assert isinstance(answers[1], Referral | AlreadyAccepted)
        type(one.partner).objects.update(paused_until=None)
    assert connection.vendor == "postgresql"
