"""A message goes out only in the hours that the person named, in the person's zone."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intake.models import SafeContact
from intake.queries import next_safe_moment, safe_contact_now

BAKU = ZoneInfo("Asia/Baku")
TUESDAY = date(2026, 11, 24)


def contact(**changes: Any) -> SafeContact:
    return SafeContact(**({"method": "phone", "timezone": "Asia/Baku"} | changes))


def baku(day: int, hour: int, minute: int = 0) -> datetime:
    """`day` from Tuesday 24 November 2026."""
    return datetime.combine(TUESDAY + timedelta(days=day), time(hour, minute), BAKU).astimezone(UTC)


def at_night(**changes: Any) -> SafeContact:
    return contact(hours_from=time(22), hours_until=time(2), **changes)


@pytest.mark.parametrize(
    ("when", "moment", "is_safe"),
    [
        (contact(), baku(0, 3), True),
        (contact(never_contact=True), baku(0, 12), False),
        (contact(method=""), baku(0, 12), False),
        (contact(timezone="Mars/Olympus"), baku(0, 12), False),
        (contact(timezone=""), baku(0, 12), False),
        (contact(valid_until=TUESDAY), baku(0, 23, 59), True),
        (contact(valid_until=TUESDAY), baku(1, 0), False),
        (contact(days=[1]), baku(0, 0), True),
        (contact(days=[1]), baku(1, 0), False),
        (contact(hours_from=time(9), hours_until=time(18)), baku(0, 9), True),
        (contact(hours_from=time(9), hours_until=time(18)), baku(0, 8, 59), False),
        (contact(hours_from=time(9), hours_until=time(18)), baku(0, 18), False),
        (contact(hours_from=time(9), hours_until=time(9)), baku(0, 9), False),
        (at_night(), baku(0, 23), True),
        (at_night(), baku(0, 1, 59), True),
        (at_night(), baku(0, 2), False),
        (at_night(), baku(0, 12), False),
        (at_night(days=[1]), baku(0, 23), True),  # Tuesday evening
        (at_night(days=[1]), baku(1, 1), True),  # its night reaches into Wednesday
        (at_night(days=[1]), baku(0, 1), False),  # that is Monday's night
    ],
)
def test_it_is_safe_only_inside_the_window(when: SafeContact, moment: datetime, is_safe: bool) -> None:
    assert safe_contact_now(when, moment) is is_safe


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        (contact(), baku(0, 12)),
        (contact(hours_from=time(9), hours_until=time(18)), baku(0, 12)),
        (contact(hours_from=time(20), hours_until=time(21)), baku(0, 20)),
        (contact(hours_from=time(8), hours_until=time(9)), baku(1, 8)),
        (contact(days=[1], hours_from=time(8), hours_until=time(9)), baku(7, 8)),
        (contact(days=[0]), baku(6, 0)),
        (at_night(days=[4]), baku(3, 22)),
        (contact(days=[4], valid_until=TUESDAY), None),
        (contact(hours_from=time(9), hours_until=time(9)), None),
        (contact(never_contact=True), None),
        (contact(method=""), None),
    ],
)
def test_the_next_safe_moment_is_the_start_of_the_next_window(when: SafeContact, expected: datetime | None) -> None:
    assert next_safe_moment(when, baku(0, 12)) == expected


def test_the_hour_that_clocks_repeat_counts_twice() -> None:
    new_york = contact(timezone="America/New_York", hours_from=time(1, 30), hours_until=time(1, 45))
    between = datetime(2026, 11, 1, 6, 0, tzinfo=UTC)  # 01:00, the second time
    assert next_safe_moment(new_york, between) == datetime(2026, 11, 1, 6, 30, tzinfo=UTC)


def test_in_the_hour_that_clocks_leave_out_nothing_is_sent() -> None:
    new_york = contact(timezone="America/New_York", hours_from=time(2, 15), hours_until=time(2, 45))
    that_night = datetime(2026, 3, 8, 5, 0, tzinfo=UTC)
    assert next_safe_moment(new_york, that_night) == datetime(2026, 3, 9, 6, 15, tzinfo=UTC)


zones = st.sampled_from(["Asia/Baku", "Europe/Moscow", "Asia/Kamchatka", "Europe/Kaliningrad", "UTC", "Asia/Kolkata"])
minutes = st.integers(0, 24 * 60 - 1).map(lambda minute: time(minute // 60, minute % 60))
moments = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))
days = st.lists(st.integers(0, 6), unique=True, max_size=7)


@settings(deadline=None)
@given(zone=zones, opens=minutes, closes=minutes, on=days, moment=moments)
def test_safe_means_inside_a_window_that_opened_on_a_named_day(
    zone: str, opens: time, closes: time, on: list[int], moment: datetime
) -> None:
    """Told once more in another way: lay out every window around the moment and look."""
    local = moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    inside = False
    for back in (0, 1):
        day = local.date() - timedelta(days=back)
        start = datetime.combine(day, opens)
        end = datetime.combine(day + timedelta(days=1 if closes < opens else 0), closes)
        inside |= start <= local < end and (not on or day.weekday() in on)
    assert safe_contact_now(contact(timezone=zone, hours_from=opens, hours_until=closes, days=on), moment) is inside


@settings(deadline=None)
@given(zone=zones, opens=minutes, closes=minutes, on=days, moment=moments)
def test_the_next_safe_moment_is_safe_and_none_lies_before_it(
    zone: str, opens: time, closes: time, on: list[int], moment: datetime
) -> None:
    when = contact(timezone=zone, hours_from=opens, hours_until=closes, days=on)
    found = next_safe_moment(when, moment)
    if opens == closes:
        assert found is None
        return
    assert found is not None and found >= moment and safe_contact_now(when, found)
    step = timedelta(minutes=97)
    tried = moment
    while tried < found:
        assert not safe_contact_now(when, tried)
        tried += step
    if found > moment:
        assert not safe_contact_now(when, found - timedelta(seconds=1))
