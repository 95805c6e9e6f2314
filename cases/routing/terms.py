"""By which partners are ranked: weights, prices and reserve as set, and the prices of the day. Pure."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from types import MappingProxyType
from typing import Any, NamedTuple
from uuid import UUID

from django.utils.translation import gettext_noop as _

from cases.routing.prices import NO_PRICES, Price, PriceSetting
from cases.routing.reserve import ReserveSetting

URGENCIES = frozenset({1, 2, 3, 4})
LONGEST_HOLD = 720  # hours: 30 days, after which nothing may be kept from any case
MOST_WORTH = 100

UP_TO_1 = _("This must lie between 0 and 1.")
UP_TO_5 = _("This must lie between 0 and 5.")
UP_TO_HALF = _("This must lie between 0 and 0.5: at most half of the places can be kept.")
UP_TO_100 = _("This must be above 0 and at most 100.")
UP_TO_72_HOURS = _("This must lie between 1 and 72 hours.")
UP_TO_720_HOURS = _("This must lie between 0 and 720 hours: no case may wait longer than 30 days for the reserve.")
SUM = _("The six weights must add up to 1.")
FALLING = _("A less urgent case cannot be worth more than a more urgent one.")


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
        raise ValueError("; ".join(map(str, faults)))
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


class Fault(NamedTuple):
    at: str  # which number: "weights.free"
    what: str  # what is wrong with it, to be translated

    def __str__(self) -> str:
        return f"{self.at}: {self.what}"


def faults_of(definition: Any) -> list[Fault]:
    """What makes settings unusable; empty when they can be used."""
    try:
        return [fault for check in (_weights, _pricing, _reserve) for fault in check(definition)]
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        return [Fault("", f"cannot be read: {type(error).__name__} {error}")]


def _weights(definition: Any) -> list[Fault]:
    weights = definition["weights"]
    if set(weights) != {one.name for one in fields(Weights)}:
        raise ValueError("weights")
    faults = [Fault(f"weights.{name}", UP_TO_1) for name, one in weights.items() if not 0 <= _number(one) <= 1]
    return faults or ([Fault("weights", SUM)] if abs(sum(weights.values()) - 1) > 1e-6 else [])


def _pricing(definition: Any) -> list[Fault]:
    pricing = definition["prices"]
    worth = _by_urgency(pricing["worth"])
    if set(worth) != URGENCIES:
        raise ValueError("worth")
    found = [Fault(f"prices.{name}", UP_TO_5) for name in ("strength", "surge") if not 0 <= _number(pricing[name]) <= 5]
    for urgency, number in worth.items():
        if not 0 < number <= MOST_WORTH:
            found.append(Fault(f"prices.worth.{urgency}", UP_TO_100))
        elif number > worth.get(urgency - 1, number):
            found.append(Fault(f"prices.worth.{urgency}", FALLING))
    return found


def _reserve(definition: Any) -> list[Fault]:
    reserve = definition["reserve"]
    opens = _by_urgency(reserve["opens_after"])
    if set(opens) != {3, 4}:
        raise ValueError("opens_after")
    found = {
        Fault("reserve.share", UP_TO_HALF): not 0 <= _number(reserve["share"]) <= 0.5,
        Fault("reserve.scarce_from", UP_TO_100): not 0 < _number(reserve["scarce_from"]) <= MOST_WORTH,
        Fault("reserve.again_after", UP_TO_72_HOURS): not 1 <= _number(reserve["again_after"]) <= 72,
        **{
            Fault(f"reserve.opens_after.{urgency}", UP_TO_720_HOURS): not 0 <= hours <= LONGEST_HOLD
            for urgency, hours in opens.items()
        },
    }
    return [fault for fault, is_there in found.items() if is_there]


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise TypeError(f"{value!r} is no number")
    return value


def _by_urgency(values: Mapping[str, Any]) -> Mapping[int, Any]:
    return MappingProxyType({int(urgency): _number(value) for urgency, value in sorted(values.items())})
