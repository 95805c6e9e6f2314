"""Who declares to take what, how full everybody is, and how many cases of each kind are to be expected."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple, TypeVar
from uuid import UUID

from django.db.models import Count, QuerySet

from cases.models import Case, PartnerLanguage, PartnerOrganisation, Service, ServiceArea
from cases.queries.partners import loads

K = TypeVar("K")
COUNTED_DAYS = 180  # of past cases, from which what is to be expected is counted
HELD_DAYS = 24  # for how long a case keeps its place, on average
WAVE_DAYS = 3
_KIND = ("category", "country", "region", "language")


class CaseKind(NamedTuple):
    category: str
    country: str
    region: str | None
    language: str


class Match(NamedTuple):
    """How a partner takes a kind of case."""

    is_specialised: bool
    by_name: bool  # it names the region; else it works in the whole country
    is_remote: bool
    by_interpreter: bool


@dataclass(frozen=True, slots=True)
class Network:
    """The active partners. Practice partners are no part of it, and who is paused keeps its places for later."""

    capacity: Mapping[UUID, int]
    by_category: Mapping[str, Mapping[UUID, bool]]  # is specialised
    by_language: Mapping[str, Mapping[UUID, bool]]  # by interpreter
    by_area: Mapping[tuple[str, str | None], Mapping[UUID, bool]]  # is remote

    def takers(self, kind: CaseKind) -> dict[UUID, Match]:
        """Who has the service, the area and the language, full or not."""
        speaks = self.by_language.get(kind.language, {})
        return {
            partner: Match(is_specialised, *near, speaks[partner])
            for partner, is_specialised in self.by_category.get(kind.category, {}).items()
            if partner in speaks and (near := self._near(partner, kind)) is not None
        }

    def _near(self, partner: UUID, kind: CaseKind) -> tuple[bool, bool] | None:
        named = self.by_area.get((kind.country, kind.region), {}) if kind.region is not None else {}
        if partner in named and not named[partner]:
            return True, False
        whole = self.by_area.get((kind.country, None), {})
        if partner in whole:
            return False, whole[partner]
        return (True, True) if partner in named else None


def network() -> Network:
    active = PartnerOrganisation.objects.filter(is_active=True, is_practice=False)
    capacity = dict(active.order_by("pk").values_list("pk", "capacity"))
    areas = ServiceArea.objects.values_list("partner", "country", "region", "is_remote")
    return Network(
        capacity=capacity,
        by_category=_partners_by(Service.objects.values_list("partner", "category", "is_specialised"), capacity),
        by_language=_partners_by(
            PartnerLanguage.objects.values_list("partner", "language", "by_interpreter"), capacity
        ),
        by_area=_partners_by(((one, (country, region), far) for one, country, region, far in areas), capacity),
    )


def free_places(partners: Network) -> dict[UUID, int]:
    load = loads(list(partners.capacity))
    return {partner: places - load.get(partner, 0) for partner, places in partners.capacity.items()}


def expected_cases(now: datetime) -> dict[tuple[CaseKind, int], float]:
    """By kind and urgency: how many come in while a place is held once, if it goes on as in the last half year."""
    counted = _came_in(now - timedelta(days=COUNTED_DAYS), now).values_list(*_KIND, "urgency")
    return {
        (CaseKind(*kind), urgency): number * HELD_DAYS / COUNTED_DAYS
        for *kind, urgency, number in counted.annotate(number=Count("pk")).iterator()
    }


def recent_cases(now: datetime) -> dict[CaseKind, int]:
    """By kind: how many came in within the days in which a wave is seen."""
    counted = _came_in(now - timedelta(days=WAVE_DAYS), now).values_list(*_KIND).annotate(number=Count("pk"))
    return {CaseKind(*kind): number for *kind, number in counted}


def _came_in(since: datetime, until: datetime) -> QuerySet[Case]:
    return Case.objects.filter(received_at__gte=since, received_at__lt=until, is_practice=False).order_by()


def _partners_by(rows: Iterable[tuple[UUID, K, bool]], known: Mapping[UUID, int]) -> dict[K, dict[UUID, bool]]:
    found: dict[K, dict[UUID, bool]] = defaultdict(dict)
    for partner, key, how in rows:
        if partner in known:
            found[key][partner] = how
    return dict(found)
