"""Clocks, limits, office hours and holidays: what makes them impossible is said at its field."""

from dataclasses import replace
from datetime import datetime, time
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from cases.admin.base import CalendarAdmin, ReferenceAdmin
from cases.deadlines import next_opening
from cases.models import Limit, WorkingHours
from cases.queries.calendars import side_calendar
from cases.queries.remembered import forget_reference
from intake.vocabulary import Side


class ClockSettingForm(forms.ModelForm):  # type: ignore[type-arg]
    def clean(self) -> Any:
        given = super().clean() or {}
        for name in ("triage_hours", "answer_hours", "contact_hours"):
            if given.get(name) == 0:
                self.add_error(name, _("A clock of zero hours would be missed before it begins."))
        return given


class ClockSettingAdmin(ReferenceAdmin):
    places_cases = True
    form = ClockSettingForm


class TimingRuleForm(forms.ModelForm):  # type: ignore[type-arg]
    def clean_steps(self) -> Any:
        steps = self.cleaned_data["steps"]
        if not isinstance(steps, list) or not steps or any(type(one) is not int or one < 1 for one in steps):
            raise ValidationError(_("Give whole numbers above zero, such as [7, 3, 1]."))
        return steps


class TimingRuleAdmin(ReferenceAdmin):
    form = TimingRuleForm


class LimitForm(forms.ModelForm):  # type: ignore[type-arg]
    """Each within what can be meant: a limit that lets everything through, or nothing, is a slip of the pen."""

    POSSIBLE = {
        Limit.Code.WAIT_DAYS: (1, 366),
        Limit.Code.DATE_AHEAD_DAYS: (30, 36_600),
        Limit.Code.DATES_ON_CASE: (1, 100),
    }

    def clean(self) -> Any:
        given = super().clean() or {}
        code, most = self.instance.code or given.get("code"), given.get("most")
        if code in self.POSSIBLE and most is not None:
            least, largest = self.POSSIBLE[code]
            if not least <= most <= largest:
                said = str(_("Give a whole number from {least} to {most}.")).format(least=least, most=largest)
                self.add_error("most", said)
        return given


class LimitAdmin(ReferenceAdmin):
    form = LimitForm


class WorkingHoursForm(forms.ModelForm):  # type: ignore[type-arg]
    def clean_timezone(self) -> str:
        zone: str = self.cleaned_data["timezone"]
        if zone not in available_timezones():
            raise ValidationError(_("There is no such time zone."))
        return zone

    def clean(self) -> Any:
        given = super().clean() or {}
        start, end = given.get("start"), given.get("end")
        if start is not None and start == end and start != time(0):
            self.add_error("end", _("A period must be longer than nothing."))
        weekday = given.get("weekday")
        if start is None or end is None or weekday is None:
            return given
        same = WorkingHours.objects.filter(side=given.get("side", ""), weekday=weekday).exclude(pk=self.instance.pk)
        if any(_overlap((start, end), (row.start, row.end)) for row in same):
            self.add_error("start", _("This period overlaps another one of the same day."))
        return given


class WorkingHoursAdmin(CalendarAdmin):
    """The last period of a side stays: without one its clocks would end at any hour."""

    form = WorkingHoursForm
    places_cases = True
    actions = None

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        is_last = obj is not None and not WorkingHours.objects.filter(side=obj.side).exclude(pk=obj.pk).exists()
        return super().has_delete_permission(request, obj) and not is_last


class HolidayForm(forms.ModelForm):  # type: ignore[type-arg]
    def clean(self) -> Any:
        given = super().clean() or {}
        country, day = given.get("country"), given.get("date")
        if country is not None and day is not None and country.pk in Side.values:
            forget_reference()  # what was changed a moment ago counts
            calendar = side_calendar(country.pk)
            closed = replace(calendar, holidays=calendar.holidays | {day})
            before = datetime.combine(day, time(0), tzinfo=calendar.zone)
            if calendar.hours and next_opening(closed, before) is None:
                self.add_error("date", _("With this the side would not be open within 60 days."))
        return given


class HolidayAdmin(CalendarAdmin):
    form = HolidayForm
    places_cases = True


def _overlap(one: tuple[time, time], other: tuple[time, time]) -> bool:
    """On one day: an end at or before the start is midnight or later."""
    (a, b), (c, d) = ((start, time.max if end <= start else end) for start, end in (one, other))
    return a < d and c < b
