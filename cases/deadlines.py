"""Clocks, working hours, pauses and reminders (domain.md §2). Pure: `now` is passed in, no row is known.

Every moment is an aware datetime and is answered in UTC; hours are elapsed hours, also across a change of the clocks.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

# U1 and U2 run around the clock.
ROUND_THE_CLOCK = frozenset({1, 2})
# A calendar that does not open within this time is a mistake in the data; a clock must end all the same.
SEARCH_DAYS = 60
WORKING_HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class ClockHours:
    """Hours of the three clocks for one urgency."""

    triage: int
    answer: int
    contact: int


@dataclass(frozen=True)
class WorkingCalendar:
    """When somebody works: periods by weekday (0 = Monday) in local time, none on a holiday.

    A period that ends at or before its start runs past midnight: 22:00–06:00, or 00:00–00:00 for the whole day.
    """

    hours: Mapping[int, Sequence[tuple[time, time]]]
    zone: ZoneInfo
    holidays: frozenset[date] = field(default_factory=frozenset)


@dataclass(frozen=True)
class OpenInterval:
    """One working period, both ends included: an answer at the stroke of closing time is still an answer in time."""

    opens: datetime
    closes: datetime

    def contains(self, at: datetime) -> bool:
        return self.opens <= at <= self.closes


def is_open(calendar: WorkingCalendar, at: datetime) -> bool:
    period = _period_at_or_after(calendar, _utc(at))
    return period is not None and period.contains(_utc(at))


def next_opening(calendar: WorkingCalendar, at: datetime) -> datetime | None:
    """`at` itself while it is open, else the next opening; None if there is none within 60 days."""
    period = _period_at_or_after(calendar, _utc(at))
    return None if period is None else max(period.opens, _utc(at))


def opens_before(calendar: WorkingCalendar, start: datetime, end: datetime) -> bool:
    """Whether anybody works at some moment from `start` to `end`, both included."""
    opening = next_opening(calendar, start)
    return opening is not None and opening <= _utc(end)


def due_at(start: datetime, hours: int, urgency: int, calendar: WorkingCalendar) -> datetime:
    """The end of a clock of `hours` that began at `start`, for an urgency from 1 to 4."""
    return in_working_time(_utc(start) + timedelta(hours=hours), urgency=urgency, calendar=calendar)


def in_working_time(end: datetime, *, urgency: int, calendar: WorkingCalendar) -> datetime:
    """Moves the end of a U3–U4 clock that falls outside working time to the next working hour.

    That is the *end* of the first working hour (or of the working period, if it is shorter), not the moment of opening:
    a clock that ends when the door opens leaves nobody a minute in which to answer, which is the same as having ended
    the evening before. An end on closing time stays. Without an opening within 60 days the plain end stands.
    """
    end = _utc(end)
    if urgency in ROUND_THE_CLOCK:
        return end
    period = _period_at_or_after(calendar, end)
    if period is None or period.contains(end):
        return end
    return min(period.opens + WORKING_HOUR, period.closes)


def paused(due: datetime, paused_from: datetime, resumed_at: datetime) -> datetime:
    """The end of a clock that stood still meanwhile. What was already missed stays missed, and no pause shortens."""
    due, paused_from, resumed_at = _utc(due), _utc(paused_from), _utc(resumed_at)
    if paused_from >= due or resumed_at <= paused_from:
        return due
    return due + (resumed_at - paused_from)


def after_pause(
    due: datetime, paused_from: datetime, resumed_at: datetime, *, urgency: int, calendar: WorkingCalendar
) -> datetime:
    """As `paused`; an end that was moved out of working time goes on to the next working hour."""
    moved = paused(due, paused_from, resumed_at)
    return moved if moved == _utc(due) else in_working_time(moved, urgency=urgency, calendar=calendar)


def reminders(offered_at: datetime, due: datetime) -> tuple[datetime, datetime]:
    """At half and at four fifths of the answer clock (domain.md §6)."""
    start = _utc(offered_at)
    length = max(_utc(due) - start, timedelta(0))
    return start + length / 2, start + length * 4 / 5


def end_of_day(day: date, zone: ZoneInfo) -> datetime:
    """A date set by law runs out with its last moment where the person is: the midnight that ends it."""
    return _moment(day + timedelta(days=1), time(0), zone)


def date_moments(day: date, zone: ZoneInfo, *, reminded: Iterable[int], raised: Iterable[int]) -> list[datetime]:
    """When such a date is looked at again, in order: `reminded` whole days before its end, at the beginning of the day
    that is `raised` days before it (when an urgency rule may name another level), and at its end."""
    before = [end_of_day(day - timedelta(days=days), zone) for days in reminded]
    steps = [_moment(day - timedelta(days=days), time(0), zone) for days in raised]
    return sorted({*before, *steps, end_of_day(day, zone)})


def open_intervals(calendar: WorkingCalendar, first: date, days: int) -> Iterator[OpenInterval]:
    """The working periods that begin on the `days` local days from `first` on, in order."""
    for offset in range(days):
        yield from _periods_of(calendar, first + timedelta(days=offset))


def _period_at_or_after(calendar: WorkingCalendar, at: datetime) -> OpenInterval | None:
    """The period that contains `at`, else the next one. Begins a day early: yesterday's may run past midnight."""
    first = at.astimezone(calendar.zone).date() - timedelta(days=1)
    periods = open_intervals(calendar, first, SEARCH_DAYS + 2)
    return next((period for period in periods if period.closes >= at), None)


def _periods_of(calendar: WorkingCalendar, day: date) -> list[OpenInterval]:
    if day in calendar.holidays:
        return []
    periods = (_period(calendar, day, start, end) for start, end in sorted(calendar.hours.get(day.weekday(), ())))
    # A period inside the hour that the clocks skip in spring would end before it begins.
    return [period for period in periods if period.opens < period.closes]


def _period(calendar: WorkingCalendar, day: date, start: time, end: time) -> OpenInterval:
    last_day = day if end > start else day + timedelta(days=1)
    if last_day != day and last_day in calendar.holidays:
        end = time(0)  # a night shift stops where a holiday begins
    return OpenInterval(opens=_moment(day, start, calendar.zone), closes=_moment(last_day, end, calendar.zone))


def _moment(day: date, at: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, at, tzinfo=zone).astimezone(UTC)


def _utc(at: datetime) -> datetime:
    """Local arithmetic with aware datetimes ignores changes of the clocks, so everything is reckoned in UTC."""
    if at.tzinfo is None:
        raise ValueError("a moment without a zone")
    return at.astimezone(UTC)
