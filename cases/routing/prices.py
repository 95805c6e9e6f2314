"""What a place with a partner is worth to the cases still to come: the price of scarce capacity (domain.md §8). Pure.

A price has two parts. The usual one is worked out every night from what came in over half a year (opportunity.py): one
number for each number of places that are free. The surge is worked out anew every quarter of an hour (surge.py): where
several cases of a kind came in within days, more of them will. docs/routing.md tells how the numbers come about.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import NamedTuple
from uuid import UUID

DIGITS = 4


class Kind(NamedTuple):
    """Of case: for these three a partner has a service, an area and a language, or it has not."""

    category: str
    region: str
    language: str


@dataclass(frozen=True, slots=True)
class PriceSetting:
    strength: float = 0.0  # how strongly a price holds ordinary cases back; 0: it does not, 1: as much as it says
    surge: float = 0.0  # of a kind that comes in waves: how many more are expected for each that came in three days
    worth: Mapping[int, float] = field(default_factory=lambda: MappingProxyType({1: 8.0, 2: 4.0, 3: 2.0, 4: 1.0}))


@dataclass(frozen=True, slots=True)
class Price:
    """Of a place with one partner: `by_free[0]` is that of the last one free, `by_free[1]` of the last but one …"""

    by_free: tuple[float, ...] = ()
    surge: float = 0.0

    def now(self, free: int) -> float:
        if free < 1:
            return 0.0
        usual = self.by_free[min(free, len(self.by_free)) - 1] if self.by_free else 0.0
        return round(usual + self.surge, DIGITS)


NO_PRICES: Mapping[UUID, Price] = MappingProxyType({})
NO_PRICE = Price()
