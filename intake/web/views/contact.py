"""How the person is reached, changed on the page: first the way, then all that belongs to it."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from intake.actions.change_contact import change_contact
from intake.actions.entry import ContactEntry
from intake.errors import InvalidInput
from intake.models import Report
from intake.queries.mailboxes import contact_rules
from intake.vocabulary import ContactMethod, Voice
from intake.web.door import to
from intake.web.forms import ContactForm, SubjectContactForm
from intake.web.forms.base import StepForm
from intake.web.forms.contact import MAILBOX
from intake.web.forms.page import PageContactForm, PageSubjectContactForm
from intake.web.page_words import contact_words

from .consent import speaks_for_another
from .on_page import add_problems, on_page, show_form

_TEXT = ("value", "hours_from", "hours_until", "device_shared", "cover_name", "safe_word")


@on_page
def contact(request: HttpRequest, language: str, report: Report) -> HttpResponse:
    return _way(request, language, report, Voice.REPORTER)


@on_page
def contact_other(request: HttpRequest, language: str, report: Report) -> HttpResponse:
    """Of the person concerned, where somebody else writes."""
    if not speaks_for_another(report):
        return to("contact", language)
    return _way(request, language, report, Voice.AFFECTED_PERSON)


@on_page
def contact_details(request: HttpRequest, language: str, report: Report, way: str) -> HttpResponse:
    return _details(request, language, report, way, Voice.REPORTER)


@on_page
def contact_other_details(request: HttpRequest, language: str, report: Report, way: str) -> HttpResponse:
    if not speaks_for_another(report):
        return to("contact", language)
    return _details(request, language, report, way, Voice.AFFECTED_PERSON)


def _place(voice: str) -> str:
    return "contact_other" if voice == Voice.AFFECTED_PERSON else "contact"


def _way(request: HttpRequest, language: str, report: Report, voice: str) -> HttpResponse:
    make = SubjectContactForm if voice == Voice.AFFECTED_PERSON else ContactForm
    form: StepForm = make(request.POST if request.method == "POST" else None, draft={}, language=language)
    if request.method == "POST" and form.is_valid():
        way = form.cleaned_data.get("way")
        if way == MAILBOX:
            return _save(request, language, report, form, ContactEntry(never_contact=True), voice)
        if way:
            return to(f"{_place(voice)}_details", language, way=way)
        form.add_error("way", form.fields["way"].error_messages["required"])
    return _show(request, report, form, voice, has_rules=True)


def _details(request: HttpRequest, language: str, report: Report, way: str, voice: str) -> HttpResponse:
    if way not in ContactMethod.values:
        return to(_place(voice), language)
    make = PageSubjectContactForm if voice == Voice.AFFECTED_PERSON else PageContactForm
    draft = {make.section: {"method": way}, "where": {"country": report.country_id, "region": report.region_id}}
    form = make(request.POST if request.method == "POST" else None, draft=draft, language=language)
    if request.method == "POST" and form.is_valid():
        return _save(request, language, report, form, _entry(form.cleaned_data, way), voice)
    return _show(request, report, form, voice)


def _entry(given: dict[str, Any], way: str) -> ContactEntry:
    text: dict[str, Any] = {name: given.get(name) or "" for name in _TEXT}
    return ContactEntry(
        method=way,
        days=tuple(int(day) for day in given.get("days") or ()),
        may_leave_message=given.get("may_leave_message") == "yes",
        notify=bool(given.get("notify")),
        valid_until=given.get("valid_until") or None,
        **text,
    )


def _save(
    request: HttpRequest, language: str, report: Report, form: StepForm, entry: ContactEntry, voice: str
) -> HttpResponse:
    try:
        changed = change_contact(report_id=report.pk, contact=entry, now=timezone.now(), voice=voice)
    except InvalidInput as refusal:
        add_problems(form, {name.removeprefix("contact."): said for name, said in refusal.fields.items()})
        return _show(request, report, form, voice)
    return to(_place(voice), language, "?changed" if changed else "?same")


def _show(request: HttpRequest, report: Report, form: StepForm, voice: str, *, has_rules: bool = False) -> HttpResponse:
    shown = {
        "rules": contact_words(contact_rules(report.pk, timezone.now(), voice)) if has_rules else [],
        "back_to": "page" if has_rules else _place(voice),
        "has_other": has_rules and voice == Voice.REPORTER and speaks_for_another(report),
    }
    return show_form(request, report, form, "intake/page_contact.html", **shown)
