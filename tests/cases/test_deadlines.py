"""Clocks against a table in the local time of each calendar: two sides, partners in other zones, holidays, pauses."""

import csv
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.deadlines import (
    OpenInterval,
    WorkingCalendar,
    after_pause,
    due_at,
    in_working_time,
    is_open,
    next_opening,
    open_intervals,
    opens_before,
    paused,
    reminders,
)

ROOT = Path(__file__).resolve().parents[2]
Hours = dict[int, list[tuple[time, time]]]


def every_day(start: time, end: time) -> Hours:
    return {weekday: [(start, end)] for weekday in range(7)}


BAKU, BERLIN = ZoneInfo("Asia/Baku"), ZoneInfo("Europe/Berlin")
DAY = [(time(9), time(18))]
OFFICE = dict.fromkeys(range(5), DAY)
# Fridays have a lunch break.
BAKU_OFFICE = WorkingCalendar(
    hours={**OFFICE, 4: [(time(9), time(13)), (time(14), time(18))]},
    zone=BAKU,
    holidays=frozenset({date(2026, 11, 25), date(2027, 1, 1)}),
)
NEVER = WorkingCalendar(hours={}, zone=BAKU)
ALWAYS = WorkingCalendar(hours=every_day(time(0), time(0)), zone=BAKU)


