"""Coded rows for the figures. No person's field is read; practice cases are left out; both sides count together."""

from collections.abc import Iterable
from datetime import UTC, datetime, time

from django.db.models import Count as SqlCount

from cases.models import Case
from cases.statistics.definitions import CURRENT, Definition
from cases.statistics.tables import Count, Quarter, Table, build_table


def figures(*, quarter: Quarter, country: str, categories: Iterable[str], definition: Definition = CURRENT) -> Table:
    """Cases received in the quarter (UTC) from people staying in `country`, in the given categories."""
    rows = (
        Case.objects.filter(
            is_practice=False,
            country=country,
            category__in=list(categories),
            received_at__gte=_start(quarter),
            received_at__lt=_start(quarter.next),
        )
        .values_list("category_id", "region_id")
        .annotate(number=SqlCount("id"))
        .order_by()
    )
    counts = [Count(category=category, region=region or "", number=number) for category, region, number in rows]
    return build_table(counts, definition=definition)


def _start(quarter: Quarter) -> datetime:
    return datetime.combine(quarter.first_day, time.min, tzinfo=UTC)
