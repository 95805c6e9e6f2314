"""What the demo's supervisors do, and what needs two people: closings, vital interest, holds, transfers, complaints."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from cases.actions.complaints import answer_complaint, read_complaint
from cases.actions.decide_approval import approve
from cases.actions.decide_closing import approve_closing, send_back_closing
from cases.actions.legal_hold import set_legal_hold
from cases.actions.transfer_case import ask_transfer, other_side
from cases.actions.vital_interest import approve_vital_interest, ask_vital_interest
from cases.errors import NotFound
from cases.models import ApprovalRequest, ClosingProposal, VitalInterest
from cases.models.approval import ApprovalKind
from intake.models import Complaint

from .stage import Stage, in_role, partner_named


def closing_approved(stage: Stage, at: datetime) -> None:
    approve_closing(proposal_id=_closing(stage).pk, by=stage.supervisor, now=at)


def closing_sent_back(stage: Stage, at: datetime, *, reason: str) -> None:
    send_back_closing(proposal_id=_closing(stage).pk, reason=reason, by=stage.supervisor, now=at)


def ask_vital(stage: Stage, at: datetime, *, partner: str, groups: Sequence[str], reason: str) -> None:
    partner_id = partner_named(partner).pk
    ask_vital_interest(
        case_id=stage.case_id, partner_id=partner_id, groups=groups, reason=reason, by=stage.worker, now=at
    )


def vital_approved(stage: Stage, at: datetime, *, tell_in_days: int = 0) -> None:
    """`tell_in_days`: it is not safe yet to tell the person; a supervisor looks again then."""
    row = VitalInterest.objects.filter(case=stage.case_id, approved_at=None, refused_at=None).first()
    if row is None:
        raise NotFound()
    tell_on = at.date() + timedelta(days=tell_in_days) if tell_in_days else None
    approve_vital_interest(
        vital_id=row.pk, is_safe_to_tell=tell_on is None, tell_on=tell_on, by=stage.supervisor, now=at
    )


def hold(stage: Stage, at: datetime, *, reason: str, days: int) -> None:
    until = at.date() + timedelta(days=days)
    set_legal_hold(case_id=stage.case_id, reason=reason, until=until, by=stage.supervisor, now=at)


def ask_for_transfer(stage: Stage, at: datetime, *, because: str, reason: str) -> None:
    ask_transfer(case_id=stage.case_id, reason_code=because, reason=reason, by=stage.worker, now=at)


def transfer_agreed(stage: Stage, at: datetime, *, by: str = "both") -> None:
    """A supervisor says yes: of the side that has the case (`own`), of the other one, or of both."""
    row = ApprovalRequest.objects.get(case=stage.case_id, kind=ApprovalKind.CASE_TRANSFER, state="open")
    own = stage.case.side
    sides = {"own": [own], "other": [other_side(own)], "both": [own, other_side(own)]}[by]
    for side in sides:
        approve(request_id=row.pk, by=in_role("supervisor", side), now=at)


def complaint_answered(stage: Stage, at: datetime, *, text: str) -> None:
    row = Complaint.objects.filter(report=stage.report_id, answered_at=None).first()
    if row is None:
        raise NotFound()
    read_complaint(complaint_id=row.pk, by=stage.supervisor, now=at)
    answer_complaint(complaint_id=row.pk, text=text, by=stage.supervisor, now=at)


def _closing(stage: Stage) -> ClosingProposal:
    row = ClosingProposal.objects.waiting().filter(case=stage.case_id).first()
    if row is None:
        raise NotFound()
    return row
