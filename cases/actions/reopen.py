"""Reopening: a case that ended begins again at triage, in a new round, with a new clock."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from cases.actions import notify
from cases.actions.case_row import move, set_due
from cases.actions.decide_closing import end_proposals_step
from cases.actions.reached_case import reached_case
from cases.actions.record import Actor, Event, record_events
from cases.actions.urgency_raised import reassess_step
from cases.deadlines import due_at
from cases.errors import MoveNotAllowed, NotFound
from cases.models import Case
from cases.queries.calendars import side_calendar
from cases.queries.rules import rule_book
from cases.workflow import ENDED_CASES, CaseState, ReopenReason
from intake.actions.locked_report import locked_report
from intake.actions.publish_status import publish_status
from intake.actions.resume_report import resume_report_step
from intake.errors import InvalidInput
from intake.models import Report
from intake.queries import consent_in_force


@transaction.atomic(durable=True)
def reopen_case(*, case_id: UUID, reason: str, by: Actor, now: datetime) -> Case:
    """Back to `triage` with nothing confirmed, a new round and a new triage clock; the outcome is open again.

    A report that was taken back is reopened only after the person has written again; nothing of it is passed on until
    they say so anew. One that was joined to another is not reopened but separated. The urgency is computed again, with
    what they have said since. Timeline: case_reopened, urgency_raised, routing_requested, alert_sent. Publishes
    the status; outbox: the reporter, who opted in. Raises NotFound, NotAllowed, MoveNotAllowed, InvalidInput (reason),
    ReportErased.
    """
    report = _locked_report(case_id)  # before the case, as retention and taking up events lock it
    case, user = reached_case(case_id, by, "reopen_case")
    if reason not in ReopenReason:
        raise InvalidInput(fields={"reason": [_("Please choose one of these.")]})
    if case.state not in ENDED_CASES or CaseState.DUPLICATE in {case.state, case.outcome}:
        raise MoveNotAllowed(state=str(case.state))
    if report.withdrawn_at is not None:
        _resume(report, now)
    _begin_again(case, now)
    end_proposals_step(case, user, now)
    raised, alarm = reassess_step(case=case, now=now)  # what the person has said since the end
    reopened = Event("case_reopened", {"reason": reason, "round": case.round})
    record_events(case, [reopened, *raised], by=by, now=now)
    case.save()
    publish_status(report_id=case.report_id, code=case.state, expected_by=case.due_at, now=now)
    notify.write_outbox([*alarm, *notify.status_changed(case, now)])
    return case


@transaction.atomic(durable=True)
def leave_ended(*, case_id: UUID, by: Actor, now: datetime) -> Case:
    """The person did something after the end, somebody has looked at it, and the case stays as it is.

    Timeline: left_ended. Raises NotFound, NotAllowed, MoveNotAllowed (nothing to look at).
    """
    case, _user = reached_case(case_id, by, "reopen_case")
    if case.wrote_again_at is None:
        raise MoveNotAllowed(state=str(case.state))
    case.wrote_again_at = None
    record_events(case, [Event("left_ended")], by=by, now=now)
    case.save()
    return case


def _locked_report(case_id: UUID) -> Report:
    report_id = Case.objects.filter(pk=case_id).values_list("report_id", flat=True).first()
    if report_id is None:
        raise NotFound()
    return locked_report(report_id)


def _resume(report: Report, now: datetime) -> None:
    if not resume_report_step(report, now=now):
        message = _("The person has taken the report back. It can be reopened only after they have written again.")
        raise InvalidInput(fields={"reason": [message]})


def _begin_again(case: Case, now: datetime) -> None:
    move(case, CaseState.TRIAGE)
    case.round += 1
    case.outcome, case.closed_at, case.wrote_again_at = "", None, None
    case.share = consent_in_force(case.report_id).share
    case.triaged_at, case.triage_missed = None, False
    hours = rule_book().clocks[case.urgency].triage
    case.triage_due_at = due_at(now, hours, case.urgency, side_calendar(case.side))
    set_due(case)
