"""Complaints for supervisors: about which partner or about us, since when. The text is opened in its own action."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from cases.models import Case, Recusal, User
from cases.queries import duty
from cases.queries.complained_of import concerned
from cases.queries.reach import reachable
from intake.models import Complaint

MOST = 200  # lines of one page


@dataclass(frozen=True, slots=True)
class ComplaintLine:
    id: UUID
    reference: str
    about: Mapping[str, str] | None  # labels of the organisation; None: about us
    made_at: datetime
    answered_at: datetime | None


def complaints(user: User, *, answered: bool = False) -> list[ComplaintLine]:
    """Of the own side's cases, without those of people the user knows and those about us that concern the user
    (complained_of.py); longest waiting first. Six statements at most."""
    rows = Complaint.objects.filter(
        report__in=reachable(user).values("report"), answered_at__isnull=not answered
    ).select_related("about", "report")
    order = ("-answered_at", "-pk") if answered else ("made_at", "pk")
    only = ("about__labels", "report__reference", "made_at", "answered_at")
    found = list(rows.only(*only).order_by(*order)[:MOST])
    by_complaint = concerned(found)
    return [
        ComplaintLine(
            row.pk, row.report.reference, row.about.labels if row.about else None, row.made_at, row.answered_at
        )
        for row in found
        if user.pk not in by_complaint.get(row.pk, ())
    ]


def oldest_open_complaint(side: str) -> datetime | None:
    """When the one was made that waits longest for an answer."""
    waiting = Complaint.objects.filter(report__in=_reports(side), answered_at__isnull=True)
    return waiting.order_by("made_at").values_list("made_at", flat=True).first()


def unanswerable(side: str, now: datetime) -> int:
    """How many wait that no supervisor of the side may answer: about us and concerning them, or they know the person.
    Eight statements, however many wait."""
    waiting = list(Complaint.objects.filter(answered_at__isnull=True, report__in=_reports(side)).defer("text"))
    if not waiting:
        return 0
    supervisors = {person.id for person in duty.supervisors(side, now)}
    reports = {row.report_id for row in waiting}
    recused = Recusal.objects.filter(case__report__in=reports, user__in=supervisors)
    barred = set(recused.values_list("case__report", "user"))
    by_complaint = concerned(waiting)
    return sum(
        all((row.report_id, one) in barred or one in by_complaint.get(row.pk, ()) for one in supervisors)
        for row in waiting
    )


def _reports(side: str) -> QuerySet[Case, Any]:
    return Case.objects.filter(side=side, is_practice=False).values("report")
