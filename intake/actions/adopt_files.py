"""A draft's files become the report's: the same bytes stay where they lie, their keys are sealed anew."""

from uuid import UUID

from intake.encryption import DataKey
from intake.models import Attachment, Draft


def adopt_files_step(*, draft: Draft, draft_key: DataKey, report_id: UUID, report_key: DataKey) -> int:
    """Also those that are still arriving: their next piece finds the report. A step; returns how many."""
    rows = list(Attachment.objects.select_for_update().filter(draft=draft))
    for row in rows:
        row.seal(report_key, name=row.unseal(draft_key, "name"), file_key=row.unseal(draft_key, "file_key"))
        row.draft_id, row.report_id = None, report_id
        row.save(update_fields=["draft", "report", "name", "file_key"])
    return len(rows)
