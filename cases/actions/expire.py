"""Ends offers that nobody answered in time: no answer is a state of its own, and the next partner is asked."""

from datetime import datetime
from uuid import UUID

from cases.actions import notify
from cases.actions.answer_referral import route_on_step
from cases.actions.apart import apart
from cases.actions.case_row import lock_case
from cases.actions.record import SYSTEM, Event, record_changes, record_events
from cases.actions.urgency_raised import missed_step
from cases.models import Referral
from cases.workflow import CaseState, ReferralState, check_referral_move


def expire_due(*, now: datetime, limit: int = 200) -> int:
    """Ends every offer whose answer clock has run out, case by case; returns how many ended.

    Safe to run twice and in two processes: a case that somebody else has locked is left to them. Timeline:
    referral_expired. Feed and outbox: the partner. The case is routed on when no other offer is open.
    """
    due = Referral.objects.filter(state=ReferralState.OFFERED, answer_due_at__lte=now)
    due = due.exclude(case__state=CaseState.WAITING_FOR_REPORTER).order_by("answer_due_at", "pk")
    # A pair of offers ends together: each case once, in the order of its first clock.
    cases = dict.fromkeys(due.values_list("case", flat=True)[:limit])
    return sum(_expire(case_id, now) for case_id in cases)


@apart("offers of case %s cannot expire")
def _expire(case_id: UUID, now: datetime) -> int:
    case = lock_case(case_id, skip_locked=True)
    if case is None or case.state == CaseState.WAITING_FOR_REPORTER:  # then its clocks stand still
        return 0
    late = Referral.objects.filter(case=case, state=ReferralState.OFFERED, answer_due_at__lte=now)
    referrals = list(late.select_related("partner").defer("partner__phone").order_by("pk"))
    for referral in referrals:
        check_referral_move(referral.state, ReferralState.EXPIRED)
        referral.case, referral.state = case, ReferralState.EXPIRED
        referral.ended_at = referral.updated_at = now
    if not referrals:
        return 0
    Referral.objects.bulk_update(referrals, ["state", "ended_at", "updated_at"])
    record_changes(referrals, now=now)
    events = [
        Event("referral_expired", {"referral": referral.pk, "partner": referral.partner_id}) for referral in referrals
    ]
    raised, rows = missed_step(case=case, now=now)  # a pair that was silent is one clock missed
    record_events(case, [*events, *raised], by=SYSTEM, now=now)
    route_on_step(case, now)
    case.save()
    rows += [row for referral in referrals for row in notify.offer_ended(referral, now)]
    notify.write_outbox(rows)
    return len(referrals)
