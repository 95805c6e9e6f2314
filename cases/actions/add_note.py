"""Internal notes of the responsible side, sealed under the key of the report."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from cases.actions.reached_case import reached_case
from cases.actions.record import Actor, Event, record_events
from cases.models import Case, Note, User
from intake.clean_text import TooLong, clean_text
from intake.errors import InvalidInput
from intake.models import ReportKey

NOTE_LIMIT = 10_000  # characters


@transaction.atomic(durable=True)
def add_note(*, case_id: UUID, text: str, by: Actor, now: datetime) -> Note:
    """Adds a note to the case. Timeline: note_added, with the note's id only.

    Raises InvalidInput (empty, too long), NotFound, NotAllowed, ReportErased.
    """
    cleaned = checked_note(text)
    case, author = reached_case(case_id, by, "note")
    note = add_note_step(case=case, text=cleaned, author=author, now=now)
    record_events(case, [Event("note_added", {"note": note.pk})], by=by, now=now)
    case.save()
    return note


def checked_note(text: str, field: str = "text") -> str:
    """The note as it is stored. Raises InvalidInput on `field`."""
    try:
        cleaned = clean_text(text, limit=NOTE_LIMIT)
    except TooLong:
        message = format_lazy(_("This is too long. It can have {limit} characters."), limit=NOTE_LIMIT)
        raise InvalidInput(fields={field: [message]}) from None
    if not cleaned:
        raise InvalidInput(fields={field: [_("Please write something.")]})
    return cleaned


def add_note_step(*, case: Case, text: str, author: User, now: datetime) -> Note:
    """The row alone, for reasons that belong to another action. Raises ReportErased."""
    note = Note(case=case, author=author, written_at=now)
    note.seal(ReportKey.of(case.report_id), text=text)
    note.save(force_insert=True)
    return note
