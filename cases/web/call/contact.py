"""How the caller can be reached safely: as a step of the call, and alone when it is not safe to talk."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cases.web.call.section import Answers, Section, labelled, line, radio
from cases.web.forms import Dressed, kinds
from intake.actions.check_contact import LENGTH
from intake.queries import reference_data
from intake.questionnaire import DayField
from intake.vocabulary import WEEKDAYS, YES_NO, YES_NO_UNKNOWN, ContactMethod

MAILBOX, NEVER = "mailbox", "never"


class Contact(Section):
    step = "contact"
    way = radio(
        _("safe contact"),
        [(MAILBOX, _("only through the reporter's page")), *ContactMethod.choices, (NEVER, _("never contact"))],
    )
    value = line(_("number or address"), LENGTH)
    days = forms.TypedMultipleChoiceField(
        label=_("safe days"), coerce=int, choices=WEEKDAYS, required=False, widget=forms.CheckboxSelectMultiple
    )
    hours_from = line(pgettext_lazy("hours", "From"), 5)
    hours_until = line(pgettext_lazy("hours", "Until"), 5)
    timezone = forms.ChoiceField(label=_("the person's time zone"), required=False)
    device_shared = radio(_("others use this phone"), YES_NO_UNKNOWN)
    may_leave_message = radio(_("a message may be left"), YES_NO)
    cover_name = line(_("cover name"), LENGTH)
    safe_word = line(_("word by which you know it is us"), LENGTH)
    notify = forms.BooleanField(label=_("wants a neutral e-mail when something is new"), required=False)
    valid_until = DayField(label=_("safe until this day"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        zones = sorted({row.timezone for row in reference_data().regions.values() if row.timezone})
        self.fields["timezone"].choices = [("", _("that of the region")), *((one, one) for one in zones)]  # type: ignore[attr-defined, list-item]
        for name in ("hours_from", "hours_until"):
            self.fields[name].widget = forms.TimeInput(format="%H:%M", attrs={"type": "time", "class": "form-control"})
        self.fields["valid_until"].widget.attrs["class"] = "form-control"
        self.fields["notify"].help_text = format_lazy(
            _("From: {sender}. The whole text: “{text}”"),
            sender=settings.REPORTER_FROM_EMAIL,
            text=_("You have a new message."),
        )

    def kept(self, answers: Answers) -> dict[str, Any]:
        way = NEVER if answers.get("never_contact") else MAILBOX if answers.get("mailbox_only") else ""
        said = {True: "yes", False: "no"}.get(answers.get("may_leave_message", ""), "")
        return {**answers, "way": way or answers.get("method", ""), "may_leave_message": said}

    def answers(self) -> dict[str, Any]:
        given = dict(self.cleaned_data)
        if "way" in given:
            way = given.pop("way")
            given["mailbox_only"], given["never_contact"] = way == MAILBOX, way == NEVER
            given["method"] = "" if way in {MAILBOX, NEVER} else way
        if "may_leave_message" in given:
            given["may_leave_message"] = {"yes": True, "no": False}.get(given["may_leave_message"])
        if given.get("valid_until"):
            given["valid_until"] = given["valid_until"].isoformat()
        return given


class CallBack(Dressed):
    """All that is kept when it is not safe to talk: where, roughly what, and how to call back."""

    country = radio(_("country of stay"), ())
    kind = forms.ChoiceField(label=_("category"), required=False)
    method = radio(_("safe contact"), ContactMethod.choices)
    value = line(_("number or address"), LENGTH)
    days = forms.TypedMultipleChoiceField(
        label=_("safe days"), coerce=int, choices=WEEKDAYS, required=False, widget=forms.CheckboxSelectMultiple
    )
    hours_from = line(pgettext_lazy("hours", "From"), 5)
    hours_until = line(pgettext_lazy("hours", "Until"), 5)
    cover_name = line(_("cover name"), LENGTH)
    safe_word = line(_("word by which you know it is us"), LENGTH)
    may_leave_message = radio(_("a message may be left"), YES_NO)

    def __init__(self, data: Any = None) -> None:
        super().__init__(data)
        known = reference_data()
        self.fields["country"].choices = labelled(known.stay_countries())  # type: ignore[attr-defined]
        self.fields["kind"].choices = kinds(known)  # type: ignore[attr-defined]
        self.initial["kind"] = "OTH"
        for name in ("hours_from", "hours_until"):
            self.fields[name].widget = forms.TimeInput(format="%H:%M", attrs={"type": "time", "class": "form-control"})

    def steps(self, answers: Answers) -> dict[str, dict[str, Any]]:
        """As the steps of a draft keep them. This agreement replaces what was said of contact before (`answers`), and
        another country what was said of a region."""
        given = self.cleaned_data
        category, _dot, subcode = given["kind"].partition(".")
        names = ("method", "value", "days", "hours_from", "hours_until", "cover_name", "safe_word")
        may_leave = given["may_leave_message"] == "yes"
        replaced = {"mailbox_only": False, "never_contact": False, "notify": False, "valid_until": None}
        contact = {**replaced, **{name: given[name] for name in names}, "may_leave_message": may_leave}
        is_there = (answers.get("where") or {}).get("country") == given["country"]
        return {
            "where": {"country": given["country"], **({} if is_there else {"region": None})},
            "what": {"category": category or "OTH", "subcode": subcode},
            "contact": contact,
        }
