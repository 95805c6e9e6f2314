"""A transferred case changes hands: when the new partner has accepted, and the person has not to be asked about it."""

from datetime import datetime

from cases.actions import notify
from cases.actions.record import SYSTEM, Event, record_changes
from cases.actions.referral_row import leave_copies_step, moved
from cases.models import Referral
from cases.workflow import ASSIGNED, ReferralState, check_referral_move


def hand_over_step(referral: Referral, now: datetime) -> list[Event]:
    """The partner from which `referral` takes over loses the case (`transferred`) and is told to erase its copies.

    Returns the events, for the caller to record. Feed: a tombstone. Outbox: that partner. Nothing when it no longer has
    the case. The case's lock is held, `referral.case` in memory.
    """
    had_it = Referral.objects.filter(pk__in=[referral.takes_over_from_id], state__in=ASSIGNED)
    old = had_it.select_related("partner").defer("partner__phone").first()
    if old is not None:
        check_referral_move(old.state, ReferralState.TRANSFERRED)
        old.case, old.state, old.transferred_to = referral.case, ReferralState.TRANSFERRED, referral
        old.ended_at = old.updated_at = now
        old.save(update_fields=["state", "transferred_to", "ended_at", "updated_at"])
        leave_copies_step(old, now)
        record_changes([old], now=now)
        notify.write_outbox(notify.erasure_requested([old], now))
    referral.takes_over_from = None
    referral.save(update_fields=["takes_over_from"])
    if old is None:
        return []
    event = moved("referral_transferred", old, to=referral.pk)
    return [Event(event.code, event.details, by=SYSTEM)]
