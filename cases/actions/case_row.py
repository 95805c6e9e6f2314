"""What every action on a case begins and ends with: its row lock, a checked move, its next due moment, its saving."""

from datetime import datetime
from uuid import UUID

from cases.errors import NotFound
from cases.models import Case
from cases.workflow import CaseState, check_case_move

# Nobody has the case and nobody is being asked: it can be proposed and offered. workflow.py allows more moves to
# `triage` and `offered`, for reopening and for going on after a question to the reporter.
BEFORE_OFFER = frozenset({CaseState.TRIAGE, CaseState.ROUTING, CaseState.UNROUTED})
# What a move can change on the row; record_events changes the last five in memory.
_CHANGED = (
    "state",
    "round",
    "due_at",
    "due_kind",
    "routing_wanted_at",
    "routing_attempts",
    "updated_at",
    "last_event",
    "last_event_at",
    "event_count",
    "chain_head",
)


def lock_case(case_id: UUID, *, skip_locked: bool = False) -> Case | None:
    """The row, locked before any other of the case; None when it is not there (or, with `skip_locked`, taken)."""
    return Case.objects.select_for_update(no_key=True, skip_locked=skip_locked).filter(pk=case_id).first()


def locked_case(case_id: UUID) -> Case:
    """Raises NotFound."""
    case = lock_case(case_id)
    if case is None:
        raise NotFound()
    return case


def move(case: Case, *states: str) -> None:
    """Through these states in order. Raises MoveNotAllowed."""
    for state in states:
        check_case_move(case.state, state)
        case.state = state


def set_due(case: Case, *clocks: tuple[datetime, str]) -> None:
    """The next moment at which something goes wrong: of these clocks, and of triage while nobody has confirmed it."""
    running = list(clocks)
    if case.triaged_at is None and not case.triage_missed:
        running.append((case.triage_due_at, "triage"))
    case.due_at, case.due_kind = min(running, default=(None, ""))


def save_case(case: Case) -> None:
    case.save(update_fields=_CHANGED)
