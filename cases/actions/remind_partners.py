"""Reminds partners of offers they have not answered: at half and at four fifths of the answer clock (domain.md §6)."""

from datetime import datetime
from uuid import UUID

from cases.actions import notify
from cases.actions.apart import apart
from cases.deadlines import reminders
from cases.models import Referral
from cases.queries.clocks import open_offers
from cases.workflow import ReferralState


def remind_partners(*, now: datetime) -> int:
    """Sends each partner the reminder that is due, one where two became due since the last run; returns how many.

    One conditional UPDATE claims it, so of several sweeps exactly one sends. Outbox: the partner, by mail and webhook.
    """
    sent = 0
    for referral_id, offered_at, due, told in open_offers(now):
        number = sum(moment <= now for moment in reminders(offered_at, due))
        if number > told:
            sent += _remind(referral_id, number, told, now)
    return sent


@apart("the partner of referral %s cannot be reminded")
def _remind(referral_id: UUID, number: int, told: int, now: datetime) -> int:
    open_one = Referral.objects.filter(pk=referral_id, state=ReferralState.OFFERED, reminders_sent=told)
    if not open_one.update(reminders_sent=number):
        return 0
    referral = Referral.objects.select_related("case", "partner").defer("partner__phone").get(pk=referral_id)
    notify.write_outbox(notify.offer_reminder(referral, now))
    return 1
