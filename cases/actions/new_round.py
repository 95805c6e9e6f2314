"""A caseworker begins a new round: partners that were full or silent may be asked again (domain.md §6)."""

from datetime import datetime
from uuid import UUID

from cases.actions.add_note import add_note_step, checked_note
from cases.actions.authorise import authorise
from cases.actions.case_row import BEFORE_OFFER, locked_case, move, save_case, set_due
from cases.actions.once import in_transaction
from cases.actions.record import Actor, Event, record_events
from cases.errors import MoveNotAllowed, NotFound, ReasonRequired
from cases.models import Case
from cases.queries.reach import knows_person
from cases.workflow import CaseState
from intake.actions.publish_status import publish_status


def new_round(*, case_id: UUID, reason: str, by: Actor, now: datetime) -> Case:
    """The case is routed from the beginning, while nobody has it and nobody is being asked.

    Who declined for a conflict of interest, as out of mandate, for the safety of staff or because the person refused
    stays out. The reason is kept as an internal note, sealed. Timeline: note_added, routing_requested. Raises NotFound,
    NotAllowed, ReasonRequired, InvalidInput, MoveNotAllowed, ReportErased.
    """
    if not reason.strip():
        raise ReasonRequired()
    return in_transaction(lambda: _new_round_step(case_id, checked_note(reason, "reason"), by, now))


def _new_round_step(case_id: UUID, reason: str, by: Actor, now: datetime) -> Case:
    case = locked_case(case_id)
    staff = authorise(by, "offer", side=case.side)
    if knows_person(staff.pk, case.pk):
        raise NotFound()
    if case.state not in BEFORE_OFFER:
        raise MoveNotAllowed(state=case.state)
    note = add_note_step(case=case, text=reason, author=staff, now=now)
    case.round += 1
    if case.state != CaseState.ROUTING:
        move(case, CaseState.ROUTING)
    case.routing_wanted_at, case.routing_attempts = now, 0
    set_due(case)
    asked = Event("routing_requested", {"because": "new_round", "round": case.round, "note": note.pk})
    record_events(case, [Event("note_added", {"note": note.pk}), asked], by=by, now=now)
    save_case(case)
    publish_status(report_id=case.report_id, code=case.state, expected_by=case.due_at, now=now)
    return case
