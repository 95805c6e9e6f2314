"""Complaints for supervisors: about which partner or about us, since when. The text is opened in its own action."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet

from cases.models import Case, Recusal, User
from cases.queries import duty
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
    is_own: bool = False  # about us, and this very person has the case: another supervisor reads it


def complaints(user: User, *, answered: bool = False) -> list[ComplaintLine]:
    """Of the own side's cases, without those of people the user knows; longest waiting first. One statement."""
    rows = Complaint.objects.filter(
        report__in=reachable(user).values("report"), answered_at__isnull=not answered
    ).select_related("about", "report")
    order = ("-answered_at", "-pk") if answered else ("made_at", "pk")
    only = ("about__labels", "report__reference", "made_at", "answered_at")
    mine = Case.objects.filter(report=OuterRef("report"), responsible=user)
    rows = rows.annotate(is_mine=Exists(mine)).only(*only).order_by(*order)
    return [
        ComplaintLine(
            row.pk,
            row.report.reference,
            row.about.labels if row.about else None,
            row.made_at,
            row.answered_at,
            is_own=row.is_mine and row.about is None,
        )
        for row in rows[:MOST]
    ]


def oldest_open_complaint(side: str) -> datetime | None:
    """When the one was made that waits longest for an answer."""
    waiting = Complaint.objects.filter(report__in=_reports(side), answered_at__isnull=True)
    return waiting.order_by("made_at").values_list("made_at", flat=True).first()


def unanswerable(side: str, now: datetime) -> int:
    """How many wait that no supervisor of the side may answer: about us and theirs the case, or they know the person.
    Four statements, however many wait."""
    waiting = Complaint.objects.filter(answered_at__isnull=True, report__in=_reports(side))
    rows = list(waiting.values_list("report", "about"))
    if not rows:
        return 0
    owners = dict(Case.objects.filter(report__in=waiting.values("report")).values_list("report", "responsible"))
    supervisors = {person.id for person in duty.supervisors(side, now)}
    recused = Recusal.objects.filter(case__report__in=waiting.values("report"), user__in=supervisors)
    barred = set(recused.values_list("case__report", "user"))
    return sum(
        all((report, one) in barred or (about is None and one == owners[report]) for one in supervisors)
        for report, about in rows
    )


def _reports(side: str) -> QuerySet[Case, Any]:
    return Case.objects.filter(side=side, is_practice=False).values("report")
