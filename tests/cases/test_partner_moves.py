"""What a partner says of a case in hand: contact, progress, completion, return; and what the person then reads."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from cases.actions.answer_referral import accept_referral
from cases.actions.case_row import locked_case
from cases.actions.complete_referral import _end_access_step, complete_referral, end_access
from cases.actions.progress_referral import progress_referral
from cases.actions.record import Actor, verify_chain
from cases.actions.record_contact import record_contact
from cases.actions.return_referral import return_referral
from cases.actions.route_case import route_case, route_waiting
from cases.actions.take_up import take_up_report_events
from cases.disclosure import consented_view, is_tombstone
from cases.errors import MoveNotAllowed, NotAllowed, NotFound
from cases.models import Case, OutboxMessage, PartnerChange, Referral, TimelineEvent, VitalInterest
from cases.queries.referrals import access_ends
from cases.queries.remembered import forget_reference
from cases.queries.updates import said_by_partners
from intake.actions.erase_report import erase_report
from intake.errors import InvalidInput
from intake.models import Consent, PartnerErasure, PublicStatus
from intake.queries import forget_reference_data, mailbox
from tests.cases.routing_world import NOW, make_case, make_partner, make_reference, make_staff

LATER = NOW + timedelta(hours=1)
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def world() -> Iterator[None]:
    forget_reference_data()
    make_reference()
    yield
    forget_reference()


def accepted(**columns: Any) -> Referral:
    """By the best of the partners there are."""
    case = make_case(urgency=2, triaged_at=NOW, **columns)
    route_case(case_id=case.pk, now=NOW)
    offer = case.referrals.get()
    return accept_referral(referral_id=offer.pk, partner_id=offer.partner_id, by=itself(offer), now=NOW)


def itself(referral: Referral) -> Actor:
    return Actor("partner", referral.partner_id)


def contact(referral: Referral, reached: str = "yes", **changes: Any) -> Referral:
    values: dict[str, Any] = {"at": LATER, "channel": "phone", "by": itself(referral), "now": LATER}
    return record_contact(referral_id=referral.pk, reached=reached, **(values | changes))


def progress(referral: Referral, **changes: Any) -> Referral:
    values: dict[str, Any] = {"next_step": "We go with you to the court", "by": itself(referral), "now": LATER}
    return progress_referral(referral_id=referral.pk, **(values | changes))


def complete(referral: Referral, **changes: Any) -> Referral:
    values: dict[str, Any] = {"outcome": "resolved_full", "summary": "", "by": itself(referral), "now": LATER}
    return complete_referral(referral_id=referral.pk, **(values | changes))


def in_service(**columns: Any) -> Referral:
    referral = accepted(**columns)
    contact(referral)
    return progress(referral)


def give_back(referral: Referral, reason: str = "language", **changes: Any) -> Referral:
    return return_referral(referral_id=referral.pk, reason=reason, **({"by": itself(referral), "now": LATER} | changes))


def case_of(referral: Referral) -> Case:
    return Case.objects.get(pk=referral.case_id)


def staff_told() -> list[str]:
    return [row.params["what"] for row in OutboxMessage.objects.filter(kind="partner_moved").order_by("created_at")]


# --- contact ----------------------------------------------------------------------------------------------------------
def test_the_first_contact_stops_the_clock_and_the_case_is_in_progress() -> None:
    make_partner()
    referral = contact(accepted())
    case = case_of(referral)
    assert (referral.state, referral.contacted_at) == ("contacted", LATER)
    assert (case.state, case.due_at, case.due_kind) == ("in_progress", None, "")
    assert PublicStatus.objects.get().code == "in_progress"
    assert PartnerChange.objects.filter(kind="referral.contacted").count() == 1
    assert TimelineEvent.objects.get(code="referral_contacted").details["channel"] == "phone"
    assert verify_chain(case.pk)


@pytest.mark.parametrize("reached", ["no", "unsafe"])
def test_an_attempt_stops_no_clock_and_is_recorded_in_codes(reached: str) -> None:
    make_partner()
    make_staff("supervisor")
    referral = accepted()
    due = case_of(referral).due_at
    contact(referral, reached)
    case = case_of(referral)
    referral.refresh_from_db()
    assert (referral.state, referral.contacted_at, case.due_at, case.state) == ("accepted", None, due, "accepted")
    details = TimelineEvent.objects.get(code="partner_attempted").details
    assert (details["reached"], details["channel"], details["attempted_at"]) == (reached, "phone", LATER.isoformat())
    assert staff_told() == (["unsafe"] if reached == "unsafe" else [])


def test_a_later_contact_changes_nothing_of_the_first() -> None:
    make_partner()
    referral = contact(accepted())
    contact(referral, at=LATER + timedelta(hours=1), now=LATER + timedelta(hours=2))
    referral.refresh_from_db()
    assert (referral.contacted_at, PartnerChange.objects.filter(kind="referral.contacted").count()) == (LATER, 1)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"at": LATER + timedelta(hours=1)}, "at"),
        ({"at": NOW - timedelta(hours=1)}, "at"),
        ({"channel": "pigeon"}, "channel"),
        ({"reached": "perhaps"}, "reached"),
    ],
)
def test_a_contact_that_cannot_be_is_refused_at_its_field(changes: dict[str, Any], field: str) -> None:
    make_partner()
    referral = accepted()
    with pytest.raises(InvalidInput) as refusal:
        contact(referral, **changes)
    assert set(refusal.value.fields) == {field}
    assert Referral.objects.get().state == "accepted"


def test_while_the_person_is_being_asked_about_it_a_partner_cannot_have_reached_them() -> None:
    make_partner()
    referral = accepted(share="ask_first")
    with pytest.raises(NotAllowed):
        contact(referral)
    assert case_of(referral).state == "waiting_for_reporter"


# --- progress ---------------------------------------------------------------------------------------------------------
def test_the_person_reads_what_comes_next_in_the_partners_words_and_by_when() -> None:
    partner = make_partner("Helpers")
    referral = contact(accepted())
    progress(referral, note="the lawyer is ill", expected_by=date(2026, 12, 1))
    box = mailbox(referral.case.report_id, LATER)
    assert box is not None and box.status.organisation == partner.body
    assert box.status.next_step == "We go with you to the court"
    assert box.status.expected_by == datetime.fromisoformat("2026-12-01T23:59:00+03:00")
    referral.refresh_from_db()
    assert (referral.state, case_of(referral).state) == ("in_service", "in_progress")


def test_words_lie_sealed_and_timeline_feed_and_outbox_hold_none_of_them() -> None:
    make_partner()
    referral = contact(accepted())
    progress(referral, note="canary-note", next_step="canary-step")
    complete(referral, summary="canary-summary")
    [summary, said] = said_by_partners(case_of(referral))
    assert (said.note, said.next_step, summary.note) == ("canary-note", "canary-step", "canary-summary")
    for model in (TimelineEvent, PartnerChange, OutboxMessage):
        assert "canary" not in repr(list(model.objects.values()))


def test_a_person_who_must_not_know_yet_reads_neither_name_nor_words() -> None:
    partner = make_partner()
    referral = contact(accepted())
    case = case_of(referral)
    people = [make_staff("caseworker"), make_staff("supervisor")]
    VitalInterest.objects.create(
        case=case, partner=partner, asked_by=people[0], approved_by=people[1], asked_at=NOW, approved_at=NOW
    )
    Consent.objects.filter(report_id=case.report_id, question="share").update(answer="none")
    progress(referral)
    status = PublicStatus.objects.get()
    assert (status.organisation, status.next_step) == (None, None)


def test_the_words_go_when_the_state_goes_on() -> None:
    make_partner()
    referral = in_service()
    complete(referral)
    assert (PublicStatus.objects.get().code, PublicStatus.objects.get().next_step) == ("resolved.solved", None)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"next_step": " "}, "next_step"),
        ({"next_step": "x" * 501}, "next_step"),
        ({"expected_by": date(2026, 11, 23)}, "expected_by"),
        ({"expected_by": date(2028, 1, 1)}, "expected_by"),
    ],
)
def test_progress_that_says_nothing_or_no_possible_time_is_refused(changes: dict[str, Any], field: str) -> None:
    make_partner()
    referral = contact(accepted())
    with pytest.raises(InvalidInput) as refusal:
        progress(referral, **changes)
    assert set(refusal.value.fields) == {field}
    assert Referral.objects.get().state == "contacted"


# --- completion -------------------------------------------------------------------------------------------------------
def test_a_completed_case_is_resolved_and_its_caseworker_told() -> None:
    make_partner()
    make_staff("supervisor")
    referral = complete(in_service(), outcome="advice_given")
    case = case_of(referral)
    assert (referral.state, referral.outcome, referral.ended_at) == ("completed", "advice_given", LATER)
    assert (case.state, case.outcome, case.due_at) == ("resolved", "advice_given", None)
    assert staff_told() == ["completed"]


@pytest.mark.parametrize("outcome", ["duplicate", "out_of_scope", "", "unknown"])
def test_a_partner_says_no_outcome_that_the_side_decides(outcome: str) -> None:
    make_partner()
    referral = in_service()
    with pytest.raises(InvalidInput):
        complete(referral, outcome=outcome)


def test_after_thirty_days_nothing_can_be_read_whether_or_not_a_worker_ran() -> None:
    make_partner()
    referral = complete(in_service())
    last, after = LATER + timedelta(days=30) - timedelta(seconds=1), LATER + timedelta(days=30)
    whole = Referral.objects.select_related("case", "partner", "agreement_version", "memorandum_version").get()
    assert consented_view(whole, now=last).view["data"] is not None
    assert consented_view(whole, now=after).view["data"] is None
    assert is_tombstone(referral.state, referral.ended_at, after)


def test_the_nightly_worker_asks_for_the_copies_once() -> None:
    make_partner()
    referral = complete(in_service())
    after = LATER + timedelta(days=30)
    assert end_access(now=after - timedelta(seconds=1)) == 0
    assert (end_access(now=after), end_access(now=after)) == (1, 0)
    assert PartnerErasure.objects.get().referral_ref == referral.pk
    assert PartnerChange.objects.get(kind="referral.erasure_requested").is_tombstone
    assert OutboxMessage.objects.filter(kind="erasure_requested", channel="email").count() == 1


def test_one_night_asks_all_and_the_next_reads_none_of_them_again() -> None:
    make_partner()
    for _ in range(3):
        complete(in_service())
    after = LATER + timedelta(days=30)
    assert end_access(now=after, limit=1) == 3
    assert access_ends(after + timedelta(days=1), 9) == []


def test_who_was_told_for_another_reason_is_not_told_again_nor_looked_at_every_night() -> None:
    make_partner()
    case = case_of(complete(in_service()))
    erase_report(report_id=case.report_id, because="reporter", now=LATER)
    take_up_report_events(report_id=case.report_id, now=LATER)
    after = LATER + timedelta(days=30)
    assert len(access_ends(after, 9)) == 1
    assert end_access(now=after) == 0
    assert PartnerChange.objects.filter(kind="referral.erasure_requested").count() == 1
    assert access_ends(after, 9) == []


def test_two_workers_with_the_same_list_ask_once() -> None:
    make_partner()
    referral = complete(in_service())
    after = LATER + timedelta(days=30)
    asked = [_end_access_step(referral.pk, referral.case_id, after) for _ in range(2)]
    assert (asked, PartnerChange.objects.filter(kind="referral.erasure_requested").count()) == ([1, 0], 1)


# --- return -----------------------------------------------------------------------------------------------------------
def test_a_returned_case_is_offered_to_the_next_in_the_same_round_and_not_to_this_one_again() -> None:
    first = make_partner("first", service={"is_specialised": True})
    second = make_partner("second")
    referral = give_back(in_service(), "out_of_area", note="canary")
    assert referral.partner_id == first.pk
    assert case_of(referral).state == "routing"
    route_waiting(now=LATER)
    case = case_of(referral)
    assert (case.state, case.round) == ("offered", 1)
    assert case.referrals.get(state="offered").partner_id == second.pk


def test_who_returned_loses_access_at_once_and_is_told_to_erase() -> None:
    make_partner()
    make_staff("supervisor")
    referral = give_back(in_service())
    assert (referral.state, referral.return_reason) == ("returned", "language")
    assert PartnerErasure.objects.get().referral_ref == referral.pk
    assert OutboxMessage.objects.filter(kind="erasure_requested").exists() and staff_told() == ["returned"]
    whole = Referral.objects.select_related("case", "partner", "agreement_version", "memorandum_version").get()
    assert consented_view(whole, now=LATER).view["data"] is None
    assert PublicStatus.objects.get().organisation is None


def test_who_returns_before_the_person_answered_had_nothing_and_the_question_is_closed() -> None:
    make_partner()
    referral = give_back(accepted(share="ask_first"))
    box = mailbox(referral.case.report_id, LATER)
    assert box is not None and not box.requests
    assert not PartnerErasure.objects.exists() and case_of(referral).state == "routing"


def test_who_returns_for_want_of_places_is_paused() -> None:
    partner = make_partner()
    give_back(in_service(), "no_capacity")
    partner.refresh_from_db()
    assert partner.paused_until == date(2026, 12, 8)


# --- who may ----------------------------------------------------------------------------------------------------------
def test_a_caseworker_records_what_a_partner_told_and_the_timeline_says_so() -> None:
    make_partner()
    referral, staff = accepted(), make_staff("caseworker")
    contact(referral, by=Actor("staff", staff.pk))
    event = TimelineEvent.objects.get(code="referral_contacted")
    assert (event.actor, event.actor_ref) == ("staff", staff.pk)
    progress(referral, by=Actor("staff", staff.pk))
    assert said_by_partners(case_of(referral))[0].heard_by == staff.name


@pytest.mark.parametrize("by", ["another partner", "other side", "auditor", "system"])
def test_nobody_else_moves_it(by: str) -> None:
    make_partner()
    referral = accepted()
    actor = {
        "another partner": Actor("partner", make_partner("other").pk),
        "other side": Actor("staff", make_staff("supervisor", side="RU").pk),
        "auditor": Actor("staff", make_staff("auditor").pk),
        "system": Actor("system"),
    }[by]
    with pytest.raises((NotFound, NotAllowed)):
        contact(referral, by=actor)
    with pytest.raises((NotFound, NotAllowed)):
        give_back(referral, by=actor)
    assert Referral.objects.get().state == "accepted"


def test_every_move_waits_for_the_cases_lock(monkeypatch: pytest.MonkeyPatch) -> None:
    make_partner()
    referral = in_service()
    locked = []
    monkeypatch.setattr(
        "cases.actions.referral_row.locked_case",
        lambda pk: locked.append(pk) or locked_case(pk),  # type: ignore[func-returns-value]
    )
    complete(referral)
    assert locked == [referral.case_id]


def test_complete_before_service_is_refused_with_the_present_state() -> None:
    make_partner()
    referral = accepted()
    for move in (complete, progress):
        with pytest.raises(MoveNotAllowed) as refusal:
            move(referral)
        assert refusal.value.params == {"state": "accepted"}
