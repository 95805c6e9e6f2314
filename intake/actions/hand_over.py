"""Hands an act of a reporter over to cases: one row in the act's own transaction, one signal after its commit."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from intake.compiled import Insert
from intake.models import IntakeEvent, Report
from intake.signals import intake_event

_insert = Insert(IntakeEvent)


@dataclass(frozen=True, slots=True, repr=False)
class NewReport:
    """What the process that wrote a report still knows of it right after the commit: nothing need be read back.

    Kept in memory only, and as old as the report's transaction: whoever takes it up makes sure that nothing was said
    since. `is_indexed`: whether the report has a blind index by which the same person is found.
    """

    report: Report
    answers: Mapping[str, Any]
    share: str
    is_indexed: bool


def hand_over(
    *, report_id: UUID, kind: str, now: datetime, subject: UUID | None = None, new: NewReport | None = None
) -> None:
    """Writes one IntakeEvent. A step: call it inside the act's transaction.

    The signal is robust: whatever cases does on it, the act is already committed and the reporter must hear so; the
    sweep takes up what a receiver could not.
    """
    event = IntakeEvent(report_id=report_id, kind=kind, subject=subject, at=now)
    _insert([event])
    transaction.on_commit(
        lambda: intake_event.send(sender=Report, report_id=report_id, event_id=event.pk, new=new), robust=True
    )
