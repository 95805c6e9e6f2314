"""A file is added in pieces of 256 KB, so that a broken line costs one piece. Each is sealed, stored, then counted."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO

from django.conf import settings
from django.db import transaction

from intake.encryption import keyed_hash
from intake.errors import DomainError
from intake.models import Attachment
from intake.queries.files import raw_label
from intake.references import new_id
from intake.uploads.refused import Refused
from intake.uploads.sealing import sealed
from intake.uploads.types import HEAD, found_in
from intake.vocabulary import FileState

from .file_owner import FileOwner, Held, check_room, hold
from .file_refusals import FileRefused
from .file_store import check_space, drop, drop_after_commit, keep
from .files import KEY_BYTES, announce, new_row

PIECE = 256 * 1024  # bytes; every piece but the last
_LONGEST_TOKEN = 100


class WrongOffset(DomainError):
    """The next piece begins elsewhere: `params["received"]` says where."""

    code = "wrong_offset"
    status = 409


@dataclass(frozen=True, slots=True)
class Progress:
    received: int
    is_whole: bool


def begin_upload(*, owner: FileOwner, name: str, size: int, use: str, now: datetime) -> str:
    """Makes room for a file of `size` bytes; returns the token that names the upload. Kept by the browser's page only.

    Raises FileRefused, DraftExpired, DraftSent, ReportErased.
    """
    if not 0 < size <= settings.FILES_LIMIT_BYTES:
        raise FileRefused("too_large" if size > 0 else "empty")
    check_space(size)
    return _begin(owner, name, size, use, now)


@transaction.atomic(durable=True)
def _begin(owner: FileOwner, name: str, size: int, use: str, now: datetime) -> str:
    held = hold(owner, now=now)
    check_room(held, size)
    token = secrets.token_urlsafe(24)
    row = new_row(held, file_id=new_id(), name=name, use=use, key=secrets.token_bytes(KEY_BYTES), now=now)
    row.state = FileState.ARRIVING
    row.expected_bytes = size
    row.upload_token = _token_hash(token)
    row.save(force_insert=True)
    return token


def add_piece(*, owner: FileOwner, token: str, offset: int, content: bytes, now: datetime) -> Progress:
    """Adds the piece that begins at `offset`. One that is there already changes nothing; an empty one asks how far.

    Raises WrongOffset (nothing was kept; go on where it says), FileRefused (the upload is over), DraftExpired,
    ReportErased.
    """
    with transaction.atomic(durable=True):
        row, key = _upload(owner, token, now)
    if row.state != FileState.ARRIVING or not content or offset + len(content) <= row.received_bytes:
        return _progress(row)
    _check_piece(row, offset, content)
    stored = ""
    try:
        if offset == 0:
            found_in(content[:HEAD])
        stored = keep(BytesIO(b"".join(sealed([content], key, raw_label(row.pk, len(row.raw_parts))))))
        return _count(owner, token, row, stored, content, now)
    except Refused as refusal:
        _give_up(owner, token, now)
        raise FileRefused(refusal.reason) from None
    except BaseException:
        drop([stored] if stored else [])
        raise


@transaction.atomic(durable=True)
def _count(owner: FileOwner, token: str, seen: Attachment, stored: str, content: bytes, now: datetime) -> Progress:
    """Only one of two twins counts: the other one's bytes are dropped."""
    held, row = _held(owner, token, now)
    if row.received_bytes != seen.received_bytes or row.state != FileState.ARRIVING:
        drop_after_commit([stored])
        return _progress(row)
    if row.received_bytes == 0:
        row.kind = found_in(content[:HEAD]).kind
    row.raw_parts = [*row.raw_parts, stored]
    row.received_bytes += len(content)
    if row.received_bytes == row.expected_bytes:
        row.state = FileState.RECEIVED
        announce(held, row.pk, now)
    row.save(update_fields=["kind", "raw_parts", "received_bytes", "state"])
    return _progress(row)


@transaction.atomic(durable=True)
def _give_up(owner: FileOwner, token: str, now: datetime) -> None:
    _owner, row = _held(owner, token, now)
    drop_after_commit(row.raw_parts)
    row.delete()


def _check_piece(row: Attachment, offset: int, content: bytes) -> None:
    is_last = offset + len(content) == row.expected_bytes
    fits = len(content) == PIECE or (is_last and len(content) < PIECE)
    if offset != row.received_bytes or not fits or offset + len(content) > row.expected_bytes:
        raise WrongOffset(received=row.received_bytes)


def _upload(owner: FileOwner, token: str, now: datetime) -> tuple[Attachment, bytes]:
    held, row = _held(owner, token, now)
    return row, bytes.fromhex(row.unseal(held.key, "file_key"))


def _held(owner: FileOwner, token: str, now: datetime) -> tuple[Held, Attachment]:
    """Forged tokens and those of somebody else's upload name nothing. Raises FileRefused("gone")."""
    held = hold(owner, now=now, follows_sending=True)
    row = held.files.filter(upload_token=_token_hash(token), voice=owner.voice).first()
    if row is None:
        raise FileRefused("gone")
    return held, row


def _progress(row: Attachment) -> Progress:
    return Progress(row.received_bytes, row.state != FileState.ARRIVING)


def _token_hash(token: str) -> bytes:
    return keyed_hash(token[:_LONGEST_TOKEN], purpose="upload")
