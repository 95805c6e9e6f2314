"""Who may do what (domain.md §10): pure yes or no over a table. Holds no row and asks no database."""

from collections.abc import Collection, Mapping
from typing import Protocol

ROLES = ("caseworker", "supervisor", "partner_coordinator", "auditor", "working_group_member", "administrator")

_CASEWORK = frozenset({"caseworker", "supervisor"})
_SUPERVISION = frozenset({"supervisor"})
_PARTNERS = frozenset({"partner_coordinator"})

# Actions on people's cases: for the responsible side only, and never for whoever administers or audits, also if the
# same account has another role. A second account, or a second person, keeps the two apart.
CASE_ACTIONS: Mapping[str, frozenset[str]] = {
    "see_queue": _CASEWORK,
    "open_case": _CASEWORK,
    "file_report": _CASEWORK,
    "confirm_triage": _CASEWORK,
    "offer": _CASEWORK,
    "record_move": _CASEWORK,
    "note": _CASEWORK,
    "take_case": _CASEWORK,
    "pause_clocks": _CASEWORK,
    "keep_dates": _CASEWORK,
    "assign": _SUPERVISION,
    "lower_urgency": _SUPERVISION,
    "override": _SUPERVISION,
    "legal_hold": _SUPERVISION,
    "know_person": _CASEWORK,
    "write_to_reporter": _CASEWORK,
    "ask_vital_interest": _CASEWORK,
    "approve_vital_interest": _SUPERVISION,
    "answer_complaint": _SUPERVISION,
    "link_cases": _CASEWORK,
    "merge_cases": _CASEWORK,
    "group_cases": _CASEWORK,
    "ask_transfer": _CASEWORK,
    "approve_transfer": _SUPERVISION,
    "close_case": _CASEWORK,
    "approve_closing": _SUPERVISION,
    "reopen_case": _CASEWORK,
    "review": _CASEWORK,
    "log_attempt": _CASEWORK,
    "follow_up": _CASEWORK,
}
SIDE_ACTIONS: Mapping[str, frozenset[str]] = {
    "see_partners": _CASEWORK | _PARTNERS,
    "edit_partners": _PARTNERS,
    "manage_clients": _PARTNERS,
    "propose_agreement": _PARTNERS,
    "approve_agreement": _PARTNERS | _SUPERVISION,
    "see_approvals": _PARTNERS | _SUPERVISION,
    "try_change": _PARTNERS | _SUPERVISION,
    "try_routing": _PARTNERS | _SUPERVISION | {"administrator"},
    "see_deliveries": _SUPERVISION | _PARTNERS | {"administrator"},
    "replay": _SUPERVISION | _PARTNERS,
    "see_duty": _CASEWORK,
    "edit_duty": _SUPERVISION,
    "see_access": frozenset({"auditor"}),
    "see_health": _SUPERVISION | {"administrator"},
    "see_erasures": _SUPERVISION | _PARTNERS,
    "manage_accounts": frozenset({"administrator"}),
}
# The same for both sides.
COMMON_ACTIONS: Mapping[str, frozenset[str]] = {
    "see_figures": frozenset({"working_group_member"}),
    "edit_reference": frozenset({"administrator"}),
    # Supervisors and coordinators answer for whom routing chooses; whoever changes it handles no case and no partner.
    "see_routing": _SUPERVISION | _PARTNERS | {"administrator"},
    "edit_routing": frozenset({"administrator"}),
}
ACTIONS: Mapping[str, frozenset[str]] = {**CASE_ACTIONS, **SIDE_ACTIONS, **COMMON_ACTIONS}
SEES_NO_PERSON = frozenset({"auditor", "administrator"})


class Account(Protocol):
    """What is asked of a user."""

    is_active: bool
    side: str
    roles: list[str]


def may(user: Account, action: str, *, side: str | None = None) -> bool:
    """Whether the user may do this, on the things of `side` (None: the user's own). KeyError: no such action."""
    allowed, roles = ACTIONS[action], frozenset(user.roles)
    if not user.is_active or not roles & allowed:
        return False
    if action in CASE_ACTIONS and roles & SEES_NO_PERSON:
        return False
    return action in COMMON_ACTIONS or side is None or side == user.side


def allowed_actions(user: Account) -> Collection[str]:
    """What the user may do on the own side, for menus."""
    return frozenset(action for action in ACTIONS if may(user, action))
