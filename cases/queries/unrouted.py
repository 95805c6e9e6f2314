"""Cases that found no partner: why, in codes, and when they are tried again. For their page of the queue."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db.models import OuterRef, Subquery

from cases.models import Case, RoutingDecision

SWEEP_EVERY = timedelta(minutes=15)  # each case is tried at most once in so long, by the sweep
NAMED = 3  # reasons


def add_why(page: Sequence[dict[str, Any]], now: datetime) -> None:
    """Adds to each row `why`, (reason, how many partners) with the commonest first, and `next_try`. One statement.

    `why` names what is missing with the partners that come nearest, those with the fewest reasons against them. It is
    `held` where every place is kept for urgent cases, and empty where no decision could be made.
    """
    decisions = _newest([row["id"] for row in page])
    for row in page:
        row["why"] = _why(decisions.get(row["id"]))
        row["next_try"] = row["routing_wanted_at"] or max(now, (row["woken_at"] or now) + SWEEP_EVERY)


def _newest(case_ids: Sequence[Any]) -> Mapping[Any, RoutingDecision]:
    newest = RoutingDecision.objects.filter(case=OuterRef("pk")).order_by("-at", "-pk").values("pk")[:1]
    wanted = Case.objects.filter(pk__in=case_ids).annotate(newest=Subquery(newest)).values("newest")
    return {one.case_id: one for one in RoutingDecision.objects.filter(pk__in=wanted)}


def _why(decision: RoutingDecision | None) -> list[tuple[str, int]]:
    if decision is None:
        return []
    if decision.ranked:
        held = sum(bool(one.get("held")) for one in decision.ranked)
        return [("held", held)] if held else []
    fewest = min((len(one["reasons"]) for one in decision.rejected if _is_near(one)), default=None)
    near = [one for one in decision.rejected if _is_near(one) and len(one["reasons"]) == fewest]
    counted = Counter(code for one in near or decision.rejected for code in one["reasons"])
    return sorted(counted.items(), key=lambda one: (-one[1], one[0]))[:NAMED]


def _is_near(one: Mapping[str, Any]) -> bool:
    """It has such a service there: of the others nothing more was looked at."""
    return not set(one["reasons"]) & {"no_service", "out_of_area"}
