"""The allowed moves between states of cases, referrals and links, and what follows from a state. Pure: knows no row."""

from collections.abc import Mapping

from cases.errors import MoveNotAllowed

from .codes import CaseState, DeclineReason, LinkState, Outcome, ReferralState

# What a partner may report on completion. That a case is a duplicate or out of scope, the responsible side says.
PARTNER_OUTCOMES = frozenset(set(Outcome) - {Outcome.DUPLICATE, Outcome.OUT_OF_SCOPE})

_C, _R, _L = CaseState, ReferralState, LinkState

# With which outcomes a case may be closed out of a state. What the person, or the state itself, has said already is not
# said otherwise; a case that waits for an answer which never comes is closed for lost contact alone.
_ANY_WORK = frozenset(set(Outcome) - {Outcome.DUPLICATE, Outcome.OUT_OF_SCOPE})
RESOLVING_OUTCOMES = _ANY_WORK
CLOSING_OUTCOMES: Mapping[str, frozenset[str]] = {
    _C.RESOLVED: _ANY_WORK,
    _C.WAITING_FOR_REPORTER: frozenset({Outcome.LOST_CONTACT}),
    _C.OUT_OF_SCOPE: frozenset({Outcome.OUT_OF_SCOPE, Outcome.ADVICE_GIVEN, Outcome.REFERRED_ON}),
    _C.DUPLICATE: frozenset({Outcome.DUPLICATE}),
    _C.WITHDRAWN: frozenset({Outcome.CLIENT_WITHDREW}),
}
# How the reporter's page names the way a case ended. An outcome that is not here is not told there: nobody reads on a
# page that somebody died, and a joined report reads as the case that it was joined to.
PUBLIC_ENDINGS: Mapping[str, str] = {
    Outcome.RESOLVED_FULL: "solved",
    Outcome.RESOLVED_PARTIAL: "partly",
    Outcome.ADVICE_GIVEN: "advice",
    Outcome.REFERRED_ON: "elsewhere",
    Outcome.CLIENT_WITHDREW: "not_wanted",
    Outcome.LOST_CONTACT: "not_reached",
    Outcome.RETURNED_HOME: "home",
    Outcome.REMOVED_DESPITE_ACTION: "not_stopped",
    Outcome.OUT_OF_SCOPE: "not_ours",
}

# domain.md §5. A person can take a report back, and a case can turn out to be a duplicate, at any point before its end.
_ALWAYS = frozenset({_C.WITHDRAWN, _C.DUPLICATE})
CASE_MOVES: Mapping[str, frozenset[str]] = {
    _C.RECEIVED: _ALWAYS | {_C.TRIAGE, _C.ROUTING},
    _C.TRIAGE: _ALWAYS | {_C.ROUTING, _C.IN_PROGRESS, _C.RESOLVED, _C.WAITING_FOR_REPORTER, _C.OUT_OF_SCOPE},
    _C.ROUTING: _ALWAYS | {_C.OFFERED, _C.UNROUTED, _C.TRIAGE, _C.IN_PROGRESS, _C.WAITING_FOR_REPORTER},
    _C.OFFERED: _ALWAYS | {_C.ACCEPTED, _C.ROUTING, _C.UNROUTED, _C.TRIAGE, _C.WAITING_FOR_REPORTER, _C.IN_PROGRESS},
    _C.ACCEPTED: _ALWAYS | {_C.IN_PROGRESS, _C.ROUTING, _C.TRIAGE, _C.WAITING_FOR_REPORTER, _C.RESOLVED},
    _C.IN_PROGRESS: _ALWAYS | {_C.RESOLVED, _C.ROUTING, _C.TRIAGE, _C.WAITING_FOR_REPORTER},
    _C.WAITING_FOR_REPORTER: _ALWAYS
    | {_C.TRIAGE, _C.ROUTING, _C.OFFERED, _C.ACCEPTED, _C.IN_PROGRESS, _C.RESOLVED, _C.CLOSED},
    _C.UNROUTED: _ALWAYS
    | {_C.ROUTING, _C.OFFERED, _C.TRIAGE, _C.IN_PROGRESS, _C.RESOLVED, _C.OUT_OF_SCOPE, _C.WAITING_FOR_REPORTER},
    _C.RESOLVED: frozenset({_C.CLOSED, _C.TRIAGE, _C.WITHDRAWN, _C.DUPLICATE}),
    _C.OUT_OF_SCOPE: frozenset({_C.CLOSED, _C.TRIAGE}),
    _C.DUPLICATE: frozenset({_C.CLOSED, _C.TRIAGE, _C.WITHDRAWN}),  # its person may still take it back
    _C.WITHDRAWN: frozenset({_C.CLOSED, _C.TRIAGE}),
    _C.CLOSED: frozenset({_C.TRIAGE}),  # reopening
}

