"""Django's admin for reference data only, for administrators only. No case, report, person or account is in it."""

import json
from dataclasses import replace
from datetime import datetime, time
from typing import Any
from zoneinfo import available_timezones

from allauth.account.decorators import secure_admin_login
from allauth.mfa.utils import is_mfa_enabled
from django import forms
from django.conf import settings
from django.contrib import admin
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from cases.deadlines import next_opening
from cases.models import (
    AgreementNotice,
    ApprovalPeriod,
    ClockSetting,
    ClosingPolicy,
    Holiday,
    JobRule,
    LinkRule,
    LostContactRule,
    ReviewClock,
    RoutingPolicy,
    TimingRule,
    UncoveredCategory,
    UrgencyRule,
    WorkingHours,
)
from cases.permissions import may
from cases.queries.calendars import side_calendar
from cases.queries.remembered import forget_reference
from cases.routing.coverage_now import nobody_takes
from intake.actions.edit_questions import ask_questions, faults_of_questions, save_questions_step
from intake.models import (
    ConsentText,
    Country,
    Direction,
    EmergencyNumber,
    Language,
    ProblemCategory,
    ProblemSubcode,
    QuestionSet,
    Region,
    RetentionRule,
)
from intake.questionnaire import Question, build_form, read_definition
from intake.vocabulary import Side


class ReferenceAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Rows may be added and changed. They are never deleted: old reports still speak their codes."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        return _may_edit(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return _may_edit(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return _may_edit(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return _may_edit(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Codes are never renamed."""
        return ("code",) if obj is not None and any(f.name == "code" for f in obj._meta.fields) else ()


class CalendarAdmin(ReferenceAdmin):
    """Holidays and hours may also go: nothing refers to them."""

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return _may_edit(request)


class ClockSettingForm(forms.ModelForm):  # type: ignore[type-arg]
    def clean(self) -> Any:
        given = super().clean() or {}
        for name in ("triage_hours", "answer_hours", "contact_hours"):
            if given.get(name) == 0:
                self.add_error(name, _("A clock of zero hours would be missed before it begins."))
        return given


class ClockSettingAdmin(ReferenceAdmin):
    form = ClockSettingForm


class TimingRuleForm(forms.ModelForm):  # type: ignore[type-arg]
    def clean_steps(self) -> Any:
        steps = self.cleaned_data["steps"]
        if not isinstance(steps, list) or not steps or any(type(one) is not int or one < 1 for one in steps):
            raise ValidationError(_("Give whole numbers above zero, such as [7, 3, 1]."))
        return steps


class TimingRuleAdmin(ReferenceAdmin):
    form = TimingRuleForm


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


class CategoryForm(forms.ModelForm):  # type: ignore[type-arg]
    """A category that nobody could take goes public only when somebody says that they know."""

    nobody_yet = forms.BooleanField(
        label=_("no partner can take these yet; our own people will"),
        required=False,
        help_text=_("Who said so, and when, is kept."),
    )

    def clean(self) -> Any:
        given = super().clean() or {}
        is_new = self.instance._state.adding or "is_active" in self.changed_data
        self.is_uncovered = bool(
            given.get("is_active")
            and is_new
            and nobody_takes(
                self.instance.code or given.get("code", ""), given.get("default_urgency") or 4, timezone.now()
            )
        )
        if self.is_uncovered and not given.get("nobody_yet"):
            self.add_error("is_active", _("No partner could take such a case, wherever and in whatever language."))
        return given


class CategoryAdmin(ReferenceAdmin):
    form = CategoryForm

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if form.is_uncovered:
            said_by: Any = request.user
            UncoveredCategory.objects.create(category=obj, said_by=said_by, said_at=timezone.now())


def _overlap(one: tuple[time, time], other: tuple[time, time]) -> bool:
    """On one day: an end at or before the start is midnight or later."""
    (a, b), (c, d) = ((start, time.max if end <= start else end) for start, end in (one, other))
    return a < d and c < b


