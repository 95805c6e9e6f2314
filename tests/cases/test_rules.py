"""Rules, clocks and calendars come from rows, once a minute and not once a report."""

from datetime import UTC, date, datetime, time
from typing import Any

import pytest

from cases.deadlines import is_open, next_opening
from cases.models import Holiday, RoutingPolicy, UrgencyRule, WorkingHours
from cases.queries import remembered
from cases.queries.calendars import partner_calendar, side_calendar
from cases.queries.remembered import forget_reference
from cases.queries.rules import rule_book
from tests.cases.arrange import partner

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]

TUESDAY_NOON = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
SUNDAY_NOON = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)


def test_the_book_holds_the_newest_active_version_of_each_rule() -> None:
    UrgencyRule.objects.create(code="minor", version=2, step_up=True)
    UrgencyRule.objects.create(code="minor", version=3, step_up=True, is_active=False)
    forget_reference()
    rules = {rule.code: rule.version for rule in rule_book().rules}
    assert len(rules) == 13 and rules["minor"] == 2


def test_clocks_and_policies_are_those_of_the_domain() -> None:
    book = rule_book()
    assert (book.clocks[1].triage, book.clocks[2].answer, book.clocks[3].contact) == (1, 12, 72)
    assert book.policy("DET", 1).is_automatic and not book.policy("WRK", 3).is_automatic


def test_without_a_policy_a_caseworker_decides() -> None:
    RoutingPolicy.objects.all().delete()
    forget_reference()
    assert not rule_book().policy("DET", 1).is_automatic


def test_they_are_read_once_a_minute(django_assert_num_queries: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    rule_book(), side_calendar("AZ")
    with django_assert_num_queries(0):
        rule_book(), side_calendar("AZ"), side_calendar("RU")
    monkeypatch.setattr(remembered, "LIFETIME", 0.0)
    with django_assert_num_queries(5):
        rule_book()


def test_what_is_empty_is_not_kept() -> None:
    WorkingHours.objects.all().delete()
    forget_reference()
    assert not is_open(side_calendar("AZ"), TUESDAY_NOON)
    WorkingHours.objects.create(side="AZ", weekday=1, start=time(9), end=time(18), timezone="Asia/Baku")
    assert is_open(side_calendar("AZ"), TUESDAY_NOON)


def test_a_side_is_closed_on_its_holidays() -> None:
    Holiday.objects.create(country_id="AZ", date=date(2026, 11, 24))
    forget_reference()
    assert not is_open(side_calendar("AZ"), TUESDAY_NOON)
    assert is_open(side_calendar("RU"), TUESDAY_NOON)


def test_a_partner_has_its_own_hours_in_its_own_zone() -> None:
    hours = [[1, "09:00", "13:00"], [1, "14:00", "24:00"]]
    row = partner("RU", around_the_clock=False, timezone="Asia/Kamchatka", working_hours=hours)
    calendar = partner_calendar(row)
    assert is_open(calendar, TUESDAY_NOON)  # 20:00 there
    assert not is_open(calendar, datetime(2026, 11, 24, 1, 30, tzinfo=UTC))  # lunch


def test_without_hours_it_has_those_of_its_side() -> None:
    calendar = partner_calendar(partner("RU", around_the_clock=False))
    assert is_open(calendar, TUESDAY_NOON) and not is_open(calendar, SUNDAY_NOON)


def test_a_partner_that_never_closes_is_open_on_a_holiday_too() -> None:
    Holiday.objects.create(country_id="RU", date=date(2026, 11, 22))
    calendar = partner_calendar(partner("RU", around_the_clock=True))
    assert is_open(calendar, SUNDAY_NOON) and next_opening(calendar, SUNDAY_NOON) == SUNDAY_NOON