# domain.md §6
_LEAVE = frozenset({_R.RETURNED, _R.TRANSFERRED, _R.WITHDRAWN})
REFERRAL_MOVES: Mapping[str, frozenset[str]] = {
    _R.OFFERED: frozenset({_R.ACCEPTED, _R.DECLINED, _R.EXPIRED, _R.WITHDRAWN}),
    _R.ACCEPTED: _LEAVE | {_R.CONTACTED},
    _R.CONTACTED: _LEAVE | {_R.IN_SERVICE},
    _R.IN_SERVICE: _LEAVE | {_R.COMPLETED},
    _R.DECLINED: frozenset(),
    _R.EXPIRED: frozenset(),
    _R.WITHDRAWN: frozenset(),
    _R.COMPLETED: frozenset(),
    _R.RETURNED: frozenset(),
    _R.TRANSFERRED: frozenset(),
}

# A person decides, and may decide otherwise later. Nothing goes back to `suggested`: the system suggests a thing once.
LINK_MOVES: Mapping[str, frozenset[str]] = {
    _L.SUGGESTED: frozenset({_L.CONFIRMED, _L.REFUSED}),
    _L.CONFIRMED: frozenset({_L.UNDONE}),
    _L.REFUSED: frozenset({_L.CONFIRMED}),
    _L.UNDONE: frozenset({_L.CONFIRMED}),
}

ASSIGNED = frozenset({_R.ACCEPTED, _R.CONTACTED, _R.IN_SERVICE})  # the partner has the case
LOAD = ASSIGNED | {_R.OFFERED}  # what fills a partner's capacity (domain.md §8)
ENDED_REFERRALS = frozenset(state for state, moves in REFERRAL_MOVES.items() if not moves)
# What a partner says of a case in hand, without the referral's state having to change: another contact, the next step.
MAY_CONTACT = ASSIGNED
MAY_PROGRESS = frozenset({_R.CONTACTED, _R.IN_SERVICE})
TOMBSTONES = frozenset({_R.DECLINED, _R.EXPIRED, _R.WITHDRAWN, _R.RETURNED, _R.TRANSFERRED})
ENDED_CASES = frozenset({_C.CLOSED, _C.WITHDRAWN, _C.DUPLICATE, _C.OUT_OF_SCOPE, _C.RESOLVED})
# Who declined for one of these is left out of later rounds too (domain.md §6).
EXCLUDING_DECLINES = frozenset(
    {
        DeclineReason.CONFLICT_OF_INTEREST,
        DeclineReason.OUT_OF_MANDATE,
        DeclineReason.SAFETY_OF_STAFF,
        DeclineReason.CLIENT_REFUSED,
    }
)


def public_code(state: str, outcome: str = "") -> str:
    """What is published as the status of a report: the state, and for work that ended how, where that is told."""
    ending = PUBLIC_ENDINGS.get(outcome) if state in {_C.RESOLVED, _C.CLOSED} else None
    return f"{state}.{ending}" if ending else str(state)


def may_move_case(old: str, new: str) -> bool:
    """Whether a case in state `old` may go to `new`; a state nobody knows may go nowhere."""
    return new in CASE_MOVES.get(old, frozenset())


def check_case_move(old: str, new: str) -> None:
    """Raises MoveNotAllowed, carrying the present state."""
    if not may_move_case(old, new):
        raise MoveNotAllowed(state=str(old))


def may_move_referral(old: str, new: str) -> bool:
    """Whether a referral in state `old` may go to `new`; a state nobody knows may go nowhere."""
    return new in REFERRAL_MOVES.get(old, frozenset())


def check_referral_move(old: str, new: str) -> None:
    """Raises MoveNotAllowed, carrying the present state."""
    if not may_move_referral(old, new):
        raise MoveNotAllowed(state=str(old))


def check_link_move(old: str, new: str) -> None:
    """Raises MoveNotAllowed, carrying the present state."""
    if new not in LINK_MOVES.get(old, frozenset()):
        raise MoveNotAllowed(state=str(old))
