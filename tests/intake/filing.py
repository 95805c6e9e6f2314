"""Files in the hands of drafts and reports: owners, stores, and what lies in them."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from uuid import UUID

from django.conf import settings

from intake.actions.clean_file import clean_file
from intake.actions.drafts import save_answers, start_draft
from intake.actions.file_owner import FileOwner
from intake.actions.file_pieces import PIECE, Progress, add_piece, begin_upload
from intake.actions.files import store_file
from intake.actions.submit_report import ReportEntry, submit_report
from intake.models import Attachment
from tests.intake.uploads import samples

NAME = "Canary-name Passport.jpg"


def draft_owner(now: datetime) -> FileOwner:
    secret = start_draft(now=now).secret
    save_answers(secret=secret, step="where", values={"country": "RU"}, now=now)
    save_answers(secret=secret, step="what", values={"category": "WRK"}, now=now)
    return FileOwner(draft_secret=secret)


def report_owner(entry: Callable[..., ReportEntry], now: datetime) -> FileOwner:
    return FileOwner(report_id=submit_report(entry=entry(), now=now).report_id)


def stored(owner: FileOwner, content: bytes, now: datetime, *, name: str = NAME, use: str = "document") -> Attachment:
    chunks = (content[start : start + 65_536] for start in range(0, len(content), 65_536))
    return Attachment.objects.get(pk=store_file(owner=owner, stream=chunks, name=name, use=use, now=now))


def begun(owner: FileOwner, size: int, now: datetime) -> str:
    return begin_upload(owner=owner, name=NAME, size=size, use="document", now=now)


def pieces(content: bytes) -> list[tuple[int, bytes]]:
    return [(start, content[start : start + PIECE]) for start in range(0, len(content), PIECE)]


def add_all(owner: FileOwner, token: str, content: bytes, now: datetime) -> Progress:
    made = [add_piece(owner=owner, token=token, offset=at, content=part, now=now) for at, part in pieces(content)]
    return made[-1]


def file_of(owner: FileOwner) -> Attachment:
    return Attachment.objects.get(report_id=owner.report_id)


def lying() -> list[Path]:
    """Everything in the file store."""
    folder = Path(settings.STORAGES["reports"]["OPTIONS"]["location"])
    return sorted(path for path in folder.rglob("*") if path.is_file()) if folder.exists() else []


def found_in_store(word: bytes) -> bool:
    return any(word in path.read_bytes() or word.decode() in path.name for path in lying())


def raw_names(file_id: UUID) -> list[str]:
    return list(Attachment.objects.get(pk=file_id).raw_parts)


def ready(report_id: UUID, now: datetime, *, content: bytes = b"", use: str = "document") -> Attachment:
    """A photo (or what is given) that has been cleaned."""
    row = stored(FileOwner(report_id=report_id), content or samples.photo(), now, use=use)
    clean_file(file_id=row.pk, now=now)
    row.refresh_from_db()
    return row
