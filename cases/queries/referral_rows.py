"""One page of a partner's referrals in one statement, ready to go out: ids and moments as text (RFC 3339, UTC)."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.db.models import Q

from cases.models import Referral
from cases.workflow import ASSIGNED, ReferralState

Row = dict[str, Any]
Place = tuple[datetime, UUID]

_PLAIN = (
    "id",
    "state",
    "decline_reason",
    "withdrawal_reason",
    "return_reason",
    "category_id",
    "case__reference",
    "case__urgency",
    "case__urgency_reasons",
    "case__country_id",
    "case__region_id",
    "case__language_id",
    "case__age_band",
    "case__child",
    "case__dates",
)
_MOMENTS = (
    "offered_at",
    "answer_due_at",
    "answered_at",
    "contact_due_at",
    "contacted_at",
    "ended_at",
    "updated_at",
)
_FILTERS = {
    "state": "state",
    "urgency": "case__urgency",
    "category": "category",
    "language": "case__language",
    "updated_after": "updated_at__gt",
}


def read_rows(
    partner_id: UUID,
    is_practice: bool,
    *,
    after: Place | None,
    limit: int,
    assigned_since: datetime | None = None,
    **filters: Any,
) -> list[Row]:
    """`limit` rows behind the place `after`. `assigned_since`: only cases in hand, or completed after that moment."""
    rows = Referral.objects.filter(
        partner=partner_id,
        case__is_practice=is_practice,
        **{_FILTERS[name]: value for name, value in filters.items()},
    )
    if assigned_since is not None:
        rows = rows.filter(Q(state__in=ASSIGNED) | Q(state=ReferralState.COMPLETED, ended_at__gt=assigned_since))
    if after is not None:
        at, pk = after
        # The first condition lets the index begin at the place; the second leaves out what came before it.
        rows = rows.filter(Q(updated_at__gt=at) | Q(pk__gt=pk), updated_at__gte=at)
    return [_row(row) for row in rows.order_by("updated_at", "id").values(*_PLAIN, *_MOMENTS)[:limit]]


def _row(row: Row) -> Row:
    row["id"] = str(row["id"])
    for name in _MOMENTS:
        if row[name] is not None:
            row[name] = row[name].astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
    return row
