"""A case goes to the other side when one person of each side has agreed and the person concerned allows it."""

from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest

from cases.actions.assign import take_case
from cases.actions.decide_approval import approve, refuse
from cases.actions.follow_ups import add_follow_up
from cases.actions.group_cases import group_cases
from cases.actions.know_person import know_person
from cases.actions.record import verify_chain
from cases.actions.take_up import take_up_report_events
from cases.actions.transfer_case import ask_transfer
from cases.errors import MoveNotAllowed, NotAllowed, NotFound, StaleObject
from cases.models import (
    Agreement,
    AgreementVersion,
    ApprovalRequest,
    Assignment,
    Case,
    GroupMember,
    OutboxMessage,
    Recusal,
    User,
)
from cases.queries.approvals import waiting_approvals
from cases.queries.case_file import case_of
from cases.queries.follow_ups import my_follow_ups
from intake.actions.change_consent import change_consent
from intake.actions.erase_report import erase_report
from intake.actions.submit_report import ConsentEntry
from intake.actions.withdraw_report import withdraw_report
from intake.errors import InvalidInput
from intake.models import Message, PublicStatus, ReportKey
from tests.cases.agreement_world import terms
from tests.cases.arrange import SHARED, acting, at_once, in_state, opened, partner, referral, staff

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]
AT_HOME = ConsentEntry(share="any", cross_border="no", groups=frozenset({"identity"}), text_version=1)


def asked(case: Case, by: User, now: datetime, **given: str) -> ApprovalRequest:
    values = {"reason_code": "better_placed", "reason": "Canary reason"}
    return ask_transfer(case_id=case.pk, by=acting(by), now=now, **(values | given))


def transferred(case: Case, now: datetime) -> Case:
    request = asked(case, staff(), now)
    for side in ("AZ", "RU"):
        approve(request_id=request.pk, by=acting(staff("supervisor", side)), now=now)
    case.refresh_from_db()
    return case


def test_after_one_yes_of_each_side_the_other_side_has_it(now: datetime) -> None:
    case, one, ours, theirs = opened(now), staff(), staff("supervisor"), staff("supervisor", "RU")
    request = asked(case, one, now)
    assert approve(request_id=request.pk, by=acting(ours), now=now).state == "open"
    assert approve(request_id=request.pk, by=acting(theirs), now=now).state == "approved"
    case.refresh_from_db()
    assert case.side == "RU"
    assert case_of(ours, case.reference, now=now) is None and case_of(one, case.reference, now=now) is None
    assert case_of(theirs, case.reference, now=now) is not None
    assert verify_chain(case.pk)


def test_a_supervisor_who_asks_has_agreed_for_the_own_side(now: datetime) -> None:
    case, ours = opened(now), staff("supervisor")
    request = asked(case, ours, now)
    with pytest.raises(NotAllowed):
        approve(request_id=request.pk, by=acting(staff("supervisor")), now=now)
    assert approve(request_id=request.pk, by=acting(staff("supervisor", "RU")), now=now).state == "approved"


def test_nobody_is_responsible_any_more_and_a_clock_of_the_new_side_runs(now: datetime) -> None:
    case, ours = opened(now), staff()
    Assignment.objects.create(case=case, user=ours, assigned_at=now)
    Case.objects.update(responsible=ours)
    case = transferred(case, now)
    assert case.responsible is None and Assignment.objects.get().ended_at == now
    assert (case.due_kind, case.state) == ("triage", "triage") and case.due_at and case.due_at > now
    told = OutboxMessage.objects.filter(kind="case_transferred").values_list("user__side", flat=True)
    assert set(told) == {"RU"}


def test_follow_ups_are_for_whoever_of_the_new_side_gets_the_case(now: datetime) -> None:
    case, ours, colleague, theirs = opened(now), staff(), staff(), staff(side="RU")
    Case.objects.update(responsible=ours)
    day = datetime(2026, 12, 1, 9)
    for user in (ours, colleague):
        add_follow_up(case_id=case.pk, text="Call again.", local=day, user_id=user.pk, by=acting(ours), now=now)
    case = transferred(case, now)
    take_case(case_id=case.pk, user_id=theirs.pk, by=acting(theirs), now=now)
    assert [row.text for row in my_follow_ups(theirs, now)] == ["Call again.", "Call again."]


def test_the_case_leaves_the_old_sides_group_and_may_join_one_of_the_new_side(now: datetime) -> None:
    case, other, ours, theirs = opened(now), opened(now), staff(), staff(side="RU")
    group_cases(case_id=case.pk, other_id=other.pk, by=acting(ours), now=now)
    case = transferred(case, now)
    another = in_state(opened(now), "triage", side="RU")
    group = group_cases(case_id=case.pk, other_id=another.pk, by=acting(theirs), now=now)
    assert group.side == "RU" and GroupMember.objects.filter(case=case, removed_at__isnull=True).count() == 1


