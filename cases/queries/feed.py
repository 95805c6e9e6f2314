"""A partner's numbered changes. Only numbered rows are served, so that a cursor never skips one that commits late."""

from typing import Any
from uuid import UUID

from cases.models import PartnerChange

Row = dict[str, Any]
_COLUMNS = ("number", "kind", "referral_id", "reference", "state", "reason", "is_tombstone", "at")


def has_unnumbered(partner_id: UUID) -> bool:
    """Whether a change waits for its number (actions/number_feed.py gives it)."""
    return PartnerChange.objects.filter(partner=partner_id, number__isnull=True).exists()


def changes(partner_id: UUID, *, after: int, limit: int, is_practice: bool = False) -> list[Row]:
    """Up to `limit` + 1 changes behind number `after`, in order."""
    rows = PartnerChange.objects.filter(partner=partner_id, number__gt=after, referral__case__is_practice=is_practice)
    return list(rows.order_by("number").values(*_COLUMNS)[: limit + 1])
