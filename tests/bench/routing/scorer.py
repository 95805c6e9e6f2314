"""What a play was worth: the figures by which policies are compared (bars.md, "Routing quality")."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

from .play import Played
from .world import HOURS, URGENT, value


@dataclass(frozen=True, slots=True)
class Score:
    value: float  # sum over the placements: urgency × fit × timeliness
    urgent_same_day: float  # of the urgent cases that fit any partner: placed on the calendar day of arrival
    ordinary_placed: float  # of the others that fit any partner: placed while it was worth anything
    offers_per_accepted: float
    gini: float  # of the partners' loads: hours held / hours of all places


def score(played: Played) -> Score:
    world = played.world
    placed = {one.case: one for one in played.placements}
    urgent, ordinary = [], []
    for case in world.cases:
        if world.fitting[case.number]:
            (urgent if case.urgency in URGENT else ordinary).append(case)
    same_day = sum(1 for case in urgent if case.number in placed and placed[case.number].hour // HOURS == case.day)
    hours = world.size.days * HOURS
    loads = [held / (partner.capacity * hours) for held, partner in zip(played.busy, world.partners, strict=True)]
    return Score(
        value=total_value(played),
        urgent_same_day=_share(same_day, len(urgent)),
        ordinary_placed=_share(sum(1 for case in ordinary if case.number in placed), len(ordinary)),
        offers_per_accepted=played.offers / max(1, len(placed)),
        gini=gini(loads),
    )


def total_value(played: Played) -> float:
    world = played.world
    return sum(
        value(world.cases[one.case], world.partners[one.partner], one.hour // HOURS) for one in played.placements
    )


def gini(numbers: Sequence[float]) -> float:
    """0: all alike. The mean difference between any two, as a share of twice the mean."""
    ordered = sorted(numbers)
    total = sum(ordered)
    if not total:
        return 0.0
    return (len(ordered) + 1 - 2 * sum(accumulate(ordered)) / total) / len(ordered)


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 1.0
