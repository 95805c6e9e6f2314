"""The partner gives an accepted case back: the next one is asked at once, in the same round."""

from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from cases.actions import notify
from cases.actions.add_note import checked_note
from cases.actions.answer_referral import pause_step
from cases.actions.case_row import save_case
from cases.actions.leave_partner import leave_partner_step
from cases.actions.once import in_transaction
from cases.actions.record import Actor, record_changes, record_events
from cases.actions.referral_row import keep_words, leave_copies_step, locked_referral, moved
from cases.actions.wake_unrouted import wake_unrouted_step
from cases.models import Referral, ReferralUpdate
from cases.workflow import ReferralState, ReturnReason, check_referral_move
from intake.errors import InvalidInput


def return_referral(*, referral_id: UUID, reason: str, note: str = "", by: Actor, now: datetime) -> Referral:
    """As `return_referral_step`, in a transaction of its own."""
    return in_transaction(
        lambda: return_referral_step(referral_id=referral_id, reason=reason, note=note, by=by, now=now)
    )


def return_referral_step(*, referral_id: UUID, reason: str, note: str = "", by: Actor, now: datetime) -> Referral:
    """The case goes back to `routing` in the same round, in which this partner is not asked again.

    The partner loses access at once and is told to erase what it has. `no_capacity` pauses it for new offers, as a
    refusal would. The note is sealed under the report's key. Timeline: referral_returned. Feed: a tombstone. Outbox:
    the partner, staff, the reporter who opted in. Raises NotFound, NotAllowed, MoveNotAllowed, InvalidInput,
    ReportErased.
    """
    if reason not in ReturnReason:
        raise InvalidInput(fields={"reason": [_("Please choose one of these.")]})
    text = checked_note(note, "note") if note.strip() else ""
    case, referral = locked_referral(referral_id, by)
    check_referral_move(referral.state, ReferralState.RETURNED)
    referral.state, referral.return_reason = ReferralState.RETURNED, reason
    referral.ended_at = referral.updated_at = now
    referral.save(update_fields=["state", "return_reason", "ended_at", "updated_at"])
    if text:
        keep_words(referral, ReferralUpdate.Kind.RETURNED, note=text, by=by, now=now)
    leave_copies_step(referral, now)
    record_changes([referral], now=now)
    record_events(case, [moved("referral_returned", referral, reason=reason)], by=by, now=now)
    pause_step(referral.partner, reason, None, now)
    tell_reporter = leave_partner_step(case, now)
    save_case(case)
    rows = [*notify.erasure_requested([referral], now), *notify.partner_moved(case, "returned", now)]
    notify.write_outbox([*rows, *(notify.status_changed(case, now) if tell_reporter else ())])
    wake_unrouted_step([referral.partner_id], now=now)
    return referral
