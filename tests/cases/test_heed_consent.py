"""A person changes their mind: partners lose the case, are told to erase, and the case goes on with our own people."""

from datetime import datetime, timedelta
from uuid import UUID

import pytest

from cases.actions.record import verify_chain
from cases.actions.take_up import take_up_report_events
from cases.models import Case, OutboxMessage, PartnerChange, Referral, TimelineEvent
from intake.actions.change_consent import answer_consent_request, ask_consent, stop_sharing
from intake.actions.file_owner import FileOwner
from intake.actions.files import remove_file
from intake.models import Consent, ConsentRequest, PublicStatus
from tests.cases.arrange import OPTED_IN, in_state, intake_act, opened, partner, referral, staff, webhook
from tests.intake.filing import ready, stored
from tests.intake.uploads import samples

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]


def taken_up(case: Case, now: datetime) -> Case:
    assert take_up_report_events(report_id=case.report_id, now=now) == 1
    case.refresh_from_db()
    assert verify_chain(case.pk)
    return case


def told() -> list[tuple[str, str]]:
    return sorted((message.kind, message.channel) for message in OutboxMessage.objects.all())


def codes(case: Case) -> list[str]:
    return [event.code for event in TimelineEvent.objects.filter(case=case, sequence__gt=4).order_by("sequence")]


# --- "stop sharing my data" -------------------------------------------------------------------------------------------


def test_a_partner_that_has_the_case_loses_it_and_is_told_to_erase(now: datetime) -> None:
    case, owner = opened(now), partner()
    webhook(owner, now)
    row = referral(case, owner, now, "accepted")
    stop_sharing(report_id=case.report_id, now=now)
    case = taken_up(case, now)
    row.refresh_from_db()
    assert (row.state, row.withdrawal_reason, row.ended_at) == ("withdrawn", "consent_withdrawn", now)
    [change] = PartnerChange.objects.all()
    assert (change.kind, change.reason, change.is_tombstone) == ("referral.withdrawn", "consent_withdrawn", True)
    assert told() == [("consent_withdrawn", "email"), ("consent_withdrawn", "webhook")]
    assert codes(case) == ["consent_changed", "referral_withdrawn"]


@pytest.mark.parametrize("is_triaged", [True, False])
def test_a_case_that_a_partner_was_working_on_is_our_peoples_with_a_clock_and_they_hear_of_it(
    now: datetime, is_triaged: bool
) -> None:
    case, ours = opened(now), staff()
    referral(case, partner(), now, "in_service")
    triaged = now if is_triaged else None
    in_state(case, "in_progress", triaged_at=triaged, due_at=None, due_kind="", responsible=ours)
    stop_sharing(report_id=case.report_id, now=now)
    case = taken_up(case, now)
    assert (case.state, case.due_kind) == ("in_progress", "review" if is_triaged else "triage")
    assert case.due_at is not None and case.due_at > now
    assert OutboxMessage.objects.get(audience="staff").user == ours


def test_of_a_no_after_the_end_nobody_of_ours_needs_to_hear(now: datetime) -> None:
    case = in_state(opened(now), "closed", responsible=staff())
    stop_sharing(report_id=case.report_id, now=now)
    assert taken_up(case, now).state == "closed" and told() == []


def test_what_our_own_people_work_on_keeps_its_clock(now: datetime) -> None:
    soon = now + timedelta(hours=1)
    clock = {"due_at": soon, "due_kind": "review", "wait_due_at": soon, "wait_kind": "review"}
    case = in_state(opened(now), "in_progress", triaged_at=now, **clock)
    stop_sharing(report_id=case.report_id, now=now)
    assert taken_up(case, now).due_at == soon


def test_offers_end_too_though_nothing_was_disclosed(now: datetime) -> None:
    case = opened(now)
    for _ in range(2):
        referral(case, partner(), now)
    stop_sharing(report_id=case.report_id, now=now)
    taken_up(case, now)
    assert set(Referral.objects.values_list("state", flat=True)) == {"withdrawn"}
    assert told() == [("offer_withdrawn", "email")] * 2


