"""Partners that were told to erase their copies and have not confirmed it: for the console, Health and reminders."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Q

from cases.models import Referral, User
from cases.queries.reach import reachable
from intake.models import PartnerErasure

REMIND_AFTER = (timedelta(days=3), timedelta(days=10))  # partner-api.md
MOST = 200  # lines of one page: more than this is one problem, not two hundred


@dataclass(frozen=True, slots=True)
class UnconfirmedErasure:
    reference: str
    report_id: UUID
    referral_id: UUID
    partner_id: UUID
    partner: Mapping[str, str]  # labels by language
    asked_at: datetime
    reminders_sent: int


def unconfirmed_erasures(
    *, side: str = "", report_id: UUID | None = None, reader: User | None = None
) -> list[UnconfirmedErasure]:
    """Of the cases of one side, of those that `reader` can reach, or of one report; longest waiting first. Two
    statements."""
    waiting = PartnerErasure.objects.filter(recorded_at__isnull=True)
    if report_id is not None:
        waiting = waiting.filter(report_id=report_id)
    if side:
        # Reports know no side; their cases do.
        waiting = waiting.filter(
            referral_ref__in=Referral.objects.filter(case__side=side, case__is_practice=False).values("pk")
        )
    if reader is not None:
        within_reach = reachable(reader).filter(is_practice=False).values("pk")
        waiting = waiting.filter(referral_ref__in=Referral.objects.filter(case__in=within_reach).values("pk"))
    rows = list(waiting.order_by("asked_at", "pk")[:MOST])
    referrals = Referral.objects.select_related("case", "partner__body").defer("partner__phone")
    by_id = referrals.in_bulk([row.referral_ref for row in rows])
    return [_line(row, by_id[row.referral_ref]) for row in rows if row.referral_ref in by_id]


def _line(row: PartnerErasure, referral: Referral) -> UnconfirmedErasure:
    return UnconfirmedErasure(
        reference=referral.case.reference,
        report_id=row.report_id,
        referral_id=referral.pk,
        partner_id=referral.partner_id,
        partner=referral.partner.body.labels,
        asked_at=row.asked_at,
        reminders_sent=row.reminders_sent,
    )


def reminders_due(erasure: PartnerErasure, now: datetime) -> int:
    """How many should have gone out by now."""
    return sum(erasure.asked_at + after <= now for after in REMIND_AFTER)


def due_reminders(*, now: datetime, limit: int) -> list[PartnerErasure]:
    """Unconfirmed ones whose next reminder is due, longest waiting first."""
    due = Q()
    for sent, after in enumerate(REMIND_AFTER):
        due |= Q(reminders_sent=sent, asked_at__lte=now - after)
    waiting = PartnerErasure.objects.filter(due, recorded_at__isnull=True)
    return list(waiting.order_by("asked_at", "pk")[:limit])
