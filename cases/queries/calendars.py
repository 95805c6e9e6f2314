"""Working time of a side and of a partner, from rows to the calendars that deadlines.py reckons with."""

from collections.abc import Mapping
from datetime import date, time, timedelta
from zoneinfo import ZoneInfo

from cases.deadlines import WorkingCalendar
from cases.models import Holiday, PartnerOrganisation, WorkingHours
from cases.queries.remembered import Remembered

_WHOLE_DAY = ((time(0), time(0)),)  # ends at or before its start: runs until midnight
_ALWAYS = dict.fromkeys(range(7), _WHOLE_DAY)
_NO_HOURS: Mapping[int, tuple[tuple[time, time], ...]] = {}


def side_calendar(side: str) -> WorkingCalendar:
    """Office hours of the national body's staff. Without rows: never open, so clocks end where they end."""
    return _side_calendars().get(side) or WorkingCalendar(hours=_NO_HOURS, zone=ZoneInfo("UTC"))


def partner_calendar(partner: PartnerOrganisation) -> WorkingCalendar:
    """The partner's own hours in its own zone. Without hours: those of its side; always open: around the clock.

    It is closed on the holidays of its country, unless it works around the clock, and on the days that it named itself.
    """
    zone, own = ZoneInfo(partner.timezone), _closed(partner.closed_days)
    if partner.around_the_clock:
        return WorkingCalendar(hours=_ALWAYS, zone=zone, holidays=own)
    return WorkingCalendar(
        hours=_hours(partner.working_hours) or side_calendar(partner.side).hours,
        zone=zone,
        holidays=_holidays().get(partner.country_id, frozenset()) | own,
    )


def _closed(periods: list[tuple[str, str]]) -> frozenset[date]:
    """Every day from the first to the last of each period."""
    found = set()
    for first, last in periods:
        day, ends = date.fromisoformat(first), date.fromisoformat(last)
        while day <= ends:
            found.add(day)
            day += timedelta(days=1)
    return frozenset(found)


def _hours(rows: list[tuple[int, str, str]]) -> dict[int, list[tuple[time, time]]]:
    found: dict[int, list[tuple[time, time]]] = {}
    for weekday, start, end in rows:
        found.setdefault(weekday, []).append((time.fromisoformat(start), _end(end)))
    return found


def _end(typed: str) -> time:
    return time(0) if typed == "24:00" else time.fromisoformat(typed)


def _read_side_calendars() -> dict[str, WorkingCalendar]:
    rows: dict[str, list[WorkingHours]] = {}
    for row in WorkingHours.objects.order_by("side", "weekday", "start"):
        rows.setdefault(row.side, []).append(row)
    return {side: _side_calendar(side, hours) for side, hours in rows.items()}


def _side_calendar(side: str, rows: list[WorkingHours]) -> WorkingCalendar:
    hours: dict[int, list[tuple[time, time]]] = {}
    for row in rows:
        hours.setdefault(row.weekday, []).append((row.start, row.end))
    # A side is named after its country.
    return WorkingCalendar(hours=hours, zone=ZoneInfo(rows[0].timezone), holidays=_holidays().get(side, frozenset()))


def _read_holidays() -> dict[str, frozenset[date]]:
    found: dict[str, set[date]] = {}
    for country, day in Holiday.objects.values_list("country_id", "date"):
        found.setdefault(country, set()).add(day)
    return {country: frozenset(days) for country, days in found.items()}


_side_calendars = Remembered(_read_side_calendars)
_holidays = Remembered(_read_holidays)