@pytest.mark.parametrize("state", ["routing", "offered", "accepted", "unrouted", "waiting_for_reporter"])
@pytest.mark.parametrize("is_triaged", [False, True])
def test_the_case_goes_back_to_our_own_people(state: str, is_triaged: bool, now: datetime) -> None:
    case = opened(now)
    triaged_at = now if is_triaged else None
    Case.objects.filter(pk=case.pk).update(state=state, triaged_at=triaged_at, routing_wanted_at=now, due_at=now)
    stop_sharing(report_id=case.report_id, now=now)
    case = taken_up(case, now)
    expected = ("in_progress", "review") if is_triaged else ("triage", "triage")
    assert (case.state, case.due_kind) == expected and case.due_at > now
    assert (case.routing_wanted_at, case.share) == (None, "none")
    assert PublicStatus.objects.get(report_id=case.report_id).code == case.state


def test_an_ended_case_stays_as_it_is(now: datetime) -> None:
    case = opened(now)
    in_state(case, "closed")
    stop_sharing(report_id=case.report_id, now=now)
    assert taken_up(case, now).state == "closed"


def test_open_questions_are_asked_no_more(now: datetime) -> None:
    case, owner = opened(now), partner()
    stop_sharing(report_id=case.report_id, now=now)
    ask_consent(report_id=case.report_id, body_id=owner.body_id, now=now)  # a partner accepted in between
    taken_up(case, now)
    assert ConsentRequest.objects.get().closed_at == now


def test_without_the_other_country_only_its_partner_loses_the_case(now: datetime) -> None:
    case = opened(now)
    across, own = referral(case, partner("RU"), now), referral(case, partner("AZ"), now)
    say(case, "cross_border", "no", now)
    case = taken_up(case, now)
    across.refresh_from_db(), own.refresh_from_db()
    assert (across.state, own.state, case.state) == ("withdrawn", "offered", "offered")


def test_if_nobody_is_left_the_case_is_routed_again(now: datetime) -> None:
    case = opened(now)
    referral(case, partner("RU"), now, "accepted")
    say(case, "cross_border", "no", now)
    case = taken_up(case, now)
    assert (case.state, case.routing_wanted_at) == ("routing", now)


def test_another_answer_about_groups_moves_nothing_and_is_told(now: datetime) -> None:
    case = opened(now)
    row = referral(case, partner(), now, "accepted")
    say(case, "group", "yes", now, data_group="family")
    case = taken_up(case, now)
    row.refresh_from_db()
    assert (case.state, row.state, codes(case)) == ("accepted", "accepted", ["consent_changed"])
    assert told() == [("consent_changed", "email")]


# --- "ask me first" ---------------------------------------------------------------------------------------------------


def test_a_yes_lets_the_partner_go_on(now: datetime) -> None:
    case, row = asked(now)
    later = now + timedelta(hours=5)
    answer(case, "yes", later)
    case = taken_up(case, later)
    row.refresh_from_db()
    assert (case.state, row.state) == ("accepted", "accepted")
    assert case.due_kind == "contact" and case.due_at == row.contact_due_at
    assert told() == [("consent_given", "email"), ("consent_given", "webhook")]
    assert [change.kind for change in PartnerChange.objects.all()] == ["referral.consent_given"]
    status = PublicStatus.objects.get(report_id=case.report_id)
    assert (status.code, status.organisation_id) == ("accepted", row.partner.body_id)


def test_the_contact_clock_stood_still_while_the_person_was_asked(now: datetime) -> None:
    case, row = asked(now)
    before, later = row.contact_due_at, now + timedelta(hours=5)
    answer(case, "yes", later)
    taken_up(case, later)
    row.refresh_from_db()
    assert before is not None and row.contact_due_at == before + timedelta(hours=5)


