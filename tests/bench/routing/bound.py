"""What no policy can exceed: a linear programme that knows the future.

It knows every arrival, how long each case will take, and who would accept it; it may wait, may split a case between
partners, and needs no offers. One variable says how much of a case begins with a partner on a day; a case is placed at
most once; on no day does a partner hold more than it has places for.

A case occupies its place on a run of days, so the rows of two neighbouring days differ only by what begins and what
ends. The programme is written with these differences (held today = held yesterday + begun − ended), which keeps it
sparse: three numbers a variable instead of one for every day held.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy
from scipy.optimize import linprog
from scipy.sparse import csr_matrix

from .world import ACCEPTS, World, value


class _Start(NamedTuple):
    """A placement that is worth something."""

    worth: float
    case: int
    partner: int
    day: int


def upper_bound(world: World) -> float:
    """The most that `scorer.total_value` can be for any play in this world."""
    starts = list(_starts(world))
    if not starts:
        return 0.0
    places = [partner.capacity for partner in world.partners for _ in range(world.size.days)]
    solved = linprog(
        # Columns: the starts, then what each partner holds on each day, between 0 and its places.
        c=numpy.concatenate([[-start.worth for start in starts], numpy.zeros(len(places))]),
        A_ub=_once(starts, len(world.cases), len(places)),
        b_ub=numpy.ones(len(world.cases)),
        A_eq=_held(starts, world, len(places)),
        b_eq=numpy.zeros(len(places)),
        bounds=[(0, None)] * len(starts) + [(0, number) for number in places],
        method="highs-ipm",  # a quarter of the time of the simplex method; it ends with a crossover, as exactly
    )
    if solved.status != 0:
        raise RuntimeError(f"the bound of seed {world.seed} was not found: {solved.message}")
    return float(-solved.fun)


def _once(starts: Sequence[_Start], cases: int, places: int) -> csr_matrix:
    """No more than the whole of each case begins."""
    rows, columns = [start.case for start in starts], range(len(starts))
    return csr_matrix((numpy.ones(len(starts)), (rows, columns)), shape=(cases, len(starts) + places))


def _held(starts: Sequence[_Start], world: World, places: int) -> csr_matrix:
    """Held today − held yesterday − begun today + ended today = 0, for each partner and day."""
    days = world.size.days
    entries = []  # row, column, number
    for column, start in enumerate(starts):
        entries.append((start.partner * days + start.day, column, -1.0))
        if (end := start.day + world.hidden.days[start.case]) < days:
            entries.append((start.partner * days + end, column, 1.0))
    for row in range(places):
        entries.append((row, len(starts) + row, 1.0))
        if row % days:
            entries.append((row, len(starts) + row - 1, -1.0))
    rows, columns, numbers = zip(*entries, strict=True)
    return csr_matrix((numbers, (rows, columns)), shape=(places, len(starts) + places))


def _starts(world: World) -> Iterator[_Start]:
    for case in world.cases:
        for partner, answer in world.hidden.answers[case.number].items():
            if answer == ACCEPTS:
                for day in range(case.day, min(case.last_day + 1, world.size.days)):
                    yield _Start(value(case, world.partners[partner], day), case.number, partner, day)
