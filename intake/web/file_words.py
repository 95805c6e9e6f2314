"""A file in the reporter's words: what it is, how large, and whether we can open it."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _

from intake.actions.file_refusals import REASONS
from intake.queries.files import FileRow
from intake.vocabulary import FileKind, FileState, Voice


@dataclass(frozen=True, slots=True, repr=False)
class FileWords:
    id: UUID
    name: str
    about: str
    state: str
    is_refused: bool
    can_open: bool
    can_remove: bool


def file_words(rows: Iterable[FileRow], *, is_sent: bool) -> list[FileWords]:
    return [_words(row, is_sent) for row in rows]


def _words(row: FileRow, is_sent: bool) -> FileWords:
    kind = str(FileKind(row.kind).label) if row.kind else _("file")
    return FileWords(
        id=row.id,
        name=row.name or kind,
        about=f"{kind} · {filesizeformat(row.size)}",
        state=_state(row, is_sent),
        is_refused=row.state == FileState.REFUSED,
        can_open=row.is_ready,
        can_remove=row.voice == Voice.REPORTER,
    )


def _state(row: FileRow, is_sent: bool) -> str:
    if row.state == FileState.REFUSED:
        return str(REASONS.get(row.reason, REASONS["damaged"]))
    if row.state == FileState.ARRIVING:
        return _("Not here completely. Choose it again, or remove it.")
    if row.state == FileState.READY:
        return _("It is here. We have removed hidden data such as the place.")
    return _("It is here. We are checking it.") if is_sent else _("It is kept and goes with your report.")
