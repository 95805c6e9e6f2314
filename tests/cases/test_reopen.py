"""A case that ended begins again at triage; a report that was taken back only when the person asks anew."""

from datetime import datetime, timedelta

import pytest

from cases.actions.decide_closing import approve_closing
from cases.actions.end_case import close_case, resolve_case
from cases.actions.record import verify_chain
from cases.actions.reopen import leave_ended, reopen_case
from cases.actions.take_up import take_up_report_events
from cases.actions.write_to_reporter import write_to_reporter
from cases.errors import MoveNotAllowed, NotAllowed, NotFound, StaleObject
from cases.models import Case, OutboxMessage, TimelineEvent
from cases.queries.queue import Filters, queue
from cases.queries.retention import due_cases
from cases.workflow import ENDED_CASES, CaseState
from intake.actions.correct_report import correct_report
from intake.actions.erase_report import erase_report
from intake.actions.messages import post_message
from intake.actions.withdraw_report import withdraw_report
from intake.errors import InvalidInput, ReportErased
from intake.models import PublicStatus, Report
from intake.queries import consent_in_force
from tests.cases.arrange import acting, at_once, in_state, opened, staff

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]
DAY = timedelta(days=1)


def reopened(case: Case, now: datetime, reason: str = "not_solved") -> Case:
    reopen_case(case_id=case.pk, reason=reason, by=acting(staff()), now=now)
    case.refresh_from_db()
    assert verify_chain(case.pk)
    return case


def written(case: Case, now: datetime, text: str = "Canary: it began again") -> Case:
    post_message(report_id=case.report_id, text=text, submission_key=str(now), now=now)
    take_up_report_events(report_id=case.report_id, now=now)
    case.refresh_from_db()
    return case


def in_tab(tab: str, now: datetime) -> list[str]:
    return [row["reference"] for row in queue(staff(), tab=tab, filters=Filters(), after="", now=now).rows]


def closed(now: datetime) -> Case:
    return in_state(opened(now), "closed", due_at=None, triaged_at=now)


def test_it_begins_again_with_a_new_round_and_a_new_triage_clock(now: datetime) -> None:
    case = reopened(closed(now), now + 30 * DAY)
    assert (case.state, case.outcome, case.closed_at, case.round) == ("triage", "", None, 2)
    assert case.triaged_at is None and case.due_kind == "triage" and case.due_at == case.triage_due_at > now + 30 * DAY
    assert TimelineEvent.objects.get(code="case_reopened").details == {"reason": "not_solved", "round": 2}
    status = PublicStatus.objects.get()
    assert (status.code, status.expected_by) == ("triage", case.due_at)


def test_retention_lets_go_of_it(now: datetime) -> None:
    case = closed(now)
    later = now + 4 * 365 * DAY
    assert due_cases({"closed": 1095}, now=later).filter(pk=case.pk).exists()
    reopened(case, now)
    assert not due_cases({"closed": 1095}, now=later).filter(pk=case.pk).exists()


@pytest.mark.parametrize("state", CaseState.values)
def test_what_ended_is_reopened_and_nothing_else(state: str, now: datetime) -> None:
    case = in_state(opened(now), state)
    if state in ENDED_CASES - {"duplicate"}:
        assert reopened(case, now).state == "triage"
        return
    with pytest.raises(MoveNotAllowed):  # a joined one is separated, not reopened
        reopened(case, now)


@pytest.mark.parametrize("reason", ["", "because", "x" * 5000, "причина"])
def test_a_reason_is_one_of_the_codes(reason: str, now: datetime) -> None:
    with pytest.raises(InvalidInput) as refused:
        reopened(closed(now), now, reason)
    assert list(refused.value.fields) == ["reason"]


def test_by_our_side_and_by_caseworkers_alone(now: datetime) -> None:
    case = closed(now)
    for user, refusal in ((staff("auditor"), NotAllowed), (staff("administrator"), NotAllowed)):
        with pytest.raises(refusal):
            reopen_case(case_id=case.pk, reason="new_facts", by=acting(user), now=now)
    with pytest.raises(NotFound):
        reopen_case(case_id=case.pk, reason="new_facts", by=acting(staff(side="RU")), now=now)


def test_what_was_taken_back_is_reopened_only_after_the_person_wrote_and_shares_nothing(now: datetime) -> None:
    case = opened(now)
    withdraw_report(report_id=case.report_id, now=now)
    take_up_report_events(report_id=case.report_id, now=now)
    case.refresh_from_db()
    with pytest.raises(InvalidInput) as refused:
        reopened(case, now, "reporter_asked")
    assert list(refused.value.fields) == ["reason"]
    case = reopened(written(case, now + DAY), now + DAY, "reporter_asked")
    assert (case.state, case.share) == ("triage", "none")
    assert Report.objects.get().withdrawn_at is None and not consent_in_force(case.report_id).allows_offer


def test_what_was_erased_never_is(now: datetime) -> None:
    case = closed(now)
    erase_report(report_id=case.report_id, because="reporter", now=now)
    with pytest.raises(ReportErased):
        reopened(case, now)


def test_a_proposal_to_close_is_overtaken(now: datetime) -> None:
    case = in_state(opened(now, category="DET"), "triage")
    resolve_case(case_id=case.pk, outcome="resolved_full", by=acting(staff()), now=now)
    proposal = close_case(case_id=case.pk, outcome="resolved_full", by=acting(staff()), now=now)
    assert proposal is not None
    reopened(case, now)
    with pytest.raises(StaleObject):
        approve_closing(proposal_id=proposal.pk, by=acting(staff("supervisor")), now=now)


@pytest.mark.parametrize("state", sorted(ENDED_CASES))
def test_who_writes_after_the_end_is_seen_until_somebody_acts(state: str, now: datetime) -> None:
    case = written(in_state(opened(now), state), now + DAY)
    assert case.state == state and in_tab("again", now) == [case.reference]
    leave_ended(case_id=case.pk, by=acting(staff()), now=now + DAY)
    assert in_tab("again", now) == []
    written(case, now + 2 * DAY)
    write_to_reporter(case_id=case.pk, text="Thank you", by=acting(staff()), now=now + 2 * DAY)
    assert in_tab("again", now) == []


def test_there_is_nothing_to_leave_where_nobody_wrote(now: datetime) -> None:
    with pytest.raises(MoveNotAllowed):
        leave_ended(case_id=closed(now).pk, by=acting(staff()), now=now)


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_of_two_who_reopen_at_once_one_does(now: datetime) -> None:
    case, people = closed(now), [staff(), staff()]

    def run() -> bool:
        try:
            reopen_case(case_id=case.pk, reason="new_facts", by=acting(people.pop()), now=now)
        except MoveNotAllowed:
            return False
        return True

    assert sorted(at_once(2, run)) == [False, True]
    case.refresh_from_db()
    assert case.round == 2 and verify_chain(case.pk)


def test_what_the_person_said_after_the_end_counts_when_it_begins_again(now: datetime) -> None:
    case, later = closed(now), now + DAY
    correct_report(report_id=case.report_id, part="answers", content={"held": "yes"}, submission_key="", now=later)
    take_up_report_events(report_id=case.report_id, now=later)
    case = reopened(case, later)
    assert (case.urgency, case.computed_urgency, case.triage_due_at) == (1, 1, later + timedelta(hours=1))
    assert OutboxMessage.objects.filter(kind="urgent_case").exists()


def test_what_a_supervisor_lowered_is_not_raised_by_reopening_alone(now: datetime) -> None:
    case = in_state(opened(now, answers={"held": "yes"}), "closed", urgency=3)
    assert reopened(case, now + DAY).urgency == 3
