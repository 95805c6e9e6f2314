"""Erases a report for ever: its key first, then everything that is somebody's. What counting needs stays, as codes."""

from datetime import date, datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction

from intake.models import (
    BlindIndex,
    Complaint,
    Correction,
    Draft,
    LegalHold,
    Message,
    Report,
    ReportKey,
    SafeContact,
)
from intake.queries.certificate import Certificate, certificate
from intake.vocabulary import ErasedBecause, IntakeEventKind

from .forget_files import forget_files_step
from .hand_over import hand_over

__all__ = ["Certificate", "erase_report", "erase_report_step"]

_SEALED = ("answers", "story", "identity", "family", "actor_name", "must_not_see_text")


def erase_report(*, report_id: UUID, because: str, now: datetime) -> Certificate:
    """Erases in a transaction of its own and returns the certificate; a second time changes nothing.

    The certificate is read after the hand-over, so that it names the partners that were told to erase their copies.
    """
    with transaction.atomic(durable=True):
        erase_report_step(report_id=report_id, because=because, now=now)
    return certificate(report_id)


def erase_report_step(*, report_id: UUID, because: str, now: datetime) -> bool:
    """Destroys the key, deletes what the person gave, keeps the skeleton; False when that was done before.

    Deleted: key, blind index, contacts, messages, corrections, complaints, files with their stored bytes, the bodies
    that must not see it, the sent draft. Emptied: every encrypted column, the code and the submission key, the reason
    of a legal hold. Kept, as codes: the report's row, consents, who read what, events, which partners must erase.
    What cases sealed under the key (notes, summaries) is silenced with it. Writes IntakeEvent ERASED: cases withdraws
    the referrals and tells the partners.

    The row's lock makes acts of the reporter wait and then meet ReportErased. It is no stronger than theirs: one that
    also blocked foreign keys would deadlock with actions that hold an outbox row for a contact which goes here.
    """
    report = Report.objects.select_for_update(no_key=True).only("pk", "erased_at").get(pk=report_id)
    if report.erased_at is not None:
        return False
    ReportKey.objects.filter(report_id=report_id).delete()
    forget_files_step(report_id=report_id)
    for model in (BlindIndex, Message, Correction, Complaint, SafeContact, Draft):
        model._default_manager.filter(report_id=report_id).delete()
    report.must_not_see.through.objects.filter(report_id=report_id).delete()
    LegalHold.objects.filter(report_id=report_id).update(reason=None)
    Report.objects.filter(pk=report_id).update(
        **dict.fromkeys((*_SEALED, "code_hash", "submission_key")),
        erased_at=now,
        erased_because=ErasedBecause(because),
        erased_everywhere_on=erased_everywhere_on(now),
    )
    hand_over(report_id=report_id, kind=IntakeEventKind.ERASED, now=now)
    return True


def erased_everywhere_on(now: datetime) -> date:
    """The day on which the last raw snapshot and write-ahead log that hold both row and key have been overwritten."""
    return (now + timedelta(days=settings.SNAPSHOT_DAYS)).date()
