"""What a wave adds to the price of a place: a raid, a dormitory emptied, a factory that does not pay. Pure.

Who has seen two cases of one category from one region within three days will see more. A place counts for as much as it
is likely that these take all that are free with those who could help.
"""

from collections import defaultdict
from collections.abc import Mapping
from uuid import UUID

from cases.routing.prices import DIGITS, Kind, PriceSetting

FROM = 2  # cases of one category and region: a wave may have begun
URGENCIES = (1, 2, 3, 4)


def surge_prices(
    recent: Mapping[Kind, int],
    takers: Mapping[Kind, Mapping[UUID, float]],
    urgencies: Mapping[str, Mapping[int, float]],
    free: Mapping[UUID, int],
    setting: PriceSetting,
) -> dict[UUID, float]:
    """`recent`: what came in within three days. `takers`: who could take the kind, and how well it fits (0 to 1).
    `urgencies`: by category, how many cases of each urgency usually come."""
    together: dict[tuple[str, str], int] = defaultdict(int)
    for kind, number in recent.items():
        together[kind.category, kind.region] += number
    prices: dict[UUID, float] = defaultdict(float)
    for kind, number in sorted(recent.items()):
        if together[kind.category, kind.region] < FROM:
            continue
        fits = takers.get(kind, {})
        ready = sum(max(0, free.get(one, 0)) for one in fits)
        worth = _worth_of_the_last(number * setting.surge, urgencies.get(kind.category, {}), ready, setting.worth)
        for one in sorted(fits):
            prices[one] += worth * fits[one]
    return {one: round(price, DIGITS) for one, price in prices.items() if round(price, DIGITS)}


def _worth_of_the_last(expected: float, usual: Mapping[int, float], ready: int, worth: Mapping[int, float]) -> float:
    """Of `ready` places the last: the most urgent come first, and each step of worth counts as often as that many come.

    How many come is geometric: of a wave nobody knows how long it is."""
    total, so_far, found = sum(usual.values()), 0.0, 0.0
    if not total:
        return 0.0
    for urgency in URGENCIES:
        so_far += expected * usual.get(urgency, 0.0) / total
        step = worth[urgency] - worth.get(urgency + 1, 0.0)
        found += step * (so_far / (1 + so_far)) ** ready
    return found
