"""Takes open referrals of a case back from their partners. What becomes of the case, the caller decides."""

from collections.abc import Collection, Sequence
from datetime import datetime

from django.db.models import Q

from cases.actions.record import Event, record_changes, record_erasure_requests
from cases.actions.wake_unrouted import wake_unrouted_step
from cases.models import Case, Referral
from cases.workflow import LOAD, ReferralState, WithdrawalReason
from intake.actions.partner_erasure import ask_partner_erasure_step
from intake.models import PartnerErasure


def withdraw_referrals_step(
    case: Case, reason: str, *, now: datetime, states: Collection[str] = LOAD, only: Q | None = None
) -> list[Referral]:
    """Withdraws the case's open referrals (those that fit `only`) and returns them, partner in memory.

    Feed: a tombstone for each partner. The caller holds the case's lock, records `withdrawn_events` and tells the
    partners (notify.referrals_withdrawn). Places that became free are offered to unrouted cases. Four statements, one
    when there is nothing open.
    """
    open_ones = Referral.objects.filter(only or Q(), case=case, state__in=states)
    referrals = list(open_ones.select_related("partner").defer("partner__phone").order_by("pk"))
    for referral in referrals:
        referral.case = case
        referral.state = ReferralState.WITHDRAWN
        referral.withdrawal_reason = reason
        referral.ended_at = referral.updated_at = now
    if referrals:
        Referral.objects.bulk_update(referrals, ["state", "withdrawal_reason", "ended_at", "updated_at"])
        record_changes(referrals, now=now)
        wake_unrouted_step([referral.partner_id for referral in referrals], now=now)
    return referrals


# The partner had the case once and may still hold copies, though it has ended.
_ONCE_HAD = frozenset({ReferralState.COMPLETED, ReferralState.RETURNED, ReferralState.TRANSFERRED})


def ask_to_erase_step(
    case: Case, withdrawn: Sequence[Referral], *, now: datetime, only: Q | None = None
) -> list[Referral]:
    """The person took the report or the consent back: each partner that has or had the case must erase its copies.

    Writes who is asked (one row per referral, once) and returns the referrals that ended earlier and are asked now,
    partner in memory; those just `withdrawn` have their tombstone already. Feed: referral.erasure_requested for the
    former. An offer that was never accepted held nothing personal. Two statements, three with somebody to ask.
    """
    asked = set(PartnerErasure.objects.filter(report_id=case.report_id).values_list("referral_ref", flat=True))
    # One withdrawn for want of consent was asked then, or the person said no before anything was disclosed.
    taken = Q(state=ReferralState.WITHDRAWN, answered_at__isnull=False)
    had_it = Q(state__in=_ONCE_HAD) | (taken & ~Q(withdrawal_reason=WithdrawalReason.CONSENT_WITHDRAWN))
    ended = Referral.objects.filter(had_it, only or Q(), case=case).exclude(pk__in=[row.pk for row in withdrawn])
    former = [row for row in ended.select_related("partner").defer("partner__phone") if row.pk not in asked]
    for referral in former:
        referral.case = case
    to_ask = [*former, *(row for row in withdrawn if row.answered_at is not None)]
    if to_ask:
        bodies = {row.pk: row.partner.body_id for row in to_ask}
        ask_partner_erasure_step(report_id=case.report_id, bodies=bodies, now=now)
    record_erasure_requests(former, now=now)
    return former


def withdrawn_events(referrals: list[Referral]) -> list[Event]:
    return [
        Event(
            "referral_withdrawn",
            {"referral": referral.pk, "partner": referral.partner_id, "reason": referral.withdrawal_reason},
        )
        for referral in referrals
    ]
