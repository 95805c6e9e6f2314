"""Weights, prices and reserve in force, the price list of the day, and what shows the effect of both, as stored."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from cases.models import PartnerOrganisation, PriceList, RoutingDecision, RoutingSetting
from cases.queries.partners import load_column


@dataclass(frozen=True, slots=True)
class RoutingSettings:
    """`prices`, `surges`: as in PriceList, of the newest list made for these settings."""

    version: int
    definition: Mapping[str, Any]
    prices: Mapping[str, Sequence[float]]
    surges: Mapping[str, float]


def routing_settings() -> RoutingSettings | None:
    """The newest active version, with its newest price list; None: nothing is stored."""
    setting = RoutingSetting.objects.filter(is_active=True).order_by("-version").first()
    if setting is None:
        return None
    newest = newest_prices(setting.version)
    prices, surges = (newest.prices, newest.surges) if newest else ({}, {})
    return RoutingSettings(setting.version, setting.definition, prices, surges)


def newest_prices(version: int) -> PriceList | None:
    return PriceList.objects.filter(settings_version=version).order_by("-id").first()


def newest_version() -> int:
    return RoutingSetting.objects.order_by("-version").values_list("version", flat=True).first() or 0


def versions(number: int = 10) -> list[RoutingSetting]:
    return list(RoutingSetting.objects.select_related("created_by").order_by("-version")[:number])


class PartnerPlaces(NamedTuple):
    id: UUID
    labels: Mapping[str, str]
    slug: str
    capacity: int
    load: int


def partner_places(side: str, number: int = 200) -> list[PartnerPlaces]:
    """The active partners of a side with their places, in one statement."""
    rows = PartnerOrganisation.objects.filter(side=side, is_active=True, is_practice=False).annotate(held=load_column())
    columns = ("pk", "body__labels", "slug", "capacity", "held")
    return [PartnerPlaces(*row) for row in rows.order_by("slug").values_list(*columns)[:number]]


class PastDecision(NamedTuple):
    ranked: list[dict[str, Any]]
    urgency: int
    received_at: datetime
    at: datetime


def past_decisions(side: str, number: int = 200) -> list[PastDecision]:
    """The newest decisions of the side that had anybody to choose from. Holds nothing that leads to a case."""
    rows = RoutingDecision.objects.filter(case__side=side, case__is_practice=False).exclude(ranked=[])
    columns = ("ranked", "case__urgency", "case__received_at", "at")
    return [PastDecision(*row) for row in rows.order_by("-at").values_list(*columns)[:number]]
