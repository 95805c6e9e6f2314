"""A partner's own referrals as plain rows. Lists read no encrypted column; what may be shown is disclosure's to say."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import CharField, Func, Q, QuerySet

from cases.disclosure import COMPLETED_READABLE, TIMES
from cases.models import Referral
from cases.workflow import ASSIGNED, ReferralState

Row = dict[str, Any]  # moments are RFC 3339 text in UTC
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
)
_COLUMNS = (*_PLAIN, *TIMES)


class Rfc3339(Func):
    """A moment as the text that goes out. Reading seven moments a row as objects costs more than the query itself."""

    output_field = CharField()

    def as_sql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return super().as_sql(compiler, connection, template="replace(%(expressions)s, ' ', 'T') || 'Z'", **context)

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        pattern = """'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'"""
        template = f"to_char(%(expressions)s AT TIME ZONE 'UTC', {pattern})"
        return super().as_sql(compiler, connection, template=template, **context)


@dataclass(frozen=True, slots=True)
class Filters:
    """Empty means all."""

    state: str = ""
    urgency: int | None = None
    category: str = ""
    language: str = ""
    updated_after: datetime | None = None

    def of(self, rows: QuerySet[Referral]) -> QuerySet[Referral]:
        exact: Mapping[str, Any] = {
            "state": self.state,
            "case__urgency": self.urgency,
            "category": self.category,
            "case__language": self.language,
            "updated_at__gt": self.updated_after,
        }
        return rows.filter(**{name: value for name, value in exact.items() if value})


def partner_referrals(
    partner_id: UUID, filters: Filters, *, after: Place | None, limit: int, is_practice: bool = False
) -> list[Row]:
    """Up to `limit` + 1 rows in the order of their last change: a row that changes while somebody pages moves to the
    end and is not missed. One query, the same cost at any depth (index referral_by_partner)."""
    return _page(_own(partner_id, is_practice), filters, after, limit)


def assigned_cases(
    partner_id: UUID, filters: Filters, *, after: Place | None, limit: int, now: datetime, is_practice: bool = False
) -> list[Row]:
    """The referrals by which the partner has a case, in the same order. One query."""
    return _page(_own(partner_id, is_practice).filter(_assigned(now)), filters, after, limit)


def partner_referral(partner_id: UUID, referral_id: UUID, *, is_practice: bool = False) -> Referral | None:
    """With case and agreement versions in memory; None for another partner's as for an unknown one."""
    return _whole(_own(partner_id, is_practice).filter(pk=referral_id))


def assigned_case(partner_id: UUID, reference: str, *, now: datetime, is_practice: bool = False) -> Referral | None:
    """The referral by which the partner has the case with this reference. A case offered, lost or never seen: None."""
    rows = _own(partner_id, is_practice).filter(_assigned(now), case__reference=reference)
    return _whole(rows.order_by("-round"))


def _own(partner_id: UUID, is_practice: bool) -> QuerySet[Referral]:
    """Practice clients see invented cases only, all others real ones only."""
    return Referral.objects.filter(partner=partner_id, case__is_practice=is_practice)


def _assigned(now: datetime) -> Q:
    just_completed = Q(state=ReferralState.COMPLETED, ended_at__gt=now - COMPLETED_READABLE)
    return Q(state__in=ASSIGNED) | just_completed


def _page(rows: QuerySet[Referral], filters: Filters, after: Place | None, limit: int) -> list[Row]:
    rows = filters.of(rows)
    if after is not None:
        at, row = after
        # The first condition alone bounds the index; the second leaves out what was shown at that very moment.
        rows = rows.filter(updated_at__gte=at).exclude(updated_at=at, pk__lte=row)
    return _read(rows.order_by("updated_at", "id")[: limit + 1])


def _read(rows: QuerySet[Referral]) -> list[Row]:
    """Compiled by the ORM, read without its converters: ids, moments and reasons come as they are."""
    statement = rows.values_list(*_PLAIN, *(Rfc3339(name) for name in TIMES)).query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(*statement)
        return [_row(values) for values in cursor.fetchall()]


def _row(values: tuple[Any, ...]) -> Row:
    row = dict(zip(_COLUMNS, values, strict=True))
    row["id"] = str(row["id"]) if isinstance(row["id"], UUID) else str(UUID(row["id"]))
    row["case__urgency_reasons"] = json.loads(row["case__urgency_reasons"])
    return row


def _whole(rows: QuerySet[Referral]) -> Referral | None:
    return rows.select_related("case", "partner", "agreement_version", "memorandum_version").first()
