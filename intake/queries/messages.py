"""The messages on the reporter's page, opened with the report's key. Staff stay unnamed."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from intake.encryption import DataKey
from intake.models import Body, Message
from intake.vocabulary import Voice

MOST = 200  # the newest


@dataclass(frozen=True, slots=True, repr=False)
class PageMessage:
    """`code`: of a notice of ours, whose words the page knows. `is_new`: the person has not read it yet."""

    voice: str
    organisation: Body | None
    code: str
    text: str
    sent_at: datetime
    is_new: bool


def messages_of(report_id: UUID, key: DataKey) -> list[PageMessage]:
    """Newest first. One statement."""
    rows = Message.objects.filter(report_id=report_id).select_related("organisation").order_by("-sent_at", "-id")
    return [
        PageMessage(
            voice=row.voice,
            organisation=row.organisation,
            code=row.code,
            text=row.unseal(key, "text") or "",
            sent_at=row.sent_at,
            is_new=row.read_at is None and row.voice != Voice.REPORTER,
        )
        for row in rows[:MOST]
    ]


def unread_messages(report_id: UUID) -> int:
    """Written to the person and not read yet."""
    unread = Message.objects.filter(report_id=report_id, read_at__isnull=True)
    return unread.exclude(voice=Voice.REPORTER).count()
