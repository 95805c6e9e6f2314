"""Hands an act of a reporter over to cases: one row in the act's own transaction, one signal after its commit."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from intake.models import IntakeEvent, Report
from intake.signals import intake_event


def hand_over(*, report_id: UUID, kind: str, now: datetime, subject: UUID | None = None) -> None:
    """Writes one IntakeEvent. A step: call it inside the act's transaction.

    The signal is robust: whatever cases does on it, the act is already committed and the reporter must hear so; the
    sweep takes up what a receiver could not.
    """
    IntakeEvent(report_id=report_id, kind=kind, subject=subject, at=now).save(force_insert=True)
    transaction.on_commit(lambda: intake_event.send(sender=Report, report_id=report_id), robust=True)
