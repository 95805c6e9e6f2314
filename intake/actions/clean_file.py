"""What a worker does with a file that has arrived: scan it, clean it in a child, seal what came out, drop the rest.

A file is claimed by the moment before which nobody tries again; so a worker that dies costs a pause, and a file that
kills its worker is given up after some tries.
"""

import logging
from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q, QuerySet

from intake.encryption import CannotDecrypt, DataKey
from intake.errors import ReportErased
from intake.models import Attachment, ReportKey
from intake.queries.files import clean_label, file_key, read_raw
from intake.uploads.arrival import Arrival
from intake.uploads.cleaning import Crashed, clean_in_child
from intake.uploads.refused import Refused
from intake.uploads.scanning import ScannerAway, is_infected
from intake.uploads.sealing import Damaged
from intake.uploads.types import HEAD, Found, found_in
from intake.vocabulary import FileState

from .file_store import drop, drop_after_commit, keep, temporary_folder

logger = logging.getLogger(__name__)

TRIES = 5
LEASE = timedelta(minutes=5)  # longer than scanning and cleaning can take
SCANNER_PAUSE = timedelta(minutes=1)
MOST_CLEAN_BYTES = 64 * 1024 * 1024  # drawn anew, a picture can be larger than it came
AT_ONCE = 20


def clean_waiting(*, now: datetime) -> int:
    """Cleans what waits, oldest first; returns how many were looked at. One that fails holds up nobody but itself."""
    waiting = Attachment.objects.filter(_is_due(now), state=FileState.RECEIVED, report__isnull=False)
    ids = list(waiting.order_by("uploaded_at").values_list("pk", flat=True)[:AT_ONCE])
    for number, file_id in enumerate(ids, start=1):
        try:
            clean_file(file_id=file_id, now=now)
        except ScannerAway:
            return number  # the next one would wait as long for the same answer
        except Exception as error:  # noqa: BLE001 - whatever is wrong with this file must not stop the others
            logger.error("file %s was not cleaned (%s)", file_id, type(error).__name__)
    return len(ids)


def clean_file(*, file_id: UUID, now: datetime) -> bool:
    """Makes the file ready, or refuses it with a reason; False when it is not its turn.

    Scanned first, where a scanner is set. Raises ScannerAway, Crashed, Damaged, CannotDecrypt, OSError: nothing was
    decided, the file waits and is tried again after a pause, without limit where the fault is ours: no scanner, a full
    disk, a worker with other keys.
    """
    row = _claim(file_id, now)
    if row is None or row.report_id is None:
        return False
    if row.attempts > TRIES:
        _refuse(row, "damaged", now)
        return True
    try:
        key = ReportKey.of(row.report_id)
        _examine(row, key, now)
    except Refused as refusal:
        _refuse(row, refusal.reason, now)
    except ReportErased:
        return False  # meanwhile: its bytes go with the erasure
    except (Crashed, Damaged, FileNotFoundError) as error:
        Attachment.objects.filter(pk=row.pk).update(not_before=now + _pause(row.attempts))
        logger.warning("file %s, try %s: %s", row.pk, row.attempts, type(error).__name__)
        raise
    except (ScannerAway, CannotDecrypt, OSError) as fault:
        _give_try_back(row, now + (SCANNER_PAUSE if isinstance(fault, ScannerAway) else LEASE))
        raise
    return True


def _give_try_back(row: Attachment, not_before: datetime) -> None:
    """What is no fault of the file's must not end with its bytes being thrown away."""
    Attachment.objects.filter(pk=row.pk).update(attempts=F("attempts") - 1, not_before=not_before)


def _is_due(now: datetime) -> Q:
    return Q(not_before__isnull=True) | Q(not_before__lte=now)


def _claim(file_id: UUID, now: datetime) -> Attachment | None:
    """Counts the try before it begins."""
    mine = Attachment.objects.filter(_is_due(now), pk=file_id, state=FileState.RECEIVED, report__isnull=False)
    if not mine.update(not_before=now + LEASE, attempts=F("attempts") + 1):
        return None
    return Attachment.objects.filter(pk=file_id).first()


def _pause(attempts: int) -> timedelta:
    return timedelta(seconds=min(10 * 4 ** (attempts - 1), 1800))


def _examine(row: Attachment, key: DataKey, now: datetime) -> None:
    if settings.CLAMD_SOCKET and is_infected(read_raw(row, key), settings.CLAMD_SOCKET):
        raise Refused("infected")
    found = found_in(_head(read_raw(row, key)))
    arrival = Arrival(
        key=file_key(row, key),
        label=clean_label(row.pk),
        limit=MOST_CLEAN_BYTES,
        folder=temporary_folder(),
        is_looked_at=False,
    )
    try:
        kind, media_type = _clean(row, key, found, arrival)
        stored = keep(arrival.finish())
    finally:
        arrival.close()
    if not _make_ready(row, kind, media_type, stored, arrival.size, now):
        drop([stored])  # taken back or erased while it was cleaned


def _clean(row: Attachment, key: DataKey, found: Found, arrival: Arrival) -> tuple[str, str]:
    with clean_in_child(read_raw(row, key), found) as clean:
        for chunk in clean.chunks:
            arrival.write(chunk)
        return clean.kind, clean.media_type


def _head(chunks: Iterator[bytes]) -> bytes:
    """The first bytes. The rest is not read; what is wrong with it shows in the cleaning."""
    head = b""
    for chunk in chunks:
        head += chunk
        if len(head) >= HEAD:
            break
    return head[:HEAD]


@transaction.atomic(durable=True)
def _make_ready(row: Attachment, kind: str, media_type: str, stored: str, size: int, now: datetime) -> bool:
    done = _waiting(row).update(
        state=FileState.READY,
        kind=kind,
        media_type=media_type,
        clean_name=stored,
        clean_bytes=size,
        raw_parts=[],
        not_before=None,
        examined_at=now,
    )
    if done:
        drop_after_commit(row.raw_parts)
    return bool(done)


@transaction.atomic(durable=True)
def _refuse(row: Attachment, reason: str, now: datetime) -> None:
    if _waiting(row).update(state=FileState.REFUSED, reason=reason, raw_parts=[], not_before=None, examined_at=now):
        drop_after_commit(row.raw_parts)


def _waiting(row: Attachment) -> QuerySet[Attachment]:
    return Attachment.objects.filter(pk=row.pk, state=FileState.RECEIVED)
