"""By which partners are ranked: weights, prices and reserve as set, and the prices of the day. Pure."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from types import MappingProxyType
from typing import Any
from uuid import UUID

from cases.routing.prices import NO_PRICES, Price, PriceSetting
from cases.routing.reserve import ReserveSetting

URGENCIES = frozenset({1, 2, 3, 4})
LONGEST_HOLD = 720  # hours: 30 days, after which nothing may be kept from any case


@dataclass(frozen=True, slots=True)
class Weights:
    """Starting values. They sum to 1, so that a score reads as a share."""

    specialised: float = 0.20
    certain: float = 0.10  # takes this person for certain: no limit of age or gender that is not known to be met
    area: float = 0.20
    language: float = 0.15
    record: float = 0.20
    free: float = 0.15


WEIGHTS = Weights()


@dataclass(frozen=True, slots=True)
class Terms:
    weights: Weights = WEIGHTS
    pricing: PriceSetting = field(default_factory=PriceSetting)
    reserve: ReserveSetting = field(default_factory=ReserveSetting)
    prices: Mapping[UUID, Price] = field(default_factory=lambda: NO_PRICES)
    version: int = 0  # of the settings; 0: none are stored, the starting values above hold

    def __bool__(self) -> bool:
        return self.version > 0


TERMS = Terms()


def terms_of(definition: Mapping[str, Any], prices: Mapping[UUID, Price] = NO_PRICES, version: int = 0) -> Terms:
    """From what is stored. Raises ValueError when `faults_of` would find something."""
    if faults := faults_of(definition):
        raise ValueError("; ".join(faults))
    pricing, reserve = definition["prices"], definition["reserve"]
    return Terms(
        weights=Weights(**definition["weights"]),
        pricing=PriceSetting(pricing["strength"], pricing["surge"], _by_urgency(pricing["worth"])),
        reserve=ReserveSetting(
            reserve["share"], reserve["scarce_from"], _by_urgency(reserve["opens_after"]), reserve["again_after"]
        ),
        prices=prices,
        version=version,
    )


def faults_of(definition: Any) -> list[str]:
    """What makes settings unusable, in the words of the file; empty when they can be used."""
    try:
        return [fault for check in (_weights, _pricing, _reserve) for fault in check(definition)]
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        return [f"cannot be read: {type(error).__name__} {error}"]


def _weights(definition: Any) -> list[str]:
    weights = definition["weights"]
    wanted = {one.name for one in fields(Weights)}
    if set(weights) != wanted:
        return [f"weights must be exactly: {', '.join(sorted(wanted))}"]
    faults = [f"weights.{name} must lie between 0 and 1" for name, one in weights.items() if not 0 <= _number(one) <= 1]
    return faults or (["weights must sum to 1"] if abs(sum(weights.values()) - 1) > 1e-6 else [])


def _pricing(definition: Any) -> list[str]:
    pricing = definition["prices"]
    worth = _by_urgency(pricing["worth"])
    found = {
        "prices.strength must lie between 0 and 5": not 0 <= _number(pricing["strength"]) <= 5,
        "prices.surge must lie between 0 and 5": not 0 <= _number(pricing["surge"]) <= 5,
        "prices.worth must name urgencies 1 to 4, each above 0": set(worth) != URGENCIES or min(worth.values()) <= 0,
        "prices.worth must not grow from one urgency to the next": list(worth.values())
        != sorted(worth.values(), reverse=True),
    }
    return [fault for fault, is_there in found.items() if is_there]


def _reserve(definition: Any) -> list[str]:
    reserve = definition["reserve"]
    opens = _by_urgency(reserve["opens_after"])
    found = {
        "reserve.share must lie between 0 and 0.5": not 0 <= _number(reserve["share"]) <= 0.5,
        "reserve.scarce_from must not be below 0": not _number(reserve["scarce_from"]) >= 0,
        "reserve.opens_after must name urgencies 3 and 4, up to 720 hours": set(opens) != {3, 4}
        or not all(0 <= hours <= LONGEST_HOLD for hours in opens.values()),
        "reserve.again_after must lie between 1 and 72 hours": not 1 <= _number(reserve["again_after"]) <= 72,
    }
    return [fault for fault, is_there in found.items() if is_there]


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise TypeError(f"{value!r} is no number")
    return value


def _by_urgency(values: Mapping[str, Any]) -> Mapping[int, Any]:
    return MappingProxyType({int(urgency): _number(value) for urgency, value in sorted(values.items())})