def test_without_the_persons_consent_it_waits_and_follows_it_at_once(now: datetime) -> None:
    case = opened(now, consent=AT_HOME)
    assert transferred(case, now).side == "AZ"
    assert Message.objects.get().code == "transfer_asked"
    later = now + timedelta(hours=1)
    entry = ConsentEntry(share="any", cross_border="yes", groups=frozenset({"identity"}), text_version=1)
    change_consent(report_id=case.report_id, consent=entry, now=later)
    take_up_report_events(report_id=case.report_id, now=later)
    case.refresh_from_db()
    assert case.side == "RU"
    assert list(Message.objects.order_by("sent_at").values_list("code", flat=True)) == ["transfer_asked", "transferred"]
    assert ApprovalRequest.objects.get().state == "approved"
    assert verify_chain(case.pk)


def test_consent_alone_transfers_nothing(now: datetime) -> None:
    case = opened(now, consent=AT_HOME)
    request = asked(case, staff(), now)
    approve(request_id=request.pk, by=acting(staff("supervisor")), now=now)
    change_consent(report_id=case.report_id, consent=SHARED, now=now)
    take_up_report_events(report_id=case.report_id, now=now)
    case.refresh_from_db()
    assert (case.side, ApprovalRequest.objects.get().state) == ("AZ", "open")


def test_who_asked_for_that_side_or_allows_it_already_is_not_asked(now: datetime) -> None:
    asked(opened(now), staff(), now)
    wanted = opened(now, consent=AT_HOME, handler="RU")
    Case.objects.filter(pk=wanted.pk).update(side="AZ")
    asked(wanted, staff(), now)
    assert not Message.objects.exists()


def test_a_no_to_passing_on_stops_it(now: datetime) -> None:
    never = ConsentEntry(share="none", cross_border="yes", text_version=1)
    assert transferred(opened(now, consent=never), now).side == "AZ"


def test_the_reason_is_sealed_and_the_other_side_reads_its_code_only(now: datetime) -> None:
    case = opened(now, story="Canary story", identity={"name": "Canary"}, actor_name="Canary")
    request = asked(case, staff(), now)
    assert b"Canary" not in bytes(ApprovalRequest.objects.get().reason.blob)
    assert request.unseal(ReportKey.of(case.report_id), "reason") == "Canary reason"
    [seen] = waiting_approvals(staff("supervisor", "RU"), now)
    assert set(seen.facts or {}) == {
        "pk",
        "reference",
        "urgency",
        "category__labels",
        "region__labels",
        "country__labels",
        "language__labels",
        "side",
    }
    assert "Canary" not in str(seen) and "reason" in seen.request.get_deferred_fields()
    assert case_of(staff("supervisor", "RU"), case.reference, now=now) is None


def test_partners_whose_chain_still_holds_keep_the_case(now: datetime) -> None:
    memorandum = Agreement.objects.create(slug="mou", kind="memorandum")
    AgreementVersion.objects.create(agreement=memorandum, number=1, **terms().columns())
    case = opened(now)
    row = referral(case, partner("AZ"), now, "accepted")
    assert transferred(case, now).state == "accepted"
    row.refresh_from_db()
    assert row.state == "accepted"


@pytest.mark.parametrize(("state", "told"), [("offered", "offer_withdrawn"), ("accepted", "erasure_requested")])
def test_without_a_memorandum_a_partner_of_the_old_side_loses_it(state: str, told: str, now: datetime) -> None:
    case = opened(now)
    row = referral(case, partner("AZ"), now, state)
    case = transferred(case, now)
    row.refresh_from_db()
    assert (row.state, row.withdrawal_reason) == ("withdrawn", "agreement_ended")
    assert (case.state, case.routing_wanted_at) == ("routing", now)
    assert PublicStatus.objects.get().code == "routing"
    assert OutboxMessage.objects.filter(audience="partner").get().kind == told


def test_a_partner_of_the_new_side_needs_no_memorandum_any_more(now: datetime) -> None:
    case = opened(now)
    row = referral(case, partner("RU"), now, "accepted")
    transferred(case, now)
    row.refresh_from_db()
    assert row.state == "accepted"


def test_who_asked_for_the_other_people_only_keeps_old_partners_out(now: datetime) -> None:
    case = opened(now, consent=AT_HOME, handler="RU")
    Case.objects.update(side="AZ")
    case.refresh_from_db()
    row = referral(case, partner("AZ"), now, "accepted")
    transferred(case, now)
    row.refresh_from_db()
    assert (row.state, row.withdrawal_reason) == ("withdrawn", "consent_withdrawn")


