"""What partner organisations do in the demo, each by its real action."""

from datetime import datetime, timedelta

from cases.actions.answer_referral import accept_referral, decline_referral
from cases.actions.complete_referral import complete_referral
from cases.actions.confirm_erasure import confirm_erasure
from cases.actions.progress_referral import progress_referral
from cases.actions.record import Actor
from cases.actions.record_contact import record_contact
from cases.actions.return_referral import return_referral
from cases.errors import NotFound
from cases.models import Referral
from intake.models import PartnerErasure
from intake.queries import current_contact

from .stage import Stage


def accept(stage: Stage, at: datetime) -> None:
    row = stage.offer()
    accept_referral(referral_id=row.pk, partner_id=row.partner_id, by=_partner(row), now=at)


def decline(stage: Stage, at: datetime, *, reason: str, note: str = "") -> None:
    row = stage.offer()
    decline_referral(referral_id=row.pk, partner_id=row.partner_id, reason=reason, note=note, by=_partner(row), now=at)


def contact(stage: Stage, at: datetime, *, reached: str = "yes") -> None:
    """By the channel that the person chose, else by a message on their page."""
    row, safe = stage.in_hand(), current_contact(stage.report_id)
    channel = safe.method if safe and safe.method and not safe.never_contact else "mailbox"
    tried_at = at - timedelta(minutes=4)
    record_contact(referral_id=row.pk, at=tried_at, channel=channel, reached=reached, by=_partner(row), now=at)


def progress(stage: Stage, at: datetime, *, note: str = "", next_step: str = "", days: int = 0) -> None:
    """`days`: until when the next step is expected."""
    row = stage.in_hand()
    until = at.date() + timedelta(days=days) if days else None
    progress_referral(referral_id=row.pk, note=note, next_step=next_step, expected_by=until, by=_partner(row), now=at)


def complete(stage: Stage, at: datetime, *, outcome: str, summary: str = "") -> None:
    row = stage.in_hand()
    complete_referral(referral_id=row.pk, outcome=outcome, summary=summary, by=_partner(row), now=at)


def give_case_back(stage: Stage, at: datetime, *, reason: str, note: str = "") -> None:
    row = stage.in_hand()
    return_referral(referral_id=row.pk, reason=reason, note=note, by=_partner(row), now=at)


def erased(stage: Stage, at: datetime, *, note: str = "") -> None:
    """The partner has deleted what it had."""
    asked = PartnerErasure.objects.filter(report=stage.report_id, recorded_at=None).first()
    if asked is None:
        raise NotFound()
    row = Referral.objects.get(pk=asked.referral_ref)
    confirm_erasure(referral_id=row.pk, partner_id=row.partner_id, confirmed_at=at, note=note, by=_partner(row), now=at)


def _partner(row: Referral) -> Actor:
    return Actor("partner", row.partner_id)
