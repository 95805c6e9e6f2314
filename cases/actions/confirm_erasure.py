"""A partner says that its copies are gone; and is asked again while it has not."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from cases.actions import notify
from cases.actions.add_note import checked_note
from cases.actions.case_row import locked_case, save_case
from cases.actions.once import in_transaction
from cases.actions.record import Actor, Event, record_events
from cases.errors import MoveNotAllowed, NotFound
from cases.models import Referral
from cases.queries.erasures import due_reminders, reminders_due
from intake.actions.partner_erasure import confirm_partner_erasure_step, count_reminder_step
from intake.errors import InvalidInput, ReportErased
from intake.models import PartnerErasure, ReportKey

CLOCKS_DIFFER_BY = timedelta(minutes=5)  # the partner's and ours


def confirm_erasure(
    *, referral_id: UUID, partner_id: UUID, confirmed_at: datetime, note: str = "", by: Actor, now: datetime
) -> tuple[PartnerErasure, bool]:
    """As `confirm_erasure_step`, in a transaction of its own."""
    return in_transaction(
        lambda: confirm_erasure_step(
            referral_id=referral_id, partner_id=partner_id, confirmed_at=confirmed_at, note=note, by=by, now=now
        )
    )


def confirm_erasure_step(
    *, referral_id: UUID, partner_id: UUID, confirmed_at: datetime, note: str = "", by: Actor, now: datetime
) -> tuple[PartnerErasure, bool]:
    """Records that the partner's copies are gone since `confirmed_at`; returns the row and whether the note is kept.

    The first word counts; a repeat changes nothing. A note is sealed under the report's key: when that was destroyed
    there is nothing left to seal it with, and storing what may name the person in the clear would undo the erasure, so
    it is dropped. Timeline: erasure_confirmed. Feed and referral: untouched. Raises NotFound (unknown or another
    partner's), MoveNotAllowed (the partner was not asked to erase anything), InvalidInput (a time to come, or before
    the offer; a note too long).
    """
    text = checked_note(note, "note") if note.strip() else ""
    referral = Referral.objects.filter(pk=referral_id, partner=partner_id).first()
    if referral is None:
        raise NotFound()
    case = locked_case(referral.case_id)
    if not referral.offered_at <= confirmed_at <= now + CLOCKS_DIFFER_BY:
        raise InvalidInput(fields={"confirmed_at": [_("Give the time at which you erased it; it cannot be to come.")]})
    row, is_first = confirm_partner_erasure_step(referral_id=referral_id, confirmed_at=confirmed_at, now=now)
    if row is None:
        raise MoveNotAllowed(state=str(referral.state))
    if is_first:
        record_events(case, [_confirmed(referral)], by=by, now=now)
        save_case(case)
    return row, is_first and bool(text) and _keep(referral, text)


def _confirmed(referral: Referral) -> Event:
    return Event("erasure_confirmed", {"referral": referral.pk, "partner": referral.partner_id})


def _keep(referral: Referral, text: str) -> bool:
    """Where the partner's words about this referral are; what it wrote when it declined or returned stays."""
    if referral.note is not None:
        return False
    try:
        referral.seal(ReportKey.of(referral.case.report_id), note=text)
    except ReportErased:
        return False
    referral.save(update_fields=["note"])
    return True


def remind_of_erasures(*, now: datetime, limit: int = 200) -> int:
    """Asks partners again, 3 and 10 days after they were told; returns how many.

    Each reminder goes out once; where both are due, because nothing ran for a week, one is sent for the two.
    """
    return sum(_remind(erasure, now) for erasure in due_reminders(now=now, limit=limit))


@transaction.atomic(durable=True)
def _remind(erasure: PartnerErasure, now: datetime) -> int:
    referral = Referral.objects.select_related("case", "partner").filter(pk=erasure.referral_ref).first()
    number = reminders_due(erasure, now)
    if referral is None or not count_reminder_step(erasure_id=erasure.pk, before=erasure.reminders_sent, after=number):
        return 0
    notify.write_outbox(notify.erasure_reminder(referral, number, now))
    return 1
