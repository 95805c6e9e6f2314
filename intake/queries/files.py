"""Files as they may be shown or read: names opened with the owner's key, bytes given out in a stream."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.core.files.storage import storages

from intake.encryption import DataKey
from intake.models import Attachment, Draft, ReportKey
from intake.uploads.sealing import Damaged, opened
from intake.vocabulary import FileState

_SHORT = {
    "image/jpeg": "jpg",
    "image/png": "png",
    "application/pdf": "pdf",
    "audio/mpeg": "mp3",
    "audio/mp4": "m4a",
    "audio/ogg": "ogg",
    "audio/wav": "wav",
    "audio/aac": "aac",
    "audio/amr": "amr",
    "audio/amr-wb": "awb",
    "audio/webm": "webm",
    "audio/3gpp": "3gp",
    "video/mp4": "mp4",
    "video/quicktime": "mov",
    "video/3gpp": "3gp",
    "video/webm": "webm",
    "audio/x-matroska": "mka",
    "video/x-matroska": "mkv",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": "pptx",
    "application/vnd.oasis.opendocument.text": "odt",
    "application/vnd.oasis.opendocument.spreadsheet": "ods",
    "application/vnd.oasis.opendocument.presentation": "odp",
}


@dataclass(frozen=True, slots=True, repr=False)
class FileRow:
    """`name` as the person's device called it. `size` in bytes: of what can be read, else of what came."""

    id: UUID
    kind: str
    state: str
    reason: str
    name: str
    size: int
    use: str
    uploaded_at: datetime
    voice: str
    media_type: str

    @property
    def is_ready(self) -> bool:
        return self.state == FileState.READY


def files_of(report_id: UUID) -> list[FileRow]:
    """Of a report, oldest first, in all states. Raises ReportErased."""
    key = ReportKey.of(report_id)
    return [_row(file, key) for file in Attachment.objects.filter(report_id=report_id).order_by("uploaded_at", "id")]


def files_of_draft(draft: Draft, key: DataKey) -> list[FileRow]:
    return [_row(file, key) for file in Attachment.objects.filter(draft=draft).order_by("uploaded_at", "id")]


def ready_files(report_id: UUID, uses: frozenset[str]) -> list[Attachment]:
    """Those that can be read, for whoever may see this use of them. Nothing is opened."""
    rows = Attachment.objects.filter(report_id=report_id, state=FileState.READY, use__in=uses)
    return list(rows.defer("name").order_by("uploaded_at", "id"))


def ready_file(report_id: UUID, file_id: UUID) -> Attachment | None:
    return Attachment.objects.filter(pk=file_id, report_id=report_id, state=FileState.READY).first()


def files_waiting(*, since: datetime) -> int:
    """How many were there to be cleaned at `since` and still are."""
    waiting = Attachment.objects.filter(state=FileState.RECEIVED, report__isnull=False)
    return waiting.filter(uploaded_at__lt=since, report__received_at__lt=since).count()


def safe_name(file: Attachment) -> str:
    """What a browser shall call it: nothing of the person's own name for it."""
    return f"file-{file.pk.hex[-6:]}.{_SHORT.get(file.media_type, 'bin')}"


def read_clean(file: Attachment, key: DataKey) -> Iterator[bytes]:
    """The cleaned bytes. Raises CannotDecrypt at once, Damaged while reading."""
    return _read(file.clean_name, file_key(file, key), clean_label(file.pk))


def read_raw(file: Attachment, key: DataKey) -> Iterator[bytes]:
    """As it came, for the cleaning only: nobody is ever served this. Raises CannotDecrypt, Damaged."""
    raw_key = file_key(file, key)
    read = 0
    for number, name in enumerate(file.raw_parts):
        for chunk in _read(name, raw_key, raw_label(file.pk, number)):
            read += len(chunk)
            yield chunk
    if read != file.received_bytes:
        raise Damaged


def file_key(file: Attachment, key: DataKey) -> bytes:
    return bytes.fromhex(file.unseal(key, "file_key"))


def raw_label(file_id: UUID, number: int) -> str:
    return f"{file_id}:raw:{number}"


def clean_label(file_id: UUID) -> str:
    return f"{file_id}:clean"


def _read(name: str, key: bytes, label: str) -> Iterator[bytes]:
    with storages["reports"].open(name, "rb") as stored:
        yield from opened(stored, key, label)


def _row(file: Attachment, key: DataKey) -> FileRow:
    return FileRow(
        id=file.pk,
        kind=file.kind,
        state=file.state,
        reason=file.reason,
        name=file.unseal(key, "name") or "",
        size=file.clean_bytes or file.expected_bytes or file.received_bytes,
        use=file.use,
        uploaded_at=file.uploaded_at,
        voice=file.voice,
        media_type=file.media_type,
    )
