"""Impossible clocks and calendars are refused where they are entered, with the reason at its field."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.contrib import admin
from django.forms import modelform_factory

from cases.admin import clocks as ours
from cases.models import ClockSetting, Holiday, Limit, TimingRule, WorkingHours
from tests.cases.arrange import staff

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]


def errors(form: Any, model: Any, instance: Any = None, **given: Any) -> dict[str, Any]:
    return dict(modelform_factory(model, form=form, fields="__all__")(given, instance=instance).errors)


def hours(**changes: Any) -> dict[str, Any]:
    return {"side": "AZ", "weekday": 6, "start": "09:00", "end": "18:00", "timezone": "Asia/Baku"} | changes


def test_a_clock_of_zero_hours_is_refused() -> None:
    found = errors(
        ours.ClockSettingForm, ClockSetting, ClockSetting.objects.get(urgency=1),
        urgency=1, triage_hours=1, answer_hours=0, contact_hours=4,
    )  # fmt: skip
    assert "answer_hours" in found


@pytest.mark.parametrize("steps", ["[]", "[0]", "[-1]", "[7, true]", '"7"', "[1.5]"])
def test_times_of_reminders_are_whole_numbers_above_zero(steps: str) -> None:
    row = TimingRule.objects.get(code="date_days")
    assert errors(ours.TimingRuleForm, TimingRule, row, code="date_days", steps="[5, 2]") == {}
    assert "steps" in errors(ours.TimingRuleForm, TimingRule, row, code="date_days", steps=steps)


@pytest.mark.parametrize(
    ("code", "most", "is_refused"),
    [
        ("wait_days", 366, False),
        ("wait_days", 367, True),
        ("date_ahead_days", 29, True),
        ("date_ahead_days", 30, False),
        ("dates_on_case", 0, True),
        ("dates_on_case", 101, True),
    ],
)
def test_a_limit_that_cannot_be_meant_is_refused_at_its_field(code: str, most: int, is_refused: bool) -> None:
    found = errors(ours.LimitForm, Limit, Limit.objects.get(code=code), code=code, most=most)
    assert list(found) == (["most"] if is_refused else [])


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("timezone", {"timezone": "Asia/Atlantis"}),
        ("end", {"start": "09:00", "end": "09:00"}),
        ("start", {"weekday": 0, "start": "08:00", "end": "12:00"}),
        ("weekday", {"weekday": "-1"}),
    ],
)
def test_impossible_working_hours_are_refused_at_their_field(field: str, changes: dict[str, Any]) -> None:
    assert errors(ours.WorkingHoursForm, WorkingHours, **hours()) == {}
    assert field in errors(ours.WorkingHoursForm, WorkingHours, **hours(**changes))


def test_the_last_period_of_a_side_cannot_be_deleted(rf: Any) -> None:
    request = rf.get("/")
    request.user = staff("administrator")
    page, rows = admin.site.get_model_admin(WorkingHours), WorkingHours.objects.filter(side="AZ")
    last = rows.first()
    assert page.has_delete_permission(request, last)
    rows.exclude(pk=last.pk).delete()
    assert not page.has_delete_permission(request, last)


def test_holidays_that_would_close_a_side_for_60_days_are_refused() -> None:
    first = date(2028, 3, 1)
    days = [first + timedelta(days=number) for number in range(100)]
    Holiday.objects.bulk_create(Holiday(country_id="AZ", date=day) for day in days[1:] if day != days[50])
    assert errors(ours.HolidayForm, Holiday, country="AZ", date=str(date(2028, 9, 5))) == {}
    WorkingHours.objects.filter(side="AZ").exclude(weekday=days[0].weekday()).delete()
    assert "date" in errors(ours.HolidayForm, Holiday, country="AZ", date=str(days[0]))
