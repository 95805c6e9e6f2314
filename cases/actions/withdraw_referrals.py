"""Takes open referrals of a case back from their partners. What becomes of the case, the caller decides."""

from collections.abc import Collection
from datetime import datetime

from django.db.models import Q

from cases.actions.record import Event, record_changes
from cases.models import Case, Referral
from cases.workflow import LOAD, ReferralState


def withdraw_referrals_step(
    case: Case, reason: str, *, now: datetime, states: Collection[str] = LOAD, only: Q | None = None
) -> list[Referral]:
    """Withdraws the case's open referrals (those that fit `only`) and returns them, partner in memory.

    Feed: a tombstone for each partner. The caller holds the case's lock, records `withdrawn_events` and tells the
    partners (notify.referrals_withdrawn). Three statements, one when there is nothing open.
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
    return referrals


def withdrawn_events(referrals: list[Referral]) -> list[Event]:
    return [
        Event(
            "referral_withdrawn",
            {"referral": referral.pk, "partner": referral.partner_id, "reason": referral.withdrawal_reason},
        )
        for referral in referrals
    ]
