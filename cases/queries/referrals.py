"""A partner's own referrals. Lists read no encrypted column; what may be shown is disclosure's to say."""

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from cases.disclosure import COMPLETED_READABLE
from cases.models import Referral
from cases.queries.referral_rows import Place, Row, read_rows
from cases.workflow import ASSIGNED, ReferralState
from intake.models import PartnerErasure


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


def access_ends(now: datetime, limit: int, *, referral_id: UUID | None = None) -> list[tuple[UUID, UUID]]:
    """Referrals completed 30 days ago (and their cases) whose partner has not been told to erase yet, oldest first."""
    told = PartnerErasure.objects.filter(referral_ref=OuterRef("pk"))
    rows = Referral.objects.filter(~Exists(told), state=ReferralState.COMPLETED, ended_at__lte=now - COMPLETED_READABLE)
    if referral_id is not None:
        rows = rows.filter(pk=referral_id)
    return list(rows.order_by("ended_at", "pk").values_list("pk", "case")[:limit])


def _own(partner_id: UUID, is_practice: bool) -> QuerySet[Referral]:
    """Practice clients see invented cases only, all others real ones only."""
    return Referral.objects.filter(partner=partner_id, case__is_practice=is_practice)


def _whole(rows: QuerySet[Referral]) -> Referral | None:
    return rows.select_related("case", "partner", "agreement_version", "memorandum_version").first()