def test_the_other_side_neither_asks_nor_does_a_wrong_role_decide(now: datetime) -> None:
    case = opened(now)
    with pytest.raises(NotFound):
        asked(case, staff("supervisor", "RU"), now)
    with pytest.raises(NotAllowed):
        asked(case, staff("partner_coordinator"), now)
    request = asked(case, staff(), now)
    for role, side in (("caseworker", "AZ"), ("partner_coordinator", "RU"), ("auditor", "RU")):
        with pytest.raises(NotAllowed):
            approve(request_id=request.pk, by=acting(staff(role, side)), now=now)


def test_who_knows_the_person_neither_sees_nor_decides_it(now: datetime) -> None:
    case, theirs = opened(now), staff("supervisor", "RU")
    request = asked(case, staff(), now)
    Recusal.objects.create(user=theirs, case=case, at=now)
    assert waiting_approvals(theirs, now) == []
    with pytest.raises(NotFound):
        approve(request_id=request.pk, by=acting(theirs), now=now)


def test_the_yes_of_somebody_who_knows_the_person_counts_no_more_and_a_colleague_gives_one(now: datetime) -> None:
    case, ours, colleague, theirs = opened(now), staff("supervisor"), staff("supervisor"), staff("supervisor", "RU")
    request = asked(case, ours, now)
    know_person(case_id=case.pk, by=acting(ours), now=now)
    assert approve(request_id=request.pk, by=acting(theirs), now=now).state == "open"
    case.refresh_from_db()
    assert case.side == "AZ"
    assert [one.may_approve for one in waiting_approvals(colleague, now)] == [True]
    assert approve(request_id=request.pk, by=acting(colleague), now=now).state == "approved"


def test_nor_when_it_waited_for_the_persons_consent_alone(now: datetime) -> None:
    case, ours = opened(now, consent=AT_HOME), staff("supervisor")
    request = asked(case, ours, now)
    approve(request_id=request.pk, by=acting(staff("supervisor", "RU")), now=now)
    know_person(case_id=case.pk, by=acting(ours), now=now)
    change_consent(report_id=case.report_id, consent=SHARED, now=now)
    take_up_report_events(report_id=case.report_id, now=now)
    case.refresh_from_db()
    assert (case.side, ApprovalRequest.objects.get().state) == ("AZ", "open")


@pytest.mark.parametrize("act", [withdraw_report, partial(erase_report, because="reporter")])
def test_of_a_person_who_took_it_back_the_other_side_reads_no_more(now: datetime, act: Any) -> None:
    case, theirs = opened(now), staff("supervisor", "RU")
    asked(case, staff("supervisor"), now)
    assert [one.facts["reference"] for one in waiting_approvals(theirs, now) if one.facts] == [case.reference]
    act(report_id=case.report_id, now=now)
    take_up_report_events(report_id=case.report_id, now=now)
    assert waiting_approvals(theirs, now) == []


def test_a_case_that_has_ended_is_not_transferred(now: datetime) -> None:
    case = opened(now)
    request = asked(case, staff("supervisor"), now)
    in_state(case, "closed")
    with pytest.raises(StaleObject):
        approve(request_id=request.pk, by=acting(staff("supervisor", "RU")), now=now)
    with pytest.raises(MoveNotAllowed):
        asked(case, staff(), now)


@pytest.mark.parametrize("given", [{"reason_code": "because"}, {"reason": "  "}])
def test_both_reasons_are_needed(given: dict[str, str], now: datetime) -> None:
    with pytest.raises(InvalidInput) as refused:
        asked(opened(now), staff(), now, **given)
    assert list(refused.value.fields) == list(given)


def test_a_refusal_stands_on_the_timeline_and_it_may_be_asked_again(now: datetime) -> None:
    case = opened(now)
    request = asked(case, staff(), now)
    refuse(request_id=request.pk, by=acting(staff("supervisor", "RU")), now=now)
    asked(case, staff(), now)
    codes = list(case.timeline.values_list("code", flat=True))
    assert codes[-3:] == ["transfer_asked", "transfer_refused", "transfer_asked"]
    assert verify_chain(case.pk)


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_the_two_last_approvals_at_once_transfer_it_once(now: datetime) -> None:
    case = opened(now)
    request = asked(case, staff(), now)
    people: list[Any] = [staff("supervisor", side) for side in ("AZ", "RU")]
    at_once(2, lambda: approve(request_id=request.pk, by=acting(people.pop()), now=now).state)
    case.refresh_from_db()
    assert case.side == "RU" and verify_chain(case.pk)
    assert [event["because"] for event in case.timeline.values_list("details", flat=True) if "because" in event].count(
        "transfer"
    ) == 1
