"""A caseworker takes one referral back from its partner, with a reason."""

from datetime import datetime
from uuid import UUID

from django.db.models import Q

from cases.actions import notify
from cases.actions.add_note import add_note_step, checked_note
from cases.actions.authorise import authorise
from cases.actions.case_row import save_case
from cases.actions.leave_partner import leave_partner_step
from cases.actions.once import in_transaction
from cases.actions.record import Actor, Event, record_events
from cases.actions.referral_row import leave_copies_step, locked_referral
from cases.actions.withdraw_referrals import withdraw_referrals_step, withdrawn_events
from cases.errors import MoveNotAllowed, NotAllowed, ReasonRequired
from cases.models import Referral
from cases.workflow import LOAD, WithdrawalReason


def withdraw_referral(*, referral_id: UUID, reason: str, by: Actor, now: datetime) -> Referral:
    """Withdraws an offer or a case in hand (by_caseworker); the next partner of the round is asked at once.

    A partner that had the case loses it at once and is told to erase its copies. The reason is kept as an internal
    note, sealed. Timeline: note_added, referral_withdrawn. Feed: a tombstone. Outbox: the partner, the reporter who
    opted in. Raises NotFound, NotAllowed, ReasonRequired, InvalidInput, MoveNotAllowed, ReportErased.
    """
    if by.kind != "staff":
        raise NotAllowed()
    if not reason.strip():
        raise ReasonRequired()
    return in_transaction(lambda: _withdraw_step(referral_id, checked_note(reason, "reason"), by, now))


def _withdraw_step(referral_id: UUID, note: str, by: Actor, now: datetime) -> Referral:
    case, referral = locked_referral(referral_id, by)
    if referral.state not in LOAD:
        raise MoveNotAllowed(state=referral.state)
    had_it = referral.answered_at is not None
    kept = add_note_step(case=case, text=note, author=authorise(by, "note", side=case.side), now=now)
    withdrawn = withdraw_referrals_step(case, WithdrawalReason.BY_CASEWORKER, now=now, only=Q(pk=referral.pk))
    events = [Event("note_added", {"note": kept.pk}), *withdrawn_events(withdrawn)]
    record_events(case, events, by=by, now=now)
    rows = notify.referrals_withdrawn(withdrawn, now)
    if had_it:
        leave_copies_step(referral, now)
        rows += notify.erasure_requested(withdrawn, now)
    if leave_partner_step(case, now):
        rows += notify.status_changed(case, now)
    save_case(case)
    notify.write_outbox(rows)
    return withdrawn[0]
