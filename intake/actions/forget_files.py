"""Files go: rows in the caller's transaction, stored bytes after its commit, and at night whatever was left behind."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from uuid import UUID

from django.core.files.storage import Storage
from django.db import transaction
from django.db.models import QuerySet

from intake.models import Attachment
from intake.vocabulary import FileState

from .file_store import drop, drop_after_commit, report_files

ARRIVING_FOR = timedelta(hours=24)  # a draft's life: no page waits longer to go on with an upload
ORPHAN_AFTER = timedelta(days=1)  # bytes are stored before the row that names them: the young ones may be on their way


def forget_files_step(*, report_id: UUID) -> None:
    """Every file of the report. A step."""
    _forget(Attachment.objects.filter(report_id=report_id))


def forget_draft_files_step(*, draft_ids: Iterable[UUID]) -> None:
    """Every file of unsent drafts that are about to be deleted. A step."""
    _forget(Attachment.objects.filter(draft_id__in=list(draft_ids)))


def sweep_files(*, now: datetime) -> int:
    """Uploads that were never finished, and stored bytes that no row knows; returns how many were deleted."""
    return _forget_unfinished(now) + _sweep_orphans(now)


@transaction.atomic(durable=True)
def _forget_unfinished(now: datetime) -> int:
    return _forget(Attachment.objects.filter(state=FileState.ARRIVING, uploaded_at__lt=now - ARRIVING_FOR))


def _forget(rows: QuerySet[Attachment]) -> int:
    """Names are read under the rows' lock: a piece that is counted at this moment is counted before or not at all."""
    locked = list(rows.select_for_update().only("raw_parts", "clean_name"))
    drop_after_commit(name for row in locked for name in (*row.raw_parts, row.clean_name))
    Attachment.objects.filter(pk__in=[row.pk for row in locked]).delete()
    return len(locked)


def _sweep_orphans(now: datetime) -> int:
    store = report_files()
    old = [name for name in _stored(store) if store.get_modified_time(name) < now - ORPHAN_AFTER]
    known = set(_known()) if old else set()
    orphans = [name for name in old if name not in known]
    drop(orphans)
    return len(orphans)


def _stored(store: Storage) -> Iterator[str]:
    """Files lie in folders named by the first two signs of their names; nothing else there is ours to touch."""
    try:
        folders = store.listdir("")[0]
    except FileNotFoundError:
        return
    for folder in folders:
        if len(folder) == 2:
            yield from (f"{folder}/{name}" for name in store.listdir(folder)[1])


def _known() -> Iterator[str]:
    for parts, clean in Attachment.objects.values_list("raw_parts", "clean_name").iterator():
        yield from parts
        yield clean
