"""Partners that had data of a report are asked to erase their copies, and say that they did."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from intake.models import PartnerErasure


def ask_partner_erasure_step(*, report_id: UUID, bodies: Mapping[UUID, UUID], now: datetime) -> None:
    """Writes who is asked: `bodies` by referral. A step of one statement; asking again asks nothing new."""
    PartnerErasure.objects.bulk_create(
        [
            PartnerErasure(report_id=report_id, body_id=body_id, referral_ref=referral_id, asked_at=now)
            for referral_id, body_id in bodies.items()
        ],
        ignore_conflicts=True,
    )


def confirm_partner_erasure_step(
    *, referral_id: UUID, confirmed_at: datetime, now: datetime
) -> tuple[PartnerErasure | None, bool]:
    """The partner says that its copies are gone since `confirmed_at`: the row, and whether this was the first word.

    The first word counts. None: the partner was never asked under this referral. A step, the row locked.
    """
    row = PartnerErasure.objects.select_for_update(no_key=True).filter(referral_ref=referral_id).first()
    if row is None or row.recorded_at is not None:
        return row, False
    row.confirmed_at, row.recorded_at = confirmed_at, now
    row.save(update_fields=["confirmed_at", "recorded_at"])
    return row, True


def count_reminder_step(*, erasure_id: UUID, before: int, after: int) -> bool:
    """Counts a reminder, unless another did or the partner has confirmed: whoever counts it sends it. A step."""
    waiting = PartnerErasure.objects.filter(pk=erasure_id, reminders_sent=before, recorded_at__isnull=True)
    return bool(waiting.update(reminders_sent=after))
