"""Follow-ups as they are shown: on a case file, and all of one person, the most overdue first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from cases.models import Case, FollowUp, User
from cases.queries.reach import reachable
from cases.workflow import CaseState
from intake.encryption import DataKey
from intake.models import ReportKey

MOST = 200  # lines of the page
# Nobody is reminded of these. A resolved case may still be looked at again some day.
NO_MORE = frozenset({CaseState.CLOSED, CaseState.WITHDRAWN, CaseState.DUPLICATE})


@dataclass(frozen=True, slots=True, repr=False)
class Reminder:
    """A follow-up with its text opened. Printing it shows nothing."""

    id: UUID
    reference: str
    urgency: int
    due_at: datetime
    for_whom: str
    text: str
    is_due: bool


def follow_ups_of(case: Case, key: DataKey | None, now: datetime) -> Sequence[Reminder]:
    """What is open on one case, the next first. One statement."""
    rows = (
        FollowUp.objects.open().filter(case=case).select_related("user").defer("user__phone").order_by("due_at", "pk")
    )
    return [_opened(row, case, key, now) for row in rows]


def my_follow_ups(user: User, now: datetime) -> Sequence[Reminder]:
    """The user's own, and those that are for whoever is responsible where that is the user. Two statements."""
    mine = Q(user=user) | Q(user__isnull=True, case__responsible=user)
    rows = FollowUp.objects.open().filter(mine, case__in=reachable(user)).exclude(case__state__in=NO_MORE)
    found = list(rows.select_related("case").order_by("due_at", "pk")[:MOST])
    keys = {key.report_id: key for key in ReportKey.objects.filter(report_id__in={row.case.report_id for row in found})}
    opened = {report_id: key.open() for report_id, key in keys.items()}
    return [_opened(row, row.case, opened.get(row.case.report_id), now) for row in found]


def due_follow_ups(now: datetime) -> QuerySet[FollowUp]:
    """Those of which nobody was reminded yet, though their hour has come."""
    due = FollowUp.objects.open().filter(reminded_at__isnull=True, due_at__lte=now)
    return due.exclude(case__state__in=NO_MORE).select_related("user").order_by("due_at", "id")


def _opened(row: FollowUp, case: Case, key: DataKey | None, now: datetime) -> Reminder:
    return Reminder(
        id=row.pk,
        reference=case.reference,
        urgency=case.urgency,
        due_at=row.due_at,
        for_whom=row.user.name if row.user_id and row.user else "",
        text=(row.unseal(key, "text") or "") if key else "",
        is_due=row.due_at <= now,
    )
