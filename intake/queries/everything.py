"""All that is held about a report, opened, for the person whose it is."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from intake.encryption import DataKey
from intake.models import (
    AccessRecord,
    Attachment,
    Complaint,
    Consent,
    Correction,
    Message,
    PartnerErasure,
    Report,
    ReportKey,
)
from intake.models import SafeContact as Contact
from intake.queries.files import FileRow, files_of, ready_files
from intake.queries.mailboxes import PublicState, current_public_status
from intake.queries.words import Words, words_of
from intake.vocabulary import FileUse


@dataclass(frozen=True, slots=True, repr=False)
class Everything:
    """Rows as they are stored; `key` opens them. `files` can be read, `named_files` are all. Printing it shows
    nothing."""

    report: Report
    key: DataKey
    words: Words
    status: PublicState
    corrections: Sequence[Correction]
    must_not_see: Sequence[Any]
    contacts: Sequence[Contact]
    consents: Sequence[Consent]
    messages: Sequence[Message]
    complaints: Sequence[Complaint]
    seen: Sequence[AccessRecord]
    erasures: Sequence[PartnerErasure]
    files: Sequence[Attachment]
    named_files: Sequence[FileRow]


def everything_of(report_id: UUID) -> Everything:
    """Raises ReportErased. Sixteen statements, whatever is held."""
    key = ReportKey.of(report_id)
    report = Report.objects.select_related("language", "country", "region", "category").get(pk=report_id)
    mine = {"report_id": report_id}
    return Everything(
        report=report,
        key=key,
        words=words_of(report, key),
        status=current_public_status(report),
        corrections=list(Correction.objects.filter(**mine).order_by("made_at", "id")),
        must_not_see=list(report.must_not_see.order_by("pk")),
        contacts=list(Contact.objects.filter(**mine).order_by("created_at", "id")),
        consents=list(Consent.objects.filter(**mine).select_related("recipient").order_by("given_at", "id")),
        messages=list(Message.objects.filter(**mine).select_related("organisation").order_by("sent_at", "id")),
        complaints=list(Complaint.objects.filter(**mine).select_related("about").order_by("made_at", "id")),
        seen=list(AccessRecord.objects.filter(**mine).select_related("body").order_by("at", "id")),
        erasures=list(PartnerErasure.objects.filter(**mine).select_related("body").order_by("asked_at", "id")),
        files=ready_files(report_id, frozenset(FileUse.values)),
        named_files=files_of(report_id),
    )
