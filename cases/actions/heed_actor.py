"""The person names somebody anew as the one who did it: whoever is close to them must not have the case."""

from datetime import datetime

from django.db.models import Q

from cases.actions import notify
from cases.actions.leave_partner import leave_partner_step
from cases.actions.record import SYSTEM, Event, record_events
from cases.actions.withdraw_referrals import withdraw_referrals_step, withdrawn_events
from cases.models import Case, Referral
from cases.routing.conflict import close_partners
from cases.workflow import ASSIGNED, LOAD, ReferralState, WithdrawalReason
from intake.errors import ReportErased


def heed_actor_step(*, case: Case, now: datetime) -> None:
    """Withdraws open offers to partners that are close to an alleged actor, and routes the case on.

    A partner that has the case already keeps it until a person decides: names match too easily to take help away by
    itself; the responsible caseworker is told. Partners read `by_caseworker`, never that somebody was named. Timeline:
    conflict_found for each such partner, referral_withdrawn. Feed: tombstones. Outbox: partners, the responsible
    caseworker. The caller saves the case.
    """
    held = dict(Referral.objects.filter(case=case, state__in=LOAD).values_list("partner", "state"))
    try:
        close = close_partners(case.report_id, held) if held else set()
    except ReportErased:
        return
    if not close:
        return
    offers = Q(partner__in=close)
    withdrawn = withdraw_referrals_step(
        case, WithdrawalReason.BY_CASEWORKER, now=now, states={ReferralState.OFFERED}, only=offers
    )
    found = [Event("conflict_found", {"partner": partner}) for partner in sorted(close)]
    record_events(case, [*found, *withdrawn_events(withdrawn)], by=SYSTEM, now=now)
    if withdrawn:
        leave_partner_step(case, now)
    rows = notify.referrals_withdrawn(withdrawn, now)
    if any(held[partner] in ASSIGNED for partner in close):
        rows += notify.conflict_found(case, now)
    notify.write_outbox(rows)
