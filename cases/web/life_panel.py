"""What the case file needs to show of a case's life: which moves are possible now, and their forms. Decides nothing."""

from typing import Any

from cases.queries.case_file import CaseFile
from cases.web import life_forms as forms
from cases.workflow import ASSIGNED, ENDED_CASES, CaseState, may_move_case


def life_of(case: Any, file: CaseFile) -> dict[str, Any]:
    """No statement."""
    has_partner = any(row.state in ASSIGNED for row in file.referrals)
    is_joined = CaseState.DUPLICATE in {case.state, case.outcome}
    return {
        "may_resolve": may_move_case(case.state, CaseState.RESOLVED),
        "may_close": may_move_case(case.state, CaseState.CLOSED) and file.closing is None,
        "may_reopen": case.state in ENDED_CASES and not is_joined and file.said is not None,
        "may_review": case.state == CaseState.IN_PROGRESS and not has_partner,
        "needs_person_again": case.wrote_again_at is not None,
        "tried": file.attempts,
    }


def life_forms(case: Any, file: CaseFile) -> dict[str, Any]:
    seen = {"seen": case.updated_at.isoformat()}
    channel = file.contact.method if file.contact else ""
    return {
        "resolve": forms.ResolveForm(initial=seen),
        "close": forms.CloseForm(initial=seen, case=case),
        "closing": forms.ClosingDecisionForm(initial=seen),
        "reopen": forms.ReopenForm(initial=seen),
        "attempt": forms.AttemptForm(initial={**seen, "channel": channel}),
        "follow_up": forms.FollowUpForm(initial=seen, people=file.people),
        "assign": forms.AssignForm(initial={**seen, "user": str(case.responsible_id or "")}, people=file.people),
    }
