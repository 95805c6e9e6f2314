"""A file is added whole, or taken back by who gave it. In pieces: file_pieces.py. Cleaned later: clean_file.py."""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import transaction

from intake.models import Attachment
from intake.queries.files import raw_label
from intake.references import new_id
from intake.uploads.arrival import Arrival
from intake.uploads.refused import Refused
from intake.vocabulary import FileState, FileUse, IntakeEventKind

from .file_owner import FileOwner, Held, check_room, harmless_name, hold, note_names
from .file_refusals import FileRefused
from .file_store import check_space, drop, drop_after_commit, keep, temporary_folder
from .hand_over import hand_over

KEY_BYTES = 32


@dataclass(slots=True, repr=False)
class NewFile:
    """A file that is coming in one stream, under a key of its own. It has no row yet."""

    name: str
    use: str = FileUse.DOCUMENT.value
    id: UUID = field(default_factory=new_id)
    key: bytes = field(default_factory=lambda: secrets.token_bytes(KEY_BYTES))
    arrival: Arrival = field(init=False)

    def __post_init__(self) -> None:
        self.arrival = Arrival(
            key=self.key, label=raw_label(self.id, 0), limit=settings.FILES_LIMIT_BYTES, folder=temporary_folder()
        )

    def write(self, chunk: bytes) -> None:
        """Raises FileRefused."""
        try:
            self.arrival.write(chunk)
        except Refused as refusal:
            raise FileRefused(refusal.reason) from None


def store_file(
    *, owner: FileOwner, stream: Iterable[bytes], name: str, now: datetime, use: str = FileUse.DOCUMENT.value
) -> UUID:
    """Reads the stream to its end, sealing while it reads; returns the file's id.

    Raises FileRefused and what `keep_file` raises; then nothing is left of it.
    """
    new = NewFile(name, use)
    try:
        for chunk in stream:
            new.write(chunk)
        return keep_file(owner=owner, new=new, now=now)
    finally:
        new.arrival.close()


def keep_file(*, owner: FileOwner, new: NewFile, now: datetime) -> UUID:
    """Stores a file that has arrived whole; it waits to be cleaned. A report's is handed over (IntakeEvent FILE).

    Raises FileRefused, DraftExpired, DraftSent, ReportErased.
    """
    try:
        sealed = new.arrival.finish()
    except Refused as refusal:
        raise FileRefused(refusal.reason) from None
    check_space(new.arrival.size)
    stored = keep(sealed)
    try:
        _write_row(owner, new, stored, now)
    except BaseException:
        drop([stored])
        raise
    return new.id


@transaction.atomic(durable=True)
def _write_row(owner: FileOwner, new: NewFile, stored: str, now: datetime) -> None:
    held = hold(owner, now=now)
    check_room(held, new.arrival.size)
    row = new_row(held, file_id=new.id, name=new.name, use=new.use, key=new.key, now=now)
    row.kind = new.arrival.found.kind if new.arrival.found else ""
    row.state = FileState.RECEIVED
    row.raw_parts = [stored]
    row.received_bytes = row.expected_bytes = new.arrival.size
    row.save(force_insert=True)
    announce(held, row.pk, now)


def new_row(held: Held, *, file_id: UUID, name: str, use: str, key: bytes, now: datetime) -> Attachment:
    row = Attachment(
        pk=file_id,
        report_id=held.report_id,
        draft=held.opened.draft if held.opened else None,
        use=use if use in FileUse.values else FileUse.DOCUMENT,
        uploaded_at=now,
        **held.author,
    )
    row.seal(held.key, name=harmless_name(name), file_key=key.hex())
    return row


def announce(held: Held, file_id: UUID, now: datetime) -> None:
    """A file is whole: the draft's answers name it, or cases hears of it."""
    note_names(held)
    if held.report_id is not None:
        hand_over(report_id=held.report_id, kind=IntakeEventKind.FILE, subject=file_id, now=now)


@transaction.atomic(durable=True)
def remove_file(*, owner: FileOwner, file_id: UUID, now: datetime) -> bool:
    """Takes back a file that this very side gave, bytes and all; False when there is none.

    One that organisations may have read is less that they may see: IntakeEvent CONSENT, so that those who have the case
    fetch anew and delete their copy. Raises DraftExpired, DraftSent, ReportErased.
    """
    held = hold(owner, now=now)
    row = held.files.filter(pk=file_id, voice=owner.voice, by_ref=owner.by_ref).first()
    if row is None:
        return False
    drop_after_commit([*row.raw_parts, row.clean_name])
    row.delete()
    note_names(held)
    if held.report_id is not None and row.state == FileState.READY:
        hand_over(report_id=held.report_id, kind=IntakeEventKind.CONSENT, now=now)
    return True
