"""Cases under a legal hold, for supervisors of the responsible side."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import OuterRef, Subquery

from cases.models import Case, User
from cases.queries.reach import reachable
from cases.queries.retention import holds_in_force
from intake.encryption import DataKey
from intake.models import LegalHold

MOST = 200  # lines of one page


@dataclass(frozen=True, slots=True)
class HoldLine:
    reference: str
    state: str
    set_at: datetime
    until: date
    by: str  # name of the supervisor


def holds(user: User, now: datetime) -> Sequence[HoldLine]:
    """The one that ends first stands first. Two statements; no reason is opened here."""
    name = User.objects.filter(pk=OuterRef("by_ref")).values("name")
    rows = holds_in_force(now).filter(report__in=reachable(user).values("report")).annotate(by=Subquery(name))
    found = list(rows.defer("reason").order_by("until", "pk")[:MOST])
    cases = {case.report_id: case for case in Case.objects.filter(report__in=[row.report_id for row in found])}
    return [
        HoldLine(case.reference, case.get_state_display(), row.set_at, row.until, row.by or "")
        for row in found
        if (case := cases.get(row.report_id))
    ]


def stated_hold(hold: LegalHold | None, key: DataKey | None) -> tuple[LegalHold, str] | None:
    """The hold of one case with its reason opened."""
    if hold is None:
        return None
    return hold, (hold.unseal(key, "reason") or "") if key else ""