def test_a_no_withdraws_that_referral_and_the_case_is_routed_on(now: datetime) -> None:
    case, row = asked(now)
    answer(case, "no", now)
    case = taken_up(case, now)
    row.refresh_from_db()
    assert (row.state, row.withdrawal_reason) == ("withdrawn", "consent_withdrawn")
    assert (case.state, case.routing_wanted_at) == ("routing", now)
    assert told() == [("offer_withdrawn", "email"), ("offer_withdrawn", "webhook")]  # nothing was disclosed


@pytest.mark.parametrize("given", ["yes", "no"])
def test_an_answer_about_a_partner_that_gave_the_case_back_moves_nothing(given: str, now: datetime) -> None:
    case, row = asked(now)
    Referral.objects.filter(pk=row.pk).update(state="returned")
    answer(case, given, now)
    case = taken_up(case, now)
    assert (case.state, codes(case)) == ("waiting_for_reporter", ["consent_changed"])
    assert not OutboxMessage.objects.exists()


# --- "take my report back" --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("kind", "reason"), [("withdrawn", "consent_withdrawn"), ("erased", "erased")])
def test_a_report_taken_back_ends_everything(kind: str, reason: str, now: datetime) -> None:
    case, owner = opened(now, contact=OPTED_IN), partner()
    row = referral(case, owner, now, "in_service")
    ask_consent(report_id=case.report_id, body_id=owner.body_id, now=now)
    intake_act(case, kind, now)
    case = taken_up(case, now)
    row.refresh_from_db()
    assert (case.state, case.due_at, case.routing_wanted_at) == ("withdrawn", None, None)
    assert (row.state, row.withdrawal_reason) == ("withdrawn", reason)
    assert PartnerChange.objects.get().is_tombstone and ConsentRequest.objects.get().closed_at == now
    assert told() == [("consent_withdrawn", "email")]
    assert codes(case) == [f"report_{kind}", "referral_withdrawn"]


def test_a_closed_case_stays_closed_when_its_report_is_erased(now: datetime) -> None:
    case = opened(now)
    in_state(case, "closed")
    intake_act(case, "erased", now)
    assert taken_up(case, now).state == "closed"


def say(case: Case, question: str, given: str, now: datetime, *, data_group: str = "") -> None:
    Consent.objects.create(
        report_id=case.report_id,
        question=question,
        data_group=data_group,
        answer=given,
        text_version=1,
        language="az",
        how="mailbox",
        given_at=now + timedelta(seconds=1),
    )
    intake_act(case, "consent", now)


def asked(now: datetime) -> tuple[Case, Referral]:
    """A partner has accepted and the person is being asked about it."""
    case, owner = opened(now), partner()
    webhook(owner, now)
    row = referral(case, owner, now, "accepted")
    ask_consent(report_id=case.report_id, body_id=owner.body_id, now=now)
    Case.objects.filter(pk=case.pk).update(state="waiting_for_reporter", triaged_at=now)
    case.refresh_from_db()
    return case, row


def answer(case: Case, given: str, now: datetime) -> UUID:
    request = ConsentRequest.objects.get(report_id=case.report_id)
    answer_consent_request(report_id=case.report_id, request_id=request.pk, answer=given, now=now)
    return request.pk


def test_a_file_taken_back_is_told_to_the_partner_that_may_have_read_it(now: datetime) -> None:
    case = opened(now)
    row = referral(case, partner("AZ"), now, "accepted")
    file = ready(case.report_id, now)
    taken_up(case, now)
    mine = FileOwner(report_id=case.report_id)
    assert remove_file(owner=mine, file_id=file.pk, now=now)
    case = taken_up(case, now)
    row.refresh_from_db()
    assert (case.state, row.state, codes(case)) == ("accepted", "accepted", ["file_added", "consent_changed"])
    assert told() == [("consent_changed", "email")]
    unseen = stored(mine, samples.photo(), now)
    assert take_up_report_events(report_id=case.report_id, now=now) == 1, "that it came"
    remove_file(owner=mine, file_id=unseen.pk, now=now)
    assert take_up_report_events(report_id=case.report_id, now=now) == 0, "nobody could read it yet"
