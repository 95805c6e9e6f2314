"""Whose files: a draft's, opened by its cookie, or a report's. Locks the owner, so that limits hold in two tabs too."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet

from intake.clean_text import TooLong, clean_line
from intake.encryption import DataKey
from intake.errors import ReportErased
from intake.models import Attachment, Draft, Report, ReportKey
from intake.vocabulary import Voice

from .drafts import DraftSent, OpenDraft, lock_draft
from .file_refusals import FileRefused

LONGEST_NAME = 120  # characters


@dataclass(frozen=True, slots=True, repr=False)
class FileOwner:
    """Either `draft_secret` or `report_id`. The rest says who gives the file."""

    draft_secret: str = ""
    report_id: UUID | None = None
    voice: str = Voice.REPORTER.value
    by_ref: UUID | None = None
    organisation_id: UUID | None = None


@dataclass(frozen=True, slots=True, repr=False)
class Held:
    """An owner whose row is locked, with its key."""

    key: DataKey
    report_id: UUID | None
    opened: OpenDraft | None = None
    author: dict[str, Any] = field(default_factory=dict)

    @property
    def files(self) -> QuerySet[Attachment]:
        return _files(report_id=self.report_id, draft=self.opened.draft if self.opened else None)


def hold(owner: FileOwner, *, now: datetime, follows_sending: bool = False) -> Held:
    """Inside a transaction. Raises DraftExpired, DraftSent, ReportErased.

    `follows_sending`: a draft that was sent meanwhile stands for its report, so that an upload on its way arrives.
    """
    author = {"voice": owner.voice, "by_ref": owner.by_ref, "organisation_id": owner.organisation_id}
    if owner.report_id is not None:
        return Held(_report_key(owner.report_id), owner.report_id, None, author)
    opened = lock_draft(secret=owner.draft_secret, now=now)
    if not opened.is_sent:
        return Held(opened.key, None, opened, author)
    if not follows_sending or opened.draft.report_id is None:
        raise DraftSent()
    return Held(_report_key(opened.draft.report_id), opened.draft.report_id, None, author)


def _report_key(report_id: UUID) -> DataKey:
    report = Report.objects.select_for_update(no_key=True).only("pk", "erased_at").filter(pk=report_id).first()
    if report is None or report.erased_at is not None:
        raise ReportErased()
    return ReportKey.of(report_id)


def _files(*, report_id: UUID | None, draft: Draft | None) -> QuerySet[Attachment]:
    if report_id is not None:
        return Attachment.objects.filter(report_id=report_id)
    return Attachment.objects.filter(draft=draft)


def check_room(held: Held, size: int) -> None:
    """Raises FileRefused when the files would be too many or together too large."""
    sizes = [max(row) for row in held.files.values_list("received_bytes", "expected_bytes")]
    if len(sizes) >= settings.FILES_MOST:
        raise FileRefused("too_many")
    if sum(sizes) + size > settings.FILES_TOTAL_BYTES:
        raise FileRefused("total_too_large")


def harmless_name(name: str) -> str:
    """The last part of a path, on one line, without invisible commands; only ever shown, never used as a name."""
    last = name.replace("\\", "/").rpartition("/")[2][-4 * LONGEST_NAME :]
    try:
        clean = clean_line(last, limit=4 * LONGEST_NAME).lstrip(". ")
    except TooLong:
        clean = ""
    if len(clean) <= LONGEST_NAME:
        return clean
    return clean[: LONGEST_NAME - 21] + "…" + clean[-20:]  # the end says what it is


def note_names(held: Held) -> None:
    """Puts the names into the draft's answers, for the page on which everything is checked before sending."""
    if held.opened is None:
        return
    draft, key = held.opened.draft, held.opened.key
    names = [row.unseal(key, "name") or "" for row in held.files.order_by("uploaded_at", "pk")]
    answers = {**held.opened.answers, "files": {"names": names}}
    if not names:
        del answers["files"]
    draft.seal(key, answers=answers)
    draft.save(update_fields=["answers"])
