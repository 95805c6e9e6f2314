"""A draft's files become the report's, or get the draft's new key: the same bytes stay where they lie, their keys are
sealed anew."""

from uuid import UUID

from intake.encryption import DataKey
from intake.models import Attachment, Draft


def adopt_files_step(*, draft: Draft, draft_key: DataKey, report_id: UUID, report_key: DataKey) -> int:
    """Also those that are still arriving: their next piece finds the report. A step; returns how many."""
    rows = list(Attachment.objects.select_for_update().filter(draft=draft))
    for row in rows:
        _seal_anew(row, draft_key, report_key)
        row.draft_id, row.report_id = None, report_id
        row.save(update_fields=["draft", "report", "name", "file_key"])
    return len(rows)


def reseal_files_step(*, draft: Draft, old: DataKey, new: DataKey) -> None:
    """The draft has another key now. A step."""
    for row in Attachment.objects.select_for_update().filter(draft=draft):
        _seal_anew(row, old, new)
        row.save(update_fields=["name", "file_key"])


def _seal_anew(row: Attachment, old: DataKey, new: DataKey) -> None:
    row.seal(new, name=row.unseal(old, "name"), file_key=row.unseal(old, "file_key"))
