"""A partner's own referrals. Lists read no encrypted column; what may be shown is disclosure's to say."""

from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from cases.disclosure import COMPLETED_READABLE
from cases.models import Referral
from cases.queries.referral_rows import Place, Row, read_rows
from cases.workflow import ASSIGNED, ReferralState

EARLIEST: Place = (datetime(1970, 1, 1, tzinfo=UTC), UUID(int=0))


@dataclass(frozen=True, slots=True)
class Filters:
    """Empty means all."""

    state: str = ""
    urgency: int | None = None
    category: str = ""
    language: str = ""
    updated_after: datetime | None = None

    def given(self) -> dict[str, Any]:
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: value for name, value in values.items() if value}


def partner_referrals(
    partner_id: UUID, filters: Filters, *, after: Place | None, limit: int, is_practice: bool = False
) -> list[Row]:
    """Up to `limit` + 1 rows in the order of their last change: a row that changes while somebody pages moves to the
    end and is not missed. One query, the same cost at any depth (index referral_by_partner)."""
    return read_rows(partner_id, is_practice, after=after, limit=limit + 1, **filters.given())


def assigned_cases(
    partner_id: UUID, filters: Filters, *, after: Place | None, limit: int, now: datetime, is_practice: bool = False
) -> list[Row]:
    """The referrals by which the partner has a case, in the same order. One query."""
    return read_rows(
        partner_id,
        is_practice,
        after=after,
        limit=limit + 1,
        assigned_since=now - COMPLETED_READABLE,
        **filters.given(),
    )


def partner_referral(partner_id: UUID, referral_id: UUID, *, is_practice: bool = False) -> Referral | None:
    """With case, partner and agreement versions in memory; None for another partner's as for an unknown one."""
    return _whole(_own(partner_id, is_practice).filter(pk=referral_id))


def assigned_case(partner_id: UUID, reference: str, *, now: datetime, is_practice: bool = False) -> Referral | None:
    """The referral by which the partner has the case with this reference. A case offered, lost or never seen: None."""
    just_completed = Q(state=ReferralState.COMPLETED, ended_at__gt=now - COMPLETED_READABLE)
    rows = _own(partner_id, is_practice).filter(Q(state__in=ASSIGNED) | just_completed, case__reference=reference)
    return _whole(rows.order_by("-round"))


def access_ends(now: datetime, limit: int, *, after: Place = EARLIEST) -> list[tuple[datetime, UUID, UUID]]:
    """Referrals completed 30 days ago at whose end nobody has looked yet: when each ended, its id and its case, in this
    order. What earlier nights have done is not read again (index referral_access_ends)."""
    ended_at, pk = after
    later = Q(ended_at__gt=ended_at) | Q(ended_at=ended_at, pk__gt=pk)
    rows = _ends_of_access(now).filter(later, ended_at__gte=ended_at).order_by("ended_at", "pk")
    found = rows.values_list("ended_at", "pk", "case")[:limit]
    return [(at, referral_id, case_id) for at, referral_id, case_id in found if at is not None]


def may_end_access(referral_id: UUID, now: datetime) -> bool:
    """Asked again under the lock of its case."""
    return _ends_of_access(now).filter(pk=referral_id).exists()


def _ends_of_access(now: datetime) -> QuerySet[Referral]:
    before = now - COMPLETED_READABLE
    return Referral.objects.filter(state=ReferralState.COMPLETED, access_ended_at__isnull=True, ended_at__lte=before)


def _own(partner_id: UUID, is_practice: bool) -> QuerySet[Referral]:
    """Practice clients see invented cases only, all others real ones only."""
    return Referral.objects.filter(partner=partner_id, case__is_practice=is_practice)


def _whole(rows: QuerySet[Referral]) -> Referral | None:
    return rows.select_related("case", "partner", "agreement_version", "memorandum_version").first()
