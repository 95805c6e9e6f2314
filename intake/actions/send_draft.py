"""Sends a draft: its answers become a report, once, however often "send" is pressed."""

from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from intake.errors import InvalidInput
from intake.models import Draft, ReportKey
from intake.queries.reference import reference_data

from .adopt_files import adopt_files_step
from .by_phone import taken_by_phone
from .check_entry import check_entry
from .draft_entry import by_step, entry_of
from .drafts import CODE_SHOWN_FOR, OpenDraft, kept_code_hash, lock_draft
from .entry import ReportEntry, Submitted
from .submit_report import ATTEMPTS, write_report


def send_draft(*, secret: str, now: datetime, taken_by: UUID | None = None) -> Submitted:
    """The report, its code and the draft's link to it in one transaction; the draft keeps no answers after that.

    Sent again (double click, reload, lost answer): the same report, with the same code as long as it may be shown.
    `taken_by`: the caseworker who wrote it down on the telephone. Raises DraftExpired; InvalidInput with fields named
    "step.field".
    """
    attempts_left = ATTEMPTS
    while True:
        attempts_left -= 1
        try:
            return _send(secret=secret, now=now, taken_by=taken_by)
        except IntegrityError:  # a reference that is taken; twins wait for the draft's lock
            if not attempts_left:
                raise


@transaction.atomic(durable=True)
def _send(*, secret: str, now: datetime, taken_by: UUID | None) -> Submitted:
    opened = lock_draft(secret=secret, now=now)
    draft = opened.draft
    if draft.report is not None:
        return Submitted(draft.report.pk, draft.report.reference, opened.code, is_repeat=True)
    submitted = write_report(_checked(opened, now, taken_by), now=now, code_hash=kept_code_hash(opened))
    _adopt_files(opened, submitted)
    _close(draft, submitted, now)
    return submitted


def _checked(opened: OpenDraft, now: datetime, taken_by: UUID | None) -> ReportEntry:
    key = bytes(opened.draft.submission_key).hex()
    entry = entry_of(opened.answers, reference_data(), submission_key=key, code=opened.code)
    if taken_by is not None:
        entry = taken_by_phone(entry, opened.answers, taken_by=taken_by)
    try:
        return check_entry(entry, today=now.date())
    except InvalidInput as error:
        raise by_step(error) from None


def _adopt_files(opened: OpenDraft, submitted: Submitted) -> None:
    if opened.draft.attachments.exists():
        key = ReportKey.of(submitted.report_id)
        adopt_files_step(draft=opened.draft, draft_key=opened.key, report_id=submitted.report_id, report_key=key)


def _close(draft: Draft, submitted: Submitted, now: datetime) -> None:
    """The answers are a report now; a second copy would outlive its erasure."""
    draft.report_id = submitted.report_id
    draft.answers = None
    draft.code_hash = draft.secret_by_code = None  # the code opens the report's page now
    draft.updated_at = now
    draft.expires_at = max(draft.expires_at, now + CODE_SHOWN_FOR)
    draft.save(update_fields=["report", "answers", "code_hash", "secret_by_code", "updated_at", "expires_at"])
