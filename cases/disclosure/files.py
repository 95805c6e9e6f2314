"""Which files a partner may see: documents with the group of that name, recordings of the story with the story."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from cases.models import Referral
from intake.models import Attachment
from intake.queries.files import ready_files
from intake.vocabulary import AccessPurpose, DataGroup, FileUse

from .consented import consented_groups, record_read

GROUP_OF = {FileUse.DOCUMENT.value: DataGroup.DOCUMENTS.value, FileUse.STORY.value: DataGroup.STORY.value}


@dataclass(frozen=True, slots=True, repr=False)
class DisclosedFiles:
    """`files` are cleaned and may be read now; `groups` are theirs."""

    files: list[Attachment]
    groups: frozenset[str]

    def only(self, file_id: UUID) -> "DisclosedFiles":
        found = [file for file in self.files if file.pk == file_id]
        return DisclosedFiles(found, _groups(found))


def disclosed_files(referral: Referral, *, now: datetime) -> DisclosedFiles:
    """As consent stands at this moment; nothing of a tombstone, of an erased or withdrawn report."""
    allowed = consented_groups(referral, now=now)
    uses = frozenset(use for use, group in GROUP_OF.items() if group in allowed)
    files = ready_files(referral.case.report_id, uses) if uses else []
    return DisclosedFiles(files, _groups(files))


def record_files(referral: Referral, shown: DisclosedFiles, *, is_content: bool, now: datetime) -> None:
    """Leaves the access record before the answer goes out. Nothing shown, nothing recorded."""
    purpose = AccessPurpose.FILE_READ if is_content else AccessPurpose.CASE_FETCHED
    record_read(referral, shown.groups, purpose, now)


def _groups(files: Iterable[Attachment]) -> frozenset[str]:
    return frozenset(GROUP_OF[file.use] for file in files)
