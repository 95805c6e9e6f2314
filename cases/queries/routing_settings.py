"""Weights, prices and reserve in force, and the price list of the day, as stored."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cases.models import PriceList, RoutingSetting


@dataclass(frozen=True, slots=True)
class RoutingSettings:
    """`prices`: of a place with each partner that has one, and its free places when it was priced."""

    version: int
    definition: Mapping[str, Any]
    prices: Mapping[str, tuple[float, int]]


def routing_settings() -> RoutingSettings | None:
    """The newest active version, with its newest price list; None: nothing is stored."""
    setting = RoutingSetting.objects.filter(is_active=True).order_by("-version").first()
    if setting is None:
        return None
    newest = PriceList.objects.filter(settings_version=setting.version).order_by("-id").first()
    return RoutingSettings(setting.version, setting.definition, newest.prices if newest else {})
