"""Weights, prices and reserve in force, and the price list of the day, as stored."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cases.models import PriceList, RoutingSetting


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
