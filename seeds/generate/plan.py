"""Which life each case has, and when it began. Pure: the same numbers give the same plan."""

from bisect import bisect
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import accumulate
from random import Random

from cases.deadlines import WorkingCalendar, due_at

from .mould import Clock, Mould

_DAY = timedelta(days=1)
_STEP = timedelta(minutes=10)
_TRIES = 4
_GROWN = 70.0  # days; from then on only lives that have ended are met, and all of them
Calendars = dict[tuple[str, int], WorkingCalendar]  # by side and member of the family; -1: the side's own


@dataclass
class Plan:
    """`cases` in all, spread over so many `days` before `until`, the oldest first."""

    moulds: Sequence[Mould]
    calendars: Calendars
    until: datetime
    cases: int
    days: int
    _allowed: dict[tuple[int, timedelta], bool] = field(default_factory=dict)
    _ends: dict[Clock, datetime] = field(default_factory=dict)
    _ages: list[tuple[float, float]] = field(init=False)  # of each mould: the youngest and the oldest it can be
    _old: tuple[list[int], list[float]] = field(init=False)

    def __post_init__(self) -> None:
        youngest = [(self.until - mould.begins) / _DAY for mould in self.moulds]
        self._ages = [(own, own + max(mould.slack, 0.05)) for own, mould in zip(youngest, self.moulds, strict=True)]
        self._old = self._of_age(_GROWN)

    def life(self, number: int, rng: Random) -> tuple[Mould, timedelta]:
        """The mould of case `number`, and by how much earlier than its own life it lies."""
        age = self.days * (1 - (number + rng.random()) / self.cases)
        place = self._choose(age, rng)
        return self.moulds[place], self._shift(place, age, rng)

    def _choose(self, age: float, rng: Random) -> int:
        places, weights = self._of_age(age) if age < _GROWN else self._old
        return places[bisect(weights, rng.random() * weights[-1])]

    def _of_age(self, age: float) -> tuple[list[int], list[float]]:
        fitting = [place for place, (youngest, oldest) in enumerate(self._ages) if youngest <= age <= oldest]
        if not fitting:  # minutes old: the youngest life there is
            fitting = [min(range(len(self._ages)), key=lambda place: self._ages[place])]
        return fitting, list(accumulate(self.moulds[place].weight for place in fitting))

    def _shift(self, place: int, age: float, rng: Random) -> timedelta:
        """As near to that age as its clocks allow: moved in time they must end as they would have ended then."""
        mould = self.moulds[place]
        most = mould.slack * _DAY
        wanted = min(max((age - self._ages[place][0]) * _DAY, timedelta(0)), most)
        whole = round(wanted / _DAY) * _DAY
        tries = [] if mould.by_days else [wanted // _STEP * _STEP]
        tries += [] if mould.by_days else [whole + rng.randint(-18, 18) * _STEP for _ in range(_TRIES)]
        tries += [whole + sign * days * _DAY for days in range(8) for sign in (1, -1)]
        tries += [whole // (7 * _DAY) * 7 * _DAY]
        found = (one for one in tries if timedelta(0) <= one <= most and self._may_move(place, one))
        return next(found, timedelta(0))

    def _may_move(self, place: int, shift: timedelta) -> bool:
        key = (place, shift)
        if key not in self._allowed:
            self._allowed[key] = all(self._ends_alike(clock, shift) for clock in self.moulds[place].clocks)
        return self._allowed[key]

    def _ends_alike(self, clock: Clock, shift: timedelta) -> bool:
        calendar = self.calendars[clock.side, clock.member]
        then = due_at(clock.start - shift, clock.hours, clock.urgency, calendar)
        if clock not in self._ends:
            self._ends[clock] = due_at(clock.start, clock.hours, clock.urgency, calendar)
        return then + shift == self._ends[clock]
