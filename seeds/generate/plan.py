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

    def life(self, number: int, rng: Random) -> tuple[Mould, timedelta]:
        """The mould of case `number`, and by how much earlier than its own life it lies."""
        age = self.days * (1 - (number + rng.random()) / self.cases)
        place = self._choose(age, rng)
        return self.moulds[place], self._shift(place, age, rng)

    def _choose(self, age: float, rng: Random) -> int:
        places, weights = self._of_age(age if age < 60 else 60.0)
        return places[bisect(weights, rng.random() * weights[-1])]

    def _of_age(self, age: float) -> tuple[list[int], list[float]]:
        fitting = [place for place, mould in enumerate(self.moulds) if self._is_of_age(mould, age)]
        if not fitting:  # minutes old: the youngest life there is
            fitting = [min(range(len(self.moulds)), key=lambda place: self._own_age(self.moulds[place]))]
        return fitting, list(accumulate(self.moulds[place].weight for place in fitting))

    def _own_age(self, mould: Mould) -> float:
        return (self.until - mould.begins) / _DAY

    def _is_of_age(self, mould: Mould, age: float) -> bool:
        return self._own_age(mould) <= age <= max(self._own_age(mould) + mould.slack, self._own_age(mould) + 0.05)

    def _shift(self, place: int, age: float, rng: Random) -> timedelta:
        """As near to that age as its clocks allow: moved in time they must end as they would have ended then."""
        mould = self.moulds[place]
        most = mould.slack * _DAY
        wanted = min(max((age - self._own_age(mould)) * _DAY, timedelta(0)), most)
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
