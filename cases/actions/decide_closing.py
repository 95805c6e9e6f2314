"""A supervisor who has not proposed it decides on a closing: approves it, or sends it back with a reason."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from cases.actions import notify
from cases.actions.add_note import add_note_step, checked_note
from cases.actions.end_case import check_may_close, close_step
from cases.actions.reached_case import reached_case
from cases.actions.record import Actor, Event, record_events
from cases.errors import NotAllowed, NotFound, ReasonRequired, StaleObject
from cases.models import Case, ClosingProposal, User


@transaction.atomic(durable=True)
def approve_closing(*, proposal_id: UUID, by: Actor, now: datetime) -> Case:
    """Closes the case as proposed, when it may still be closed so.

    Timeline, feed and outbox: as close_case. Raises NotFound; NotAllowed (no supervisor of the side, or the one who
    proposed it); StaleObject (decided meanwhile); MoveNotAllowed, InvalidInput (the case has changed since).
    """
    case, user, proposal = _locked(proposal_id, by, "approve_closing")
    if user.pk == proposal.proposed_by_id:
        raise NotAllowed(reasons=["same_person"])
    check_may_close(case, proposal.outcome, now)
    proposal.approved_by, proposal.approved_at = user, now
    proposal.save(update_fields=["approved_by", "approved_at"])
    close_step(case, proposal.outcome, [], by, now, proposal=str(proposal.pk))
    return case


@transaction.atomic(durable=True)
def send_back_closing(*, proposal_id: UUID, reason: str, by: Actor, now: datetime) -> Case:
    """The case stays as it is. The reason is kept as an internal note; the one who proposed is told.

    Timeline: note_added, closing_sent_back. Raises NotFound, NotAllowed (also to the one who proposed, who takes it
    back instead), StaleObject, ReasonRequired, InvalidInput, ReportErased.
    """
    case, user, proposal = _locked(proposal_id, by, "approve_closing")
    if user.pk == proposal.proposed_by_id:
        raise NotAllowed(reasons=["same_person"])
    if not reason.strip():
        raise ReasonRequired()
    note = add_note_step(case=case, text=checked_note(reason, "reason"), author=user, now=now)
    _end(proposal, user, now)
    events = [Event("note_added", {"note": note.pk}), Event("closing_sent_back", {"proposal": proposal.pk})]
    record_events(case, events, by=by, now=now)
    case.save()
    notify.write_outbox(notify.closing_sent_back(case, proposal.proposed_by_id, now))
    return case


@transaction.atomic(durable=True)
def take_back_closing(*, proposal_id: UUID, by: Actor, now: datetime) -> Case:
    """By the one who proposed. Timeline: closing_taken_back. Raises NotFound, NotAllowed, StaleObject."""
    case, user, proposal = _locked(proposal_id, by, "close_case")
    if user.pk != proposal.proposed_by_id:
        raise NotAllowed()
    _end(proposal, user, now)
    record_events(case, [Event("closing_taken_back", {"proposal": proposal.pk})], by=by, now=now)
    case.save()
    return case


def end_proposals_step(case: Case, user: User | None, now: datetime) -> None:
    """What was proposed for the case as it was is overtaken. A step of one statement."""
    ClosingProposal.objects.waiting().filter(case=case).update(ended_at=now, ended_by=user)


def _locked(proposal_id: UUID, by: Actor, action: str) -> tuple[Case, User, ClosingProposal]:
    """The case's lock first, then the proposal as it stands under it."""
    case_id = ClosingProposal.objects.filter(pk=proposal_id).values_list("case", flat=True).first()
    if case_id is None:
        raise NotFound()
    case, user = reached_case(case_id, by, action)
    proposal = ClosingProposal.objects.get(pk=proposal_id)
    if proposal.approved_at or proposal.ended_at:
        raise StaleObject()
    return case, user, proposal


def _end(proposal: ClosingProposal, user: User, now: datetime) -> None:
    proposal.ended_at, proposal.ended_by = now, user
    proposal.save(update_fields=["ended_at", "ended_by"])
