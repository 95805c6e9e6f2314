"""Who declares to take what, how full everybody is, and how many cases of each kind are to be expected."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple, TypeVar
from uuid import UUID

from django.db.models import Count

from cases.models import Case, PartnerLanguage, PartnerOrganisation, Service, ServiceArea
from cases.queries.partners import loads

K = TypeVar("K")
COUNTED_DAYS = 180  # of past cases, from which what is to be expected is counted
HELD_DAYS = 24  # for how long a case keeps its place, on average


class CaseKind(NamedTuple):
    category: str
    country: str
    region: str | None
    language: str


@dataclass(frozen=True, slots=True)
class Network:
    """The active partners. Practice partners are no part of it, and who is paused keeps its places for later."""

    free: Mapping[UUID, int]
    by_category: Mapping[str, frozenset[UUID]]
    by_language: Mapping[str, frozenset[UUID]]
    by_area: Mapping[tuple[str, str | None], frozenset[UUID]]

    def takers(self, kind: CaseKind) -> frozenset[UUID]:
        """Who has the service, the area and the language, full or not."""
        nobody: frozenset[UUID] = frozenset()
        near = self.by_area.get((kind.country, None), nobody) | self.by_area.get((kind.country, kind.region), nobody)
        return near & self.by_category.get(kind.category, nobody) & self.by_language.get(kind.language, nobody)


def network() -> Network:
    active = PartnerOrganisation.objects.filter(is_active=True, is_practice=False)
    capacity = dict(active.order_by("pk").values_list("pk", "capacity"))
    load = loads(list(capacity))
    areas = ServiceArea.objects.values_list("partner", "country", "region")
    return Network(
        free={partner: places - load.get(partner, 0) for partner, places in capacity.items()},
        by_category=_partners_by(Service.objects.values_list("partner", "category"), capacity),
        by_language=_partners_by(PartnerLanguage.objects.values_list("partner", "language"), capacity),
        by_area=_partners_by(((partner, (country, region)) for partner, country, region in areas), capacity),
    )


def expected_cases(now: datetime) -> dict[tuple[CaseKind, int], float]:
    """By kind and urgency: how many come in while a place is held once, if it goes on as in the last half year."""
    since = now - timedelta(days=COUNTED_DAYS)
    rows = Case.objects.filter(received_at__gte=since, received_at__lt=now, is_practice=False).order_by()
    counted = rows.values_list("category", "country", "region", "language", "urgency").annotate(number=Count("pk"))
    return {
        (CaseKind(*kind), urgency): number * HELD_DAYS / COUNTED_DAYS for *kind, urgency, number in counted.iterator()
    }


def _partners_by(rows: Iterable[tuple[UUID, K]], known: Mapping[UUID, int]) -> dict[K, frozenset[UUID]]:
    found: dict[K, set[UUID]] = defaultdict(set)
    for partner, key in rows:
        if partner in known:
            found[key].add(partner)
    return {key: frozenset(partners) for key, partners in found.items()}