def table() -> list[dict[str, str]]:
    with (Path(__file__).parent / "tables/deadlines.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def local(text: str, zone: ZoneInfo = BAKU, fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone, fold=fold)


def shipped(name: str) -> list[dict[str, str]]:
    with (ROOT / "seeds/data" / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def holidays(country: str) -> frozenset[date]:
    """As they are shipped."""
    return frozenset(date.fromisoformat(row["date"]) for row in shipped("holidays.csv") if row["country"] == country)


def office_of(side: str) -> WorkingCalendar:
    """The hours of a side as they are shipped."""
    hours: Hours = {}
    for row in (rows := [row for row in shipped("working_hours.csv") if row["side"] == side]):
        period = (time.fromisoformat(row["start"]), time.fromisoformat(row["end"]))
        hours.setdefault(int(row["weekday"]), []).append(period)
    return WorkingCalendar(hours, ZoneInfo(rows[0]["timezone"]), holidays(side))


# Christmas, New Year, Good Friday and Easter Monday: the partner's own, whatever those of the sides are.
GERMAN_HOLIDAYS = frozenset(map(date.fromisoformat, ("2026-12-25", "2027-01-01", "2027-03-26", "2027-03-29")))
CALENDARS = {
    "Baku office": BAKU_OFFICE,
    "Azerbaijan": office_of("AZ"),
    "Russia": office_of("RU"),
    "Partner in Kamchatka": WorkingCalendar(OFFICE, ZoneInfo("Asia/Kamchatka"), holidays("RU")),
    "Partner in Berlin": WorkingCalendar(OFFICE, BERLIN, GERMAN_HOLIDAYS),
    "Partner in Berlin by night": WorkingCalendar(every_day(time(22), time(6)), BERLIN),
}
TABLE = table()


@pytest.mark.parametrize("row", TABLE, ids=[row["what_it_shows"] for row in TABLE])
def test_the_table(row: dict[str, str]) -> None:
    """Every moment in the local time of the calendar."""
    calendar, urgency = CALENDARS[row["calendar"]], int(row["urgency"])
    start = local(row["start"], calendar.zone)
    due = due_at(start, int(row["hours"]), urgency, calendar)
    if row["paused"]:
        stood_still = (local(row["paused"], calendar.zone), local(row["resumed"], calendar.zone))
        due = after_pause(due, *stood_still, urgency=urgency, calendar=calendar)
    assert said(due, calendar) == row["expected_due"]
    if row["half"]:
        assert [said(at, calendar) for at in reminders(start, due)] == [row["half"], row["four_fifths"]]


def said(at: datetime, calendar: WorkingCalendar) -> str:
    return at.astimezone(calendar.zone).strftime("%Y-%m-%d %H:%M")


def test_a_working_period_shorter_than_an_hour_ends_the_clock_with_it() -> None:
    brief = WorkingCalendar(hours={0: [(time(9), time(9, 20))]}, zone=BAKU)
    assert due_at(local("2026-11-20 10:00"), 24, 4, brief) == local("2026-11-23 09:20")


@pytest.mark.parametrize("zone", ["Asia/Baku", "Europe/Moscow", "Asia/Kamchatka", "Europe/Berlin"])
def test_working_hours_are_those_of_the_zone(zone: str) -> None:
    there = ZoneInfo(zone)
    calendar = WorkingCalendar(hours=OFFICE, zone=there)
    evening = local("2026-11-23 20:00", there)
    assert due_at(evening, 24, 3, calendar) == local("2026-11-25 10:00", there)


def test_the_same_moment_is_open_in_moscow_and_closed_in_kamchatka() -> None:
    at = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
    assert is_open(WorkingCalendar(OFFICE, ZoneInfo("Europe/Moscow")), at)
    assert not is_open(WorkingCalendar(OFFICE, ZoneInfo("Asia/Kamchatka")), at)


def test_a_holiday_is_the_day_of_the_zone_and_not_of_utc() -> None:
    kamchatka = WorkingCalendar(OFFICE, ZoneInfo("Asia/Kamchatka"), frozenset({date(2026, 11, 25)}))
    assert not is_open(kamchatka, datetime(2026, 11, 24, 23, 0, tzinfo=UTC))  # the 25th, 11:00
    assert is_open(kamchatka, datetime(2026, 11, 25, 23, 0, tzinfo=UTC))  # the 26th, 11:00


def test_hours_are_elapsed_hours_when_the_clocks_change() -> None:
    berlin = WorkingCalendar(ALWAYS.hours, BERLIN)
    assert due_at(local("2026-10-24 12:00", BERLIN), 24, 1, berlin) == local("2026-10-25 11:00", BERLIN)
    assert due_at(local("2026-03-28 12:00", BERLIN), 24, 1, berlin) == local("2026-03-29 13:00", BERLIN)


@pytest.mark.parametrize(("monday", "opens_utc"), [("2026-10-19", 7), ("2026-10-26", 8)])
def test_the_office_opens_at_nine_before_and_after_the_clocks_change(monday: str, opens_utc: int) -> None:
    calendar = WorkingCalendar(OFFICE, BERLIN)
    opening = next_opening(calendar, local(f"{monday} 00:00", BERLIN))
    assert opening == datetime.fromisoformat(monday).replace(hour=opens_utc, tzinfo=UTC)


def test_both_half_past_twos_of_autumn_are_inside_a_night_shift() -> None:
    night = WorkingCalendar({5: [(time(22), time(6))]}, BERLIN)
    assert is_open(night, local("2026-10-25 02:30", BERLIN, fold=0))
    assert is_open(night, local("2026-10-25 02:30", BERLIN, fold=1))


def test_a_period_inside_the_hour_that_spring_skips_does_not_open() -> None:
    calendar = WorkingCalendar({6: [(time(2, 30), time(3))]}, BERLIN)
    assert list(open_intervals(calendar, date(2026, 3, 29), 1)) == []
    assert next_opening(calendar, local("2026-03-29 00:00", BERLIN)) == local("2026-04-05 02:30", BERLIN)


def test_a_night_shift_runs_past_midnight_and_stops_where_a_holiday_begins() -> None:
    night = WorkingCalendar(every_day(time(22), time(6)), BAKU, frozenset({date(2026, 11, 25)}))
    assert is_open(night, local("2026-11-24 05:00"))
    assert not is_open(night, local("2026-11-24 07:00"))
    assert not is_open(night, local("2026-11-25 00:01"))
    assert not is_open(night, local("2026-11-25 23:00"))
    assert is_open(night, local("2026-11-26 22:00"))


def test_a_night_shift_is_found_where_the_day_is_still_yesterday_for_utc() -> None:
    new_york = ZoneInfo("America/New_York")
    long_shift = WorkingCalendar({0: [(time(22), time(21))]}, new_york)
    assert is_open(long_shift, local("2026-11-24 20:30", new_york))
    assert not is_open(long_shift, local("2026-11-24 21:30", new_york))


def test_an_office_that_never_closes_is_open_at_midnight() -> None:
    assert is_open(ALWAYS, local("2026-11-23 00:00"))
    assert due_at(local("2026-11-21 03:00"), 24, 4, ALWAYS) == local("2026-11-22 03:00")


def test_a_calendar_without_hours_ends_the_clock_plainly() -> None:
    start = local("2026-11-20 17:00")
    assert due_at(start, 24, 4, NEVER) == start + timedelta(hours=24)
    assert next_opening(NEVER, start) is None
    assert not is_open(NEVER, start)
    assert not opens_before(NEVER, start, start + timedelta(days=400))


def test_a_year_of_holidays_ends_the_clock_plainly() -> None:
    year = frozenset(date(2026, 11, 1) + timedelta(days=n) for n in range(365))
    closed = WorkingCalendar(OFFICE, BAKU, year)
    start = local("2026-11-20 17:00")
    assert due_at(start, 24, 4, closed) == start + timedelta(hours=24)


def test_an_opening_59_days_away_is_found_and_one_in_four_months_is_not() -> None:
    start = local("2026-11-20 17:00")
    for days, found in ((59, True), (120, False)):
        holidays = frozenset(start.date() + timedelta(days=n) for n in range(days))
        calendar = WorkingCalendar(ALWAYS.hours, BAKU, holidays)
        assert (next_opening(calendar, start) is not None) is found


def test_next_opening_is_now_while_it_is_open() -> None:
    at = local("2026-11-23 11:30")
    assert next_opening(BAKU_OFFICE, at) == at
    assert next_opening(BAKU_OFFICE, local("2026-11-27 13:30")) == local("2026-11-27 14:00")


def test_a_partner_that_opens_only_after_the_clock_ends_cannot_answer() -> None:
    friday_evening = local("2026-11-20 19:00")
    assert not opens_before(BAKU_OFFICE, friday_evening, local("2026-11-23 08:59"))
    assert opens_before(BAKU_OFFICE, friday_evening, local("2026-11-23 09:00"))


def test_overlapping_periods_count_as_one_day() -> None:
    calendar = WorkingCalendar({0: [(time(10), time(12)), (time(9), time(18))]}, BAKU)
    assert all(is_open(calendar, local(f"2026-11-23 {hour}:30")) for hour in ("09", "11", "17"))


def test_a_pause_moves_the_end_by_its_length() -> None:
    due = local("2026-11-23 12:00")
    assert paused(due, local("2026-11-23 10:00"), local("2026-11-24 11:30")) == due + timedelta(hours=25, minutes=30)


def test_a_pause_is_reckoned_in_elapsed_time_when_the_clocks_change() -> None:
    due = local("2026-10-24 12:00", BERLIN)
    resumed = paused(due, local("2026-10-24 10:00", BERLIN), local("2026-10-25 10:00", BERLIN))
    assert resumed - due.astimezone(UTC) == timedelta(hours=25)


def test_a_clock_that_was_already_missed_stays_missed() -> None:
    due = local("2026-11-23 12:00")
    assert paused(due, local("2026-11-23 12:00"), local("2026-11-24 12:00")) == due


def test_a_pause_that_ends_before_it_begins_changes_nothing() -> None:
    due = local("2026-11-23 12:00")
    assert paused(due, local("2026-11-23 11:00"), local("2026-11-23 10:00")) == due


def test_reminders_come_at_half_and_at_four_fifths() -> None:
    offered = local("2026-11-23 10:00")
    half, late = reminders(offered, offered + timedelta(hours=10))
    assert (half, late) == (offered + timedelta(hours=5), offered + timedelta(hours=8))


def test_reminders_are_exact_when_the_clocks_change() -> None:
    half, _ = reminders(local("2026-10-24 12:00", BERLIN), local("2026-10-25 12:00", BERLIN))
    assert half == local("2026-10-25 00:30", BERLIN)


def test_reminders_of_a_clock_that_ended_before_it_began_come_at_once() -> None:
    offered = local("2026-11-23 10:00")
    assert reminders(offered, offered - timedelta(hours=1)) == (offered, offered)


def test_an_interval_holds_both_its_ends() -> None:
    interval = OpenInterval(local("2026-11-23 09:00"), local("2026-11-23 18:00"))
    assert interval.contains(interval.opens)
    assert interval.contains(interval.closes)
    assert not interval.contains(interval.closes + timedelta(seconds=1))


def test_a_moment_without_a_zone_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="zone"):
        due_at(datetime(2026, 11, 23, 10), 1, 1, BAKU_OFFICE)


times = st.builds(time, st.integers(0, 23), st.sampled_from([0, 15, 30, 59]))
calendars = st.builds(
    WorkingCalendar,
    hours=st.dictionaries(st.integers(0, 6), st.lists(st.tuples(times, times), max_size=3), max_size=7),
    zone=st.sampled_from([BAKU, BERLIN, ZoneInfo("Europe/Moscow"), ZoneInfo("Asia/Kamchatka")]),
    holidays=st.frozensets(st.dates(date(2026, 10, 1), date(2026, 11, 30)), max_size=20),
)
moments = st.datetimes(datetime(2026, 9, 20), datetime(2026, 12, 1), timezones=st.just(UTC))


@given(calendars, moments, st.integers(1, 168), st.integers(1, 4))
def test_a_clock_never_ends_before_its_hours_are_over(
    calendar: WorkingCalendar, start: datetime, hours: int, urgency: int
) -> None:
    plain = start + timedelta(hours=hours)
    due = due_at(start, hours, urgency, calendar)
    assert due >= plain
    assert urgency > 2 or due == plain


@given(calendars, moments, st.integers(1, 168), st.sampled_from([3, 4]))
def test_an_ordinary_clock_always_ends_while_somebody_works(
    calendar: WorkingCalendar, start: datetime, hours: int, urgency: int
) -> None:
    due = due_at(start, hours, urgency, calendar)
    if next_opening(calendar, start + timedelta(hours=hours)) is not None:
        assert is_open(calendar, due)
    else:
        assert due == start + timedelta(hours=hours)


@given(calendars, moments)
def test_nobody_loses_working_time_between_the_plain_end_and_the_moved_one(
    calendar: WorkingCalendar, end: datetime
) -> None:
    moved = in_working_time(end, urgency=4, calendar=calendar)
    opening = next_opening(calendar, end)
    if moved != end and opening is not None:
        assert end < opening < moved <= opening + timedelta(hours=1)


@given(calendars, moments, moments)
def test_a_later_moment_never_opens_earlier(calendar: WorkingCalendar, one: datetime, other: datetime) -> None:
    first, second = sorted([one, other])
    opening = next_opening(calendar, first)
    later = next_opening(calendar, second)
    assert opening is None or later is None or opening <= later
