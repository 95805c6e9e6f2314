"""Resolving and closing: with a fitting outcome, without anything left running, and where policy asks by two people."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from cases.actions.decide_closing import approve_closing, send_back_closing, take_back_closing
from cases.actions.end_case import close_case, resolve_case
from cases.actions.follow_ups import add_follow_up
from cases.actions.merge_cases import merge_cases
from cases.actions.record import verify_chain
from cases.actions.take_up import take_up_report_events
from cases.errors import MoveNotAllowed, NotAllowed, NotFound, ReasonRequired, StaleObject
from cases.models import (
    Case,
    ClosingPolicy,
    ClosingProposal,
    FollowUp,
    Note,
    OutboxMessage,
    PartnerChange,
    Recusal,
    Referral,
    TimelineEvent,
    User,
)
from cases.queries.remembered import forget_reference
from cases.workflow import CLOSING_OUTCOMES, ENDED_CASES, CaseState, Outcome
from intake.actions.erase_report import erase_report
from intake.actions.withdraw_report import withdraw_report
from intake.errors import InvalidInput
from intake.models import ConsentRequest, PublicStatus, ReportKey
from tests.cases.arrange import OPTED_IN, acting, at_once, in_state, opened, partner, referral, staff

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]
DAY = timedelta(days=1)


def resolved(now: datetime, outcome: str = "resolved_full", **changes: Any) -> Case:
    case = in_state(opened(now, **changes), "triage")  # where policy is automatic it would be in routing
    return resolve_case(case_id=case.pk, outcome=outcome, by=acting(staff()), now=now)


def close(case: Case, user: User, now: datetime, outcome: str = "resolved_full", words: str = "") -> Any:
    proposal = close_case(case_id=case.pk, outcome=outcome, words=words, by=acting(user), now=now)
    case.refresh_from_db()
    assert verify_chain(case.pk)
    return proposal


def proposed(now: datetime, user: User) -> tuple[Case, ClosingProposal]:
    case = resolved(now, category="DET")
    return case, close(case, user, now)


def test_resolving_from_triage_confirms_it_and_ends_every_clock(now: datetime) -> None:
    case = resolved(now, "advice_given", contact=OPTED_IN)
    assert (case.state, case.outcome, case.due_at, case.due_kind) == ("resolved", "advice_given", None, "")
    assert (case.triaged_at, case.closed_at) == (now, None)
    assert PublicStatus.objects.get().code == "resolved.advice"
    assert [row.kind for row in OutboxMessage.objects.all()] == ["status_changed"]


def test_a_partner_that_still_has_the_case_is_told_and_its_place_is_free(now: datetime) -> None:
    case, owner = opened(now), partner()
    row = referral(case, owner, now, "accepted")
    resolve_case(case_id=case.pk, outcome="returned_home", by=acting(staff()), now=now)
    row.refresh_from_db()
    assert (row.state, row.withdrawal_reason, row.ended_at) == ("withdrawn", "case_closed", now)
    assert PartnerChange.objects.get().is_tombstone
    assert OutboxMessage.objects.get(audience="partner").kind == "offer_withdrawn"


def test_a_resolved_case_is_closed_with_date_words_and_a_plain_status(now: datetime) -> None:
    case = resolved(now)
    assert close(case, staff(), now + DAY, words="Canary: paid at last.") is None
    assert (case.state, case.outcome, case.closed_at) == ("closed", "resolved_full", now + DAY)
    assert PublicStatus.objects.get().code == "closed.solved"
    assert Note.objects.get().unseal(ReportKey.of(case.report_id), "text") == "Canary: paid at last."
    assert TimelineEvent.objects.get(code="case_closed").details == {"outcome": "resolved_full"}
    assert "Canary" not in str([*TimelineEvent.objects.values(), *OutboxMessage.objects.values()])


def test_closing_ends_follow_ups_and_open_questions(now: datetime) -> None:
    case, user = resolved(now), staff()
    local = datetime(2026, 12, 24, 9, 0)
    add_follow_up(case_id=case.pk, text="Look again", local=local, by=acting(user), now=now)
    ConsentRequest.objects.create(report_id=case.report_id, body=partner().body, asked_at=now)
    close(case, user, now)
    assert FollowUp.objects.get().removed_at == now and ConsentRequest.objects.get().closed_at == now


@pytest.mark.parametrize("state", CaseState.values)
@pytest.mark.parametrize("outcome", [*Outcome.values, "", "x" * 5000, "\x00", "закрыто"])
def test_every_state_is_closed_with_a_fitting_outcome_or_not_at_all(state: str, outcome: str, now: datetime) -> None:
    case, user = in_state(opened(now), state), staff()
    before = Case.objects.values().get()
    if outcome in CLOSING_OUTCOMES.get(state, ()) and outcome != "lost_contact":
        proposal = close(case, user, now, outcome)
        assert (case.state == "closed") is (proposal is None)
        return
    with pytest.raises((MoveNotAllowed, InvalidInput)):
        close_case(case_id=case.pk, outcome=outcome, by=acting(user), now=now)
    assert Case.objects.values().get() == before and not TimelineEvent.objects.filter(code="case_closed").exists()


@pytest.mark.parametrize("state", sorted(ENDED_CASES - {"closed"}))
def test_what_ended_otherwise_is_closed_and_its_page_goes_on_saying_its_own_words(state: str, now: datetime) -> None:
    case = in_state(opened(now), state, due_at=None)
    PublicStatus.objects.update(code=state)
    close(case, staff(), now, sorted(CLOSING_OUTCOMES[state])[0])
    kept = {"withdrawn": "withdrawn", "duplicate": "duplicate"}
    assert case.state == "closed"
    assert PublicStatus.objects.get().code == kept.get(state, PublicStatus.objects.get().code)


def test_a_joined_report_is_resolved_by_nobody(now: datetime) -> None:
    case = in_state(opened(now), "triage")
    for outcome in ("duplicate", "out_of_scope"):
        with pytest.raises(InvalidInput) as refused:
            resolve_case(case_id=case.pk, outcome=outcome, by=acting(staff()), now=now)
        assert list(refused.value.fields) == ["outcome"]


def test_the_database_knows_no_closed_case_without_outcome(now: datetime) -> None:
    case = opened(now)
    with pytest.raises(IntegrityError), transaction.atomic():
        Case.objects.filter(pk=case.pk).update(state="closed", closed_at=now)


# --- two people -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("category", "outcome", "waits"),
    [("DET", "resolved_full", True), ("WRK", "died", True), ("WRK", "resolved_full", False), ("SAF", "died", True)],
)
def test_policy_says_by_category_or_outcome_who_decides(
    category: str, outcome: str, waits: bool, now: datetime
) -> None:
    case = resolved(now, outcome, category=category)
    assert (close(case, staff(), now, outcome) is not None) is waits
    assert case.state == ("resolved" if waits else "closed")


def test_policy_is_data(now: datetime) -> None:
    ClosingPolicy.objects.update(is_active=False)
    forget_reference()
    assert close(resolved(now, category="DET"), staff(), now) is None
    ClosingPolicy.objects.create()  # every category, every outcome
    forget_reference()
    assert close(resolved(now), staff(), now) is not None


def test_a_supervisor_closes_what_somebody_else_proposed(now: datetime) -> None:
    caseworker, supervisor, colleague = staff(), staff("supervisor"), staff("supervisor")
    case, proposal = proposed(now, caseworker)
    told = OutboxMessage.objects.filter(kind="closing_proposed").values_list("user", flat=True)
    assert set(told) == {supervisor.pk, colleague.pk}
    approve_closing(proposal_id=proposal.pk, by=acting(supervisor), now=now + DAY)
    case.refresh_from_db()
    proposal.refresh_from_db()
    assert (case.state, case.closed_at, proposal.approved_by) == ("closed", now + DAY, supervisor)
    assert TimelineEvent.objects.get(code="case_closed").actor_ref == supervisor.pk


def test_never_the_one_who_proposed_though_a_supervisor(now: datetime) -> None:
    supervisor = staff("supervisor")
    case, proposal = proposed(now, supervisor)
    with pytest.raises(NotAllowed):
        approve_closing(proposal_id=proposal.pk, by=acting(supervisor), now=now)
    with pytest.raises(NotAllowed):
        send_back_closing(proposal_id=proposal.pk, reason="x", by=acting(supervisor), now=now)
    with pytest.raises(IntegrityError), transaction.atomic():
        ClosingProposal.objects.update(approved_by=supervisor, approved_at=now)
    assert Case.objects.get(pk=case.pk).state == "resolved"


def test_a_caseworker_decides_on_no_closing(now: datetime) -> None:
    case, proposal = proposed(now, staff())
    knows = staff("supervisor")
    Recusal.objects.create(case=case, user=knows, at=now)
    for user, refusal in ((staff(), NotAllowed), (staff("supervisor", side="RU"), NotFound), (knows, NotFound)):
        with pytest.raises(refusal):
            approve_closing(proposal_id=proposal.pk, by=acting(user), now=now)
        with pytest.raises(refusal):
            send_back_closing(proposal_id=proposal.pk, reason="x", by=acting(user), now=now)


def test_it_is_sent_back_with_a_reason_and_can_be_proposed_again(now: datetime) -> None:
    caseworker, supervisor = staff(), staff("supervisor")
    case, proposal = proposed(now, caseworker)
    with pytest.raises(ReasonRequired):
        send_back_closing(proposal_id=proposal.pk, reason=" \n", by=acting(supervisor), now=now)
    send_back_closing(proposal_id=proposal.pk, reason="Canary: call once more.", by=acting(supervisor), now=now)
    case.refresh_from_db()
    assert case.state == "resolved" and verify_chain(case.pk)
    assert Note.objects.get().unseal(ReportKey.of(case.report_id), "text") == "Canary: call once more."
    assert OutboxMessage.objects.get(kind="closing_sent_back").user == caseworker
    with pytest.raises(StaleObject):
        approve_closing(proposal_id=proposal.pk, by=acting(supervisor), now=now)
    assert close(case, caseworker, now) is not None


def test_one_proposal_at_a_time_and_who_made_it_takes_it_back(now: datetime) -> None:
    caseworker = staff()
    case, proposal = proposed(now, caseworker)
    with pytest.raises(InvalidInput) as refused:
        close(case, staff(), now)
    assert list(refused.value.fields) == ["outcome"]
    with pytest.raises(NotAllowed):
        take_back_closing(proposal_id=proposal.pk, by=acting(staff()), now=now)
    take_back_closing(proposal_id=proposal.pk, by=acting(caseworker), now=now)
    assert close(case, staff(), now) is not None


def test_a_proposal_does_not_outlast_what_it_was_made_for(now: datetime) -> None:
    case, proposal = proposed(now, staff())
    in_state(case, "triage")
    with pytest.raises(MoveNotAllowed):
        approve_closing(proposal_id=proposal.pk, by=acting(staff("supervisor")), now=now)


@pytest.mark.parametrize("how", ["withdrawn", "erased", "merged"])
def test_no_proposal_waits_for_a_case_that_is_gone_or_joined_to_another(how: str, now: datetime) -> None:
    case, proposal = proposed(now, staff())
    if how == "merged":
        merge_cases(case_id=case.pk, into_id=opened(now).pk, by=acting(staff()), now=now)
    elif how == "withdrawn":
        withdraw_report(report_id=case.report_id, now=now)
    else:
        erase_report(report_id=case.report_id, because="reporter", now=now)
    take_up_report_events(report_id=case.report_id, now=now)
    proposal.refresh_from_db()
    assert proposal.ended_at == now and not ClosingProposal.objects.waiting().exists()


@pytest.mark.parametrize("who", [("auditor", "AZ"), ("administrator", "AZ"), ("partner_coordinator", "AZ")])
def test_nobody_else_ends_a_case(who: tuple[str, str], now: datetime) -> None:
    case = opened(now)
    with pytest.raises(NotAllowed):
        resolve_case(case_id=case.pk, outcome="advice_given", by=acting(staff(*who)), now=now)
    with pytest.raises(NotFound):
        resolve_case(case_id=case.pk, outcome="advice_given", by=acting(staff(side="RU")), now=now)


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_of_two_who_close_at_once_one_does(now: datetime) -> None:
    case, people = resolved(now), [staff(), staff()]

    def run() -> str:
        try:
            close_case(case_id=case.pk, outcome="resolved_full", by=acting(people.pop()), now=now)
        except MoveNotAllowed:
            return "refused"
        return "closed"

    assert sorted(at_once(2, run)) == ["closed", "refused"]
    assert TimelineEvent.objects.filter(case=case, code="case_closed").count() == 1 and verify_chain(case.pk)


def test_referrals_of_a_closed_case_are_none_of_its_load(now: datetime) -> None:
    case = opened(now)
    referral(case, partner(), now)
    in_state(case, "waiting_for_reporter")
    resolve_case(case_id=case.pk, outcome="resolved_partial", by=acting(staff()), now=now)
    assert not Referral.objects.filter(case=case, state__in=["offered", "accepted"]).exists()
