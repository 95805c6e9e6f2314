"""The usual price of a place: what the cases still to come lose when one place fewer is free. Pure.

For one partner alone this is exact: cases come at random, each is worth something to it, a place is held for a while,
and the best rule for whom to take is known (dynamic programming over the number of places held). The price of a place
is the difference between two neighbouring states of that rule.

Partners are not alone. So a case is worth to a partner only what it gains *there over its next best choice* among the
others at their prices, each as full as it usually is. Prices, and how full everybody is, follow from one another; they
are found by going round a few times. What is drawn is drawn from a fixed seed: the same facts give the same prices.
"""

import random
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import NamedTuple
from uuid import UUID

ROUNDS = 7
DRAWN = 16  # states of all partners together, in each round
HALVINGS = 40
MOST_PLACES = 200  # further ones change no price
DIGITS = 4
_FULL = float("inf")


class Demand(NamedTuple):
    """Cases that are alike: how many come while a place is held once, and what one is worth to each who takes it."""

    number: float
    gains: tuple[tuple[UUID, float], ...]


@dataclass(slots=True)
class _Partner:
    places: int
    prices: list[float]  # by places held
    usual: list[float]  # how likely each number of places is held


def place_prices(demand: Iterable[Demand], capacity: Mapping[UUID, int]) -> dict[UUID, tuple[float, ...]]:
    """By partner: the price of a place when one is free, when two are, and so on. Nothing for who has no place."""
    wanted = _together(demand, {one for one, places in capacity.items() if places > 0})
    partners = {one: _new(min(capacity[one], MOST_PLACES)) for one in sorted(capacity) if capacity[one] > 0}
    chance = random.Random("prices of places")  # noqa: S311  the same every night, and no secret
    for turn in range(ROUNDS):
        for one, gains in _gains_over_others(wanted, partners, chance).items():
            _reprice(partners[one], gains, share=1.0 if turn == 0 else 0.5)
    return {
        one: tuple(round(price, DIGITS) for price in reversed(partner.prices))
        for one, partner in partners.items()
        if any(partner.prices)
    }


def _together(demand: Iterable[Demand], known: set[UUID]) -> list[Demand]:
    """What is worth the same to the same partners falls together; adds up in one order."""
    numbers: dict[tuple[tuple[UUID, float], ...], float] = defaultdict(float)
    for one in sorted(demand, key=lambda one: (one.gains, one.number)):
        numbers[tuple(gain for gain in one.gains if gain[0] in known)] += one.number
    return [Demand(number, gains) for gains, number in numbers.items() if gains]


def _new(places: int) -> _Partner:
    return _Partner(places, [0.0] * places, [1 / (places + 1)] * (places + 1))


def _gains_over_others(
    wanted: Sequence[Demand], partners: Mapping[UUID, _Partner], chance: random.Random
) -> dict[UUID, list[tuple[float, float]]]:
    """By partner: (what a case gains there over its next best choice, how many such cases)."""
    found: dict[UUID, list[tuple[float, float]]] = defaultdict(list)
    for _ in range(DRAWN):
        prices = {}
        for one, partner in partners.items():
            held = chance.choices(range(partner.places + 1), weights=partner.usual)[0]
            prices[one] = partner.prices[held] if held < partner.places else _FULL
        for number, gains in wanted:
            best, second, winner = _two_best(gains, prices)
            for one, gain in gains:
                over = gain - (second if one == winner else best)
                if over > 0:
                    found[one].append((over, number / DRAWN))
    return found


def _two_best(gains: Sequence[tuple[UUID, float]], prices: Mapping[UUID, float]) -> tuple[float, float, UUID | None]:
    best, second, winner = 0.0, 0.0, None
    for one, gain in gains:
        net = gain - prices[one]
        if net > best:
            best, second, winner = net, best, one
        elif net > second:
            second = net
    return best, second, winner


def _reprice(partner: _Partner, gains: list[tuple[float, float]], *, share: float) -> None:
    offered = _Offered(gains)
    exact = _differences(offered, partner.places)
    partner.prices = [old + share * (new - old) for old, new in zip(partner.prices, exact, strict=True)]
    likely = [1.0]
    for held in range(partner.places):
        likely.append(likely[-1] * offered.number_above(partner.prices[held]) / (held + 1))
    total = sum(likely)
    partner.usual = [one / total for one in likely]


class _Offered:
    """What comes to one partner, dearest first: sums of the numbers and of the gains."""

    def __init__(self, gains: list[tuple[float, float]]) -> None:
        gains.sort(reverse=True)
        self.falling = [-gain for gain, _number in gains]
        self.numbers = [0.0, *accumulate(number for _gain, number in gains)]
        self.worth = [0.0, *accumulate(gain * number for gain, number in gains)]
        # What is gained in a unit of time when only what exceeds the price of each of these is taken.
        self.flows = [
            worth + number * falling
            for worth, number, falling in zip(self.worth[1:], self.numbers[1:], self.falling, strict=True)
        ]

    @property
    def most(self) -> float:
        return self.worth[-1]

    def number_above(self, price: float) -> float:
        return self.numbers[bisect_left(self.falling, -price)]

    def price_at(self, flow: float) -> float:
        """The price at which this much is gained in a unit of time: the inverse of a falling, broken line."""
        if flow <= 0:
            return -self.falling[0]
        first = max(1, min(bisect_left(self.flows, flow), len(self.falling)))
        return max(0.0, (self.worth[first] - flow) / self.numbers[first])


def _differences(offered: _Offered, places: int) -> list[float]:
    """The value of each place less: found by halving what is gained on average, until the last state agrees too."""
    low, high = 0.0, offered.most
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        if _is_too_much(offered, places, middle):
            high = middle
        else:
            low = middle
    prices: list[float] = []
    for held in range(places):
        flow = high - (held * prices[-1] if held else 0.0)
        prices.append(offered.price_at(min(max(flow, 0.0), offered.most)))
    return prices


def _is_too_much(offered: _Offered, places: int, average: float) -> bool:
    price = 0.0
    for held in range(places):
        flow = average - held * price
        if not 0 <= flow <= offered.most:
            return flow > offered.most
        price = offered.price_at(flow)
    return average >= places * price
