"""What every action on a case begins and ends with: its row lock, a checked move, its next due moment, its saving."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from uuid import UUID

from cases.errors import NotFound
from cases.models import Case, Referral
from cases.workflow import ENDED_CASES, CaseState, ReferralState, check_case_move
from intake.compiled import Rows

# Nobody has the case and nobody is being asked: it can be proposed and offered. workflow.py allows more moves to
# `triage` and `offered`, for reopening and for going on after a question to the reporter.
BEFORE_OFFER = frozenset({CaseState.TRIAGE, CaseState.ROUTING, CaseState.UNROUTED})
_OF_OUR_PEOPLE = frozenset({"triage", "unrouted", "waiting", "review"})
_CLOCK_OF: Mapping[str, str] = {ReferralState.OFFERED: "answer_due_at", ReferralState.ACCEPTED: "contact_due_at"}
_STILL = ENDED_CASES | {CaseState.WAITING_FOR_REPORTER}
# What a move can change on the row; record_events changes the last five in memory.
_CHANGED = (
    "state",
    "round",
    "due_at",
    "due_kind",
    "triage_due_at",
    "triage_missed",
    "triage_told",
    "wait_due_at",
    "unrouted_at",
    "wait_kind",
    "wait_told",
    "clocks_missed",
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
    return (_unlocked if skip_locked else _locked).first(case=case_id)


_IDS = (UUID(int=1), UUID(int=2))
_locked = Rows(lambda case: Case.objects.select_for_update(no_key=True).filter(pk=case), case=_IDS)
_unlocked = Rows(lambda case: Case.objects.select_for_update(no_key=True, skip_locked=True).filter(pk=case), case=_IDS)


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
    """The next moment at which something goes wrong: of these clocks, of triage while nobody has confirmed it, and of
    the dates set by law.

    A clock of our own people (`unrouted`, or `triage` where a proposal waits) is kept in the case itself, because no
    other row holds it; every call says anew whether one runs. While the case waits for the reporter triage stands
    still, and the moment at which somebody looks again stays, whatever else is said.
    """
    if _waits(case) and not any(kind == "waiting" for _due, kind in clocks):
        clocks = (*clocks, (case.wait_due_at, "waiting"))  # type: ignore[arg-type]
    due, kind = min((clock for clock in clocks if clock[1] in _OF_OUR_PEOPLE), default=(None, ""))
    if (due, kind) != (case.wait_due_at, case.wait_kind):
        case.wait_due_at, case.wait_kind, case.wait_told = due, kind, 0
    choose_due(case, clocks)


def _waits(case: Case) -> bool:
    is_waiting = case.state == CaseState.WAITING_FOR_REPORTER
    return is_waiting and case.wait_kind == "waiting" and case.wait_due_at is not None


def choose_due(case: Case, clocks: Iterable[tuple[datetime, str]]) -> None:
    """`due_at` alone, of these clocks and those that `set_due` always looks at. None runs on a case that ended, also
    none set by law: the date stays on the case."""
    if case.state in ENDED_CASES:
        case.due_at, case.due_kind = None, ""
        return
    running = [*clocks, *dates_of(case)]
    if triage_runs(case) or (not running and _is_overdue_for_triage(case)):
        running.append((case.triage_due_at, "triage"))
    case.due_at, case.due_kind = min(running, default=(None, ""))


def triage_runs(case: Case) -> bool:
    is_still = case.state == CaseState.WAITING_FOR_REPORTER
    return case.triaged_at is None and not case.triage_missed and not is_still


def _is_overdue_for_triage(case: Case) -> bool:
    """Where nothing else runs, a case that nobody has looked at in time stays among the overdue ones."""
    return case.triaged_at is None and case.triage_missed and case.state not in _STILL


def dates_of(case: Case) -> list[tuple[datetime, str]]:
    """The ends of the statutory dates that have not passed."""
    return [(datetime.fromisoformat(one["ends_at"]), "date") for one in case.dates if not one.get("passed")]


def running_clocks(case: Case) -> list[tuple[datetime, str]]:
    """What runs beside triage and dates: one statement for the referrals, none while the person is being asked."""
    clocks = [(case.wait_due_at, case.wait_kind)] if case.wait_due_at else []
    if case.state in _STILL:
        return clocks
    rows = Referral.objects.filter(case=case, state__in=_CLOCK_OF).values_list("state", *_CLOCK_OF.values())
    for state, answer, contact in rows:
        due = answer if state == ReferralState.OFFERED else contact
        if due is not None:
            clocks.append((due, "answer" if state == ReferralState.OFFERED else "contact"))
    return clocks


def save_case(case: Case) -> None:
    case.save(update_fields=_CHANGED)