class ReadableJSON(json.JSONEncoder):
    """Indented, and with letters as letters: an operator reads and edits this."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{**kwargs, "indent": 2, "ensure_ascii": False})


class QuestionSetForm(forms.ModelForm):  # type: ignore[type-arg]
    """Says what is wrong where it was typed, before anything is stored."""

    definition = forms.JSONField(
        widget=forms.Textarea(attrs={"rows": 40, "cols": 100, "spellcheck": "false"}),
        encoder=ReadableJSON,
        help_text=_("After saving, look at the preview. Only from there the questions go to the public pages."),
    )

    class Meta:
        model = QuestionSet
        fields = ("definition",)

    def clean_definition(self) -> Any:
        definition = self.cleaned_data["definition"]
        if faults := faults_of_questions(definition):
            raise ValidationError([ValidationError(str(fault)) for fault in faults])
        return definition


class QuestionSetAdmin(ReferenceAdmin):
    """What is asked is never edited in place: saving makes the next version, which waits for its preview."""

    form = QuestionSetForm
    list_display = ("version", "is_active", "created_at", "preview")
    readonly_fields = ("version", "is_active", "created_at", "preview")
    fields = ("version", "is_active", "created_at", "preview", "definition")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.readonly_fields

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        newest = QuestionSet.objects.first()
        return {"definition": newest.definition if newest else {"questions": []}}

    @admin.display(description=_("preview"))
    def preview(self, row: QuestionSet) -> str:
        if row.pk is None:
            return "–"
        address = reverse("admin:intake_questionset_preview", args=[row.pk])
        return format_html('<a href="{}">{}</a>', address, _("preview"))

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        saved = save_questions_step(definition=form.cleaned_data["definition"], edited=obj.pk if change else None)
        obj.pk, obj.is_active, obj.created_at = saved.pk, saved.is_active, saved.created_at
        sentence = _("Saved as version {version}. It is not asked yet: look at the preview.")
        self.message_user(request, str(sentence).format(version=saved.pk))

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(self.show_preview)
        return [path("<int:version>/preview/", view, name="intake_questionset_preview"), *super().get_urls()]

    def show_preview(self, request: HttpRequest, version: int) -> HttpResponse:
        """GET: the questions as people will see them, in every language. POST: they are asked from now on."""
        if not _may_edit(request):
            raise PermissionDenied
        row = get_object_or_404(QuestionSet, pk=version)
        faults = faults_of_questions(row.definition)
        if request.method == "POST" and not faults:
            ask_questions(version=version)
            self.log_change(request, row, "asked from now on")
            self.message_user(request, str(_("Version {version} is asked from now on.")).format(version=version))
            return redirect("admin:intake_questionset_changelist")
        shown = {"version": version, "row": row, "faults": faults, "languages": preview_of(row.definition, faults)}
        return render(request, "admin/questions_preview.html", shown, status=422 if request.method == "POST" else 200)


def preview_of(definition: Any, faults: list[Any]) -> list[dict[str, Any]]:
    """One part for each language; none while the definition is wrong."""
    questions = () if faults else read_definition(definition)
    parts = []
    for code, name in settings.LANGUAGES if questions else ():
        with override(code):
            form = build_form(questions, code)(prefix=code)
            fields = [{"field": form[one.key], "when": _when(one)} for one in questions]
            html = render_to_string("admin/questions_in_a_language.html", {"fields": fields})
        parts.append({"code": code, "name": name, "html": html})
    return parts


def _when(question: Question) -> str:
    """ "category: DET; held: yes", each alternative on its own."""
    ways = (
        "; ".join(f"{name}: {', '.join(one or '–' for one in wanted)}" for name, wanted in way.items())
        for way in question.shown_if
    )
    return " / ".join(ways)


def _may_edit(request: HttpRequest) -> bool:
    user: Any = request.user
    return bool(user.is_authenticated and may(user, "edit_reference"))


def _may_enter(request: HttpRequest) -> bool:
    return _may_edit(request) and (not settings.SECOND_FACTOR_REQUIRED or is_mfa_enabled(request.user))


admin.site.has_permission = _may_enter  # type: ignore[method-assign]
# The admin's own sign-in knows no second factor.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]
for model in (
    ApprovalPeriod,
    ClosingPolicy,
    ConsentText,
    Country,
    Direction,
    EmergencyNumber,
    JobRule,
    Language,
    LinkRule,
    LostContactRule,
    ProblemSubcode,
    Region,
    RetentionRule,
    ReviewClock,
    RoutingPolicy,
    UrgencyRule,
):
    admin.site.register(model, ReferenceAdmin)
admin.site.register(ProblemCategory, CategoryAdmin)
admin.site.register(QuestionSet, QuestionSetAdmin)
admin.site.register(AgreementNotice, CalendarAdmin)
admin.site.register(ClockSetting, ClockSettingAdmin)
admin.site.register(TimingRule, TimingRuleAdmin)
admin.site.register(WorkingHours, WorkingHoursAdmin)
admin.site.register(Holiday, HolidayAdmin)
