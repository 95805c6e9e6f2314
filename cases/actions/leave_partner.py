"""Where a case goes when the partner that had it no longer has it: to the one that takes over, else back to routing."""

from datetime import datetime

from cases.actions.case_row import move
from cases.actions.pause_clocks import pause_clocks_step, resume_clocks_step
from cases.actions.record import SYSTEM, record_events
from cases.actions.referral_row import set_partner_clocks
from cases.models import Case, Referral
from cases.workflow import ASSIGNED, LOAD, CaseState, ReferralState, may_move_case
from intake.actions.publish_status import publish_status


def leave_partner_step(case: Case, now: datetime) -> bool:
    """Moves the case and publishes its status; says whether the state changed. The caller saves it.

    A partner that has the case otherwise keeps it. A transfer that was offered becomes an ordinary offer; of one that
    was accepted and waits for the person's answer, that partner has the case. Else it is routed in the same round.
    """
    before = case.state
    give_on_step(case, now)
    if case.state == before:
        return False
    publish_status(report_id=case.report_id, code=case.state, expected_by=case.due_at, now=now)
    return True


def give_on_step(case: Case, now: datetime) -> None:
    """The move alone; nothing while a partner has the case otherwise. Timeline: clocks_paused, where it waits now."""
    others = list(Referral.objects.filter(case=case, state__in=LOAD).order_by("pk"))
    if not any(one.state in ASSIGNED and one.takes_over_from_id is None for one in others):
        _give_to_next(case, others, now)
        set_partner_clocks(case)


def _give_to_next(case: Case, others: list[Referral], now: datetime) -> None:
    taking_over = [one for one in others if one.takes_over_from_id is not None]
    if taking_over:
        Referral.objects.filter(pk__in=[one.pk for one in taking_over]).update(takes_over_from=None)
    if case.state == CaseState.WAITING_FOR_REPORTER and not any(one.state in ASSIGNED for one in taking_over):
        resume_clocks_step(case, now, because="consent")
    if any(one.state in ASSIGNED for one in taking_over):
        if case.state != CaseState.WAITING_FOR_REPORTER:
            record_events(case, [pause_clocks_step(case, now=now)], by=SYSTEM, now=now)
    elif any(one.state == ReferralState.OFFERED for one in others):
        _to(case, CaseState.ROUTING, CaseState.OFFERED)
    elif may_move_case(case.state, CaseState.ROUTING):
        move(case, CaseState.ROUTING)
        case.routing_wanted_at, case.routing_attempts = now, 0


def _to(case: Case, *states: str) -> None:
    """Through those of the states that it is not in already."""
    if case.state != states[-1]:
        move(case, *states)
