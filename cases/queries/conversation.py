"""The messages of a case with the person, as its caseworkers see them: opened with the report's key, voices named."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from cases.models import Case, User
from intake.errors import ReportErased
from intake.models import Message, ReportKey
from intake.vocabulary import Voice

MOST = 200  # the newest


@dataclass(frozen=True, slots=True, repr=False)
class Line:
    """`who`: the caseworker's name, or empty. `organisation`: labels of the partner with which it was exchanged.
    `code`: of a notice of ours. `is_unread`: by the one to whom it was written. Printing it shows nothing."""

    id: UUID
    voice: str
    by_ref: UUID | None
    who: str
    organisation: Mapping[str, str] | None
    code: str
    text: str
    sent_at: datetime
    is_unread: bool


def conversation(case: Case) -> list[Line]:
    """Oldest first; empty when the report was erased. Three statements.

    Our people see everything that was written on the person's page, also what partners and the person exchanged: who is
    responsible for the case answers for it.
    """
    try:
        key = ReportKey.of(case.report_id)
    except ReportErased:
        return []
    rows = Message.objects.filter(report_id=case.report_id).select_related("organisation").order_by("-sent_at", "-pk")
    messages = list(rows[:MOST])[::-1]
    writers = {row.by_ref for row in messages if row.voice == Voice.CASEWORKER and row.by_ref}
    names = dict(User.objects.filter(pk__in=writers).values_list("pk", "name"))
    return [
        Line(
            id=row.pk,
            voice=row.voice,
            by_ref=row.by_ref,
            who=names.get(row.by_ref, "") if row.by_ref else "",
            organisation=row.organisation.labels if row.organisation else None,
            code=row.code,
            text=row.unseal(key, "text") or "",
            sent_at=row.sent_at,
            is_unread=row.read_at is None,
        )
        for row in messages
    ]


def unread_from_reporter(case: Case) -> int:
    """How many messages of the person nobody of us has read yet."""
    unread = Message.objects.filter(report_id=case.report_id, voice=Voice.REPORTER, read_at__isnull=True)
    return unread.filter(organisation__isnull=True).count()
