"""What routing hands to a person: three proposed partners, a case that nobody can take, one that may not be offered.

Steps: the caller holds the case's lock. Each ends with a clock, so that the case cannot be forgotten.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from cases.actions import notify
from cases.actions.case_row import move, save_case, set_due
from cases.actions.decision import decided, latest_decision, store_decision
from cases.actions.record import Actor, Event, record_events
from cases.deadlines import due_at
from cases.models import Case, RoutingDecision
from cases.queries.calendars import side_calendar
from cases.queries.rules import rule_book
from cases.routing.propose import Proposal
from cases.workflow import CaseState
from intake.actions.publish_status import publish_status


def propose_step(
    case: Case, proposal: Proposal, chosen: Sequence[UUID], *, was_asked: bool, by: Actor, now: datetime
) -> RoutingDecision:
    """The case waits in `triage` until a caseworker offers it. `was_asked`: somebody in this round was, in vain.

    Timeline: routing_decided. Outbox: staff, when those asked before have all declined or were silent.
    """
    if case.state != CaseState.TRIAGE:
        move(case, CaseState.TRIAGE)
    decision = store_decision(case, proposal, mode="propose", chosen=chosen, now=now)
    record_events(case, [decided(decision)], by=by, now=now)
    _wait_for_caseworker(case, now)
    if was_asked:
        notify.write_outbox(notify.declined_by_all(case, now))
    return decision


def unrouted_step(
    case: Case, proposal: Proposal, *, mode: str, was_asked: bool, by: Actor, now: datetime
) -> RoutingDecision:
    """No partner can take the case, or every place is kept for urgent ones: then it is tried again when less is kept.

    Timeline: routing_decided, unrouted. Outbox: staff. Tried again in vain the case stands as it did: its clock goes
    on, and only a new explanation is kept.
    """
    if case.state == CaseState.UNROUTED and by.kind == "system":
        return _still_unrouted_step(case, proposal, mode=mode, now=now)
    decision = store_decision(case, proposal, mode=mode, chosen=[], now=now)
    held = {"because": "held", "again_at": proposal.again_at} if proposal.again_at else {}
    unrouted = Event("unrouted", {"rejected": len(proposal.rejected), **held})
    _to_unrouted(case, [decided(decision), unrouted], was_asked, by=by, now=now, again_at=proposal.again_at)
    return decision


def give_up_step(case: Case, *, attempts: int, by: Actor, now: datetime, because: str = "failed") -> None:
    """Routing failed for a reason of our own: a person finds a partner. Timeline: unrouted. Outbox: staff."""
    _to_unrouted(case, [Event("unrouted", {"because": because, "attempts": attempts})], False, by=by, now=now)


def _still_unrouted_step(case: Case, proposal: Proposal, *, mode: str, now: datetime) -> RoutingDecision:
    before = latest_decision(case)
    case.routing_wanted_at, case.routing_attempts = proposal.again_at, 0
    save_case(case)
    if before is not None and not before.chosen and before.rejected == proposal.stored()["rejected"]:
        return before
    return store_decision(case, proposal, mode=mode, chosen=[], now=now)


def not_offered_step(case: Case, *, by: Actor, now: datetime) -> None:
    """The person said no, does not know of it, or took it back: our own people go on. Timeline: routing_decided."""
    if case.state != CaseState.TRIAGE:
        move(case, CaseState.TRIAGE)
    record_events(case, [Event("routing_decided", {"mode": "none", "because": "no_consent"})], by=by, now=now)
    _wait_for_caseworker(case, now)


def _to_unrouted(
    case: Case,
    events: Sequence[Event],
    was_asked: bool,
    *,
    by: Actor,
    now: datetime,
    again_at: datetime | None = None,
) -> None:
    if case.state == CaseState.TRIAGE:
        move(case, CaseState.ROUTING)
    is_new = case.state != CaseState.UNROUTED
    if is_new:
        move(case, CaseState.UNROUTED)
        case.unrouted_at = now
    record_events(case, events, by=by, now=now)
    case.routing_wanted_at, case.routing_attempts = again_at, 0
    if is_new or case.due_kind != "unrouted":
        set_due(case, (_triage_clock(case, now), "unrouted"))
    save_case(case)
    publish_status(report_id=case.report_id, code=case.state, now=now)
    if is_new:  # else they know
        tell = notify.declined_by_all if was_asked else notify.unrouted
        notify.write_outbox(tell(case, now))


def _wait_for_caseworker(case: Case, now: datetime) -> None:
    """Triage's own clock while it runs, else a new one: a proposal that nobody looks at is a case that nobody has."""
    case.routing_wanted_at, case.routing_attempts = None, 0
    is_running = case.triaged_at is None and not case.triage_missed
    set_due(case, *(() if is_running else ((_triage_clock(case, now), "triage"),)))
    save_case(case)
    publish_status(report_id=case.report_id, code=case.state, expected_by=case.due_at, now=now)


def _triage_clock(case: Case, now: datetime) -> datetime:
    """Without a clock for this urgency it is due at once."""
    clock = rule_book().clocks.get(case.urgency)
    return now if clock is None else due_at(now, clock.triage, case.urgency, side_calendar(case.side))
