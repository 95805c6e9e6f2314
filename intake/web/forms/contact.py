"""How the person can be reached safely, or that they will look themselves."""

from collections.abc import Callable, Mapping
from typing import Any

from django import forms
from django.conf import settings
from django.utils.text import format_lazy
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from intake.actions.check_contact import LENGTH, check_contact
from intake.actions.entry import ContactEntry, ReportEntry
from intake.actions.problems import Problems
from intake.queries import reference_data
from intake.vocabulary import WEEKDAYS, YES_NO, YES_NO_UNKNOWN, ContactMethod

from .base import FromList, Line, OneOf, SomeOf, StepForm, Words

MAILBOX = "mailbox"
HOURS = [("", "—"), *((f"{hour:02}:00", f"{hour:02}:00") for hour in range(24))]


class ContactForm(StepForm):
    section = "contact"
    way = OneOf(
        label=_("How can we reach you safely?"),
        help_text=_("If somebody watches your phone, choose the first. Your page will show everything we write."),
    )

    def offer(self) -> None:
        self.fields["way"].choices = [  # type: ignore[attr-defined]
            (MAILBOX, _("Do not contact me. I will look here.")),
            (ContactMethod.PHONE, _("phone call")),
            (ContactMethod.SMS, _("SMS")),
            (ContactMethod.MESSENGER, _("messenger")),
            (ContactMethod.EMAIL, _("e-mail")),
        ]

    def kept(self, answers: Mapping[str, Any]) -> dict[str, Any]:
        return {"way": MAILBOX if answers.get("mailbox_only") else answers.get("method", "")}

    def answers(self) -> dict[str, Any]:
        way = self.cleaned_data["way"]
        before = self.draft.get(self.section) or {}
        chosen = {"mailbox_only": way == MAILBOX, "method": "" if way == MAILBOX else way}
        if chosen["method"] != before.get("method"):  # a number is not an address
            chosen.update(value="", notify=False)
        return chosen


class ContactDetailsForm(StepForm):
    section = "contact"
    title = _("How can we reach you safely?")
    lead = _("We write or call only as you say here. A message never says what it is about.")
    value = Line(limit=LENGTH, label=_("Telephone number"))
    days = SomeOf(
        label=_("On which days and at what time is it safe?"),
        help_text=_("If you choose nothing: on every day, at any time."),
        choices=WEEKDAYS,
    )
    hours_from = FromList(label=pgettext_lazy("hours", "From"), choices=HOURS)
    hours_until = FromList(label=pgettext_lazy("hours", "Until"), choices=HOURS)
    device_shared = OneOf(label=_("Does anyone else use this phone?"), choices=YES_NO_UNKNOWN)
    may_leave_message = OneOf(label=_("May we leave a message?"), choices=YES_NO)
    cover_name = Line(
        limit=LENGTH, label=_("Whom should we ask for?"), help_text=_("Any name that raises no questions.")
    )
    safe_word = Line(
        limit=LENGTH,
        label=_("word by which you know it is us"),
        help_text=_("We say it first. If the caller does not know it, hang up."),
    )
    notify = SomeOf(label=_("Should we write when something new is on your page?"))

    def offer(self) -> None:
        method = self._method
        asked: dict[str, Callable[[], None]] = {
            ContactMethod.EMAIL: self._ask_email,
            ContactMethod.MESSENGER: self._ask_messenger,
        }
        asked.get(method, self._ask_phone)()
        for name in ("hours_from", "hours_until"):
            self.fields[name].half = True  # type: ignore[attr-defined]
        if method != ContactMethod.EMAIL:
            del self.fields["notify"]

    @property
    def _method(self) -> str:
        return str((self.draft.get(self.section) or {}).get("method", ""))

    def _ask_phone(self) -> None:
        self.fields["value"].widget.input_type = "tel"  # type: ignore[attr-defined]

    def _ask_email(self) -> None:
        self._ask_in_writing(_("E-mail address"))
        self.fields["value"].widget.input_type = "email"  # type: ignore[attr-defined]
        sentence = format_lazy(
            _("From: {sender}. The whole text: “{text}”"),
            sender=settings.REPORTER_FROM_EMAIL,
            text=_("You have a new message."),
        )
        self.fields["notify"].choices = [("yes", Words.of(_("Yes, send me this"), sentence))]  # type: ignore[attr-defined]

    def _ask_messenger(self) -> None:
        self._ask_in_writing(_("Which messenger, and your name or number there"))

    def _ask_in_writing(self, label: Any) -> None:
        self.fields["value"].label = label
        self.fields["safe_word"].help_text = _("Whoever writes to you begins with it. If it is missing, do not answer.")
        for name in ("may_leave_message", "cover_name"):
            del self.fields[name]

    def kept(self, answers: Mapping[str, Any]) -> dict[str, Any]:
        kept = dict(answers)
        if "may_leave_message" in kept:
            kept["may_leave_message"] = {True: "yes", False: "no"}.get(kept["may_leave_message"], "")
        kept["notify"] = ["yes"] if kept.get("notify") else []
        return kept

    def clean(self) -> dict[str, Any]:
        """Says what actions would say, while the person can still correct it."""
        problems = Problems()
        where = self.draft.get("where") or {}
        entry = ReportEntry(
            channel="web",
            language=self.lang,
            country=where.get("country", ""),
            region=where.get("region"),
            category="",
            contact=self._entry(),
        )
        check_contact(entry, reference_data(), problems, today=localdate())
        for name, messages in problems.fields.items():
            field = name.removeprefix("contact.")
            if field in self.fields and field not in self.errors:
                for message in messages:
                    self.add_error(field, forms.ValidationError(str(message)))
        return self.cleaned_data

    def _entry(self) -> ContactEntry:
        given = self.cleaned_data
        return ContactEntry(
            method=self._method,
            value=given.get("value", ""),
            hours_from=given.get("hours_from", ""),
            hours_until=given.get("hours_until", ""),
        )

    def answers(self) -> dict[str, Any]:
        given = dict(self.cleaned_data)
        return {
            **given,
            "days": [int(day) for day in given["days"]],
            "may_leave_message": {"yes": True, "no": False}.get(given.get("may_leave_message", "")),
            "cover_name": given.get("cover_name", ""),
            "notify": bool(given.get("notify")),
            "never_contact": False,
        }


class SubjectContactForm(ContactForm):
    """Of the person concerned, where somebody else writes: never mixed with the reporter's own."""

    section = "subject_contact"

    def offer(self) -> None:
        super().offer()
        field = self.fields["way"]
        field.label = _("How can we reach this person safely?")
        field.help_text = _("This is apart from how we reach you. If you are not sure, choose the first.")
        first, *ways = field.choices  # type: ignore[attr-defined]
        field.choices = [(first[0], _("Do not contact this person. Only through me.")), *ways]  # type: ignore[attr-defined]


class SubjectContactDetailsForm(ContactDetailsForm):
    section = "subject_contact"
    title = _("How can we reach this person safely?")

    def offer(self) -> None:
        super().offer()
        self.fields.pop("notify", None)
        if "device_shared" in self.fields:
            self.fields["device_shared"].label = _("Does anyone else use this person's phone?")
        if "safe_word" in self.fields:
            self.fields["safe_word"].label = _("word by which this person knows it is us")
