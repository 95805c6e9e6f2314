"""Staff look at the files of a case: recorded before anything is shown."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from cases.actions.authorise import authorise
from cases.actions.record import Actor
from cases.disclosure.files import GROUP_OF
from cases.errors import NotFound
from cases.models import Case
from cases.queries.reach import knows_person
from intake.actions.record_access import record_access
from intake.encryption import DataKey
from intake.models import Attachment, ReportKey
from intake.queries.files import FileRow, files_of, ready_file
from intake.vocabulary import AccessPurpose, Voice


@dataclass(frozen=True, slots=True, repr=False)
class OpenedFile:
    file: Attachment
    key: DataKey


@transaction.atomic(durable=True)
def open_case_files(*, case_id: UUID, by: Actor, now: datetime) -> list[FileRow]:
    """The files by name, kind and size; that this person saw the names is recorded as reading them.

    Raises NotFound, NotAllowed, ReportErased.
    """
    report_id = _allowed(case_id, by)
    rows = files_of(report_id)
    _record(report_id, by, (row.use for row in rows), now)
    return rows


@transaction.atomic(durable=True)
def open_case_file(*, case_id: UUID, file_id: UUID, by: Actor, now: datetime) -> OpenedFile:
    """One cleaned file with the key that opens it. Raises NotFound, NotAllowed, ReportErased."""
    report_id = _allowed(case_id, by)
    file = ready_file(report_id, file_id)
    if file is None:
        raise NotFound()
    key = ReportKey.of(report_id)
    _record(report_id, by, [file.use], now)
    return OpenedFile(file, key)


def _allowed(case_id: UUID, by: Actor) -> UUID:
    case = Case.objects.only("report_id", "side").filter(pk=case_id).first()
    if case is None:
        raise NotFound()
    user = authorise(by, "open_case", side=case.side)
    if knows_person(user.pk, case.pk):
        raise NotFound()
    return case.report_id


def _record(report_id: UUID, by: Actor, uses: Iterable[str], now: datetime) -> None:
    groups = {GROUP_OF[use] for use in uses}
    if groups:
        record_access(
            report_id=report_id,
            voice=Voice.CASEWORKER,
            by_ref=by.ref,
            body_id=None,
            purpose=AccessPurpose.FILE_READ,
            groups=groups,
            now=now,
        )
