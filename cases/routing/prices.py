"""What a place with a partner is worth to the cases still to come: the price of scarce capacity (domain.md §8). Pure.

price of a partner = strength × Σ over the kinds of case that it could take: their expected worth × fade to the power of
the free places of all who could take them

A kind that ten free places are ready for adds next to nothing; one for which this partner's place is the last adds
nearly all that is expected. So the price is high where need is large, urgent, and met by nobody else. It is worked out
for all partners at once, every night (`price_list`); at a decision only the partner's own places are looked at anew
(`price_now`). docs/routing.md tells how the numbers come about.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import NamedTuple
from uuid import UUID

DIGITS = 4
COUNTED = 60  # free places: with more than these nothing is left of the price


class Kind(NamedTuple):
    """Of case: for these three a partner has a service, an area and a language, or it has not."""

    category: str
    region: str
    language: str


class Pool(NamedTuple):
    """Partners who could take the same kinds of case, and what these are worth together."""

    takers: tuple[UUID, ...]
    worth: float


@dataclass(frozen=True, slots=True)
class PriceSetting:
    strength: float = 0.0  # 0: no prices, and nothing is kept free by them
    fade: float = 0.5  # how much less each further free place leaves of the price
    worth: Mapping[int, float] = field(default_factory=lambda: MappingProxyType({1: 8.0, 2: 4.0, 3: 2.0, 4: 1.0}))
    counted: Mapping[int, float] = field(default_factory=lambda: MappingProxyType({1: 1.0, 2: 1.0, 3: 1.0, 4: 1.0}))


@dataclass(frozen=True, slots=True)
class Price:
    """Of one place with a partner, when it had `free` places."""

    amount: float
    free: int


NO_PRICES: Mapping[UUID, Price] = MappingProxyType({})


def expected_worth(cases: Mapping[tuple[Kind, int], float], setting: PriceSetting) -> dict[Kind, float]:
    """`cases`: by kind and urgency, how many are to be expected while a place is held once. Their worth, by kind."""
    worth: dict[Kind, float] = defaultdict(float)
    for (kind, urgency), number in sorted(cases.items()):
        worth[kind] += number * setting.worth[urgency] * setting.counted[urgency]
    return dict(worth)


def pools(worth: Mapping[Kind, float], takers: Mapping[Kind, Iterable[UUID]]) -> tuple[Pool, ...]:
    """`takers`: who could take a case of this kind, full or not. Kinds with the same takers fall together."""
    together: dict[tuple[UUID, ...], float] = defaultdict(float)
    for kind in sorted(worth):
        together[tuple(sorted(takers.get(kind, ())))] += worth[kind]
    return tuple(Pool(who, number) for who, number in sorted(together.items()) if who)


def price_list(pooled: Iterable[Pool], free: Mapping[UUID, int], setting: PriceSetting) -> dict[UUID, Price]:
    """Of a place with each partner that has a number in `free`. Adds up in one order: the same anywhere."""
    amounts = dict.fromkeys(free, 0.0)
    for pool in pooled:
        ready = sum(max(0, free[partner_id]) for partner_id in pool.takers)
        share = setting.strength * pool.worth * setting.fade ** min(COUNTED, ready)
        for partner_id in pool.takers:
            amounts[partner_id] += share
    return {partner_id: Price(round(amount, DIGITS), free[partner_id]) for partner_id, amount in amounts.items()}


def price_now(price: Price | None, free: int, setting: PriceSetting) -> float:
    """With the places that are free now. Without a price (a new partner): nothing."""
    if price is None:
        return 0.0
    return round(price.amount * setting.fade ** (min(free, COUNTED) - min(price.free, COUNTED)), DIGITS)
