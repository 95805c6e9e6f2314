"""What may be passed on: all of it changed at once, one organisation at a time, or stopped altogether."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from intake.actions.change_consent import (
    answer_about_organisation,
    answer_consent_request,
    change_consent,
    stop_sharing,
)
from intake.actions.entry import ConsentEntry
from intake.errors import InvalidInput
from intake.models import Report
from intake.queries import reference_data
from intake.queries.consent import ConsentInForce, consent_in_force, consent_of
from intake.queries.organisations import organisations_of
from intake.vocabulary import About, ConsentAnswer, Voice
from intake.web.door import to
from intake.web.forms import ConsentForm, SubjectConsentForm
from intake.web.forms.page import NoForm
from intake.web.page_words import consent_words, organisation_words

from .on_page import acting, add_problems, on_page, show_form

_WHOSE = {"share": (ConsentForm, Voice.REPORTER), "share_other": (SubjectConsentForm, Voice.AFFECTED_PERSON)}


@on_page
def share(request: HttpRequest, language: str, report: Report) -> HttpResponse:
    return _change(request, language, report, "share")


@on_page
def share_other(request: HttpRequest, language: str, report: Report) -> HttpResponse:
    """What the person concerned has said, where somebody else writes."""
    if not speaks_for_another(report):
        return to("share", language)
    return _change(request, language, report, "share_other")


def speaks_for_another(report: Report) -> bool:
    return report.about == About.OTHER and not report.subject_unaware


def _change(request: HttpRequest, language: str, report: Report, place: str) -> HttpResponse:
    make, voice = _WHOSE[place]
    before = consent_of(report.pk, voice)
    typed = request.POST if request.method == "POST" else None
    form = make(typed, draft={make.section: _kept(before)}, language=language)
    if typed is not None and form.is_valid():
        try:
            entry = _entry(form.cleaned_data, language)
            is_changed = change_consent(report_id=report.pk, consent=entry, now=timezone.now(), voice=voice)
            return to("share", language, "?changed" if is_changed else "?same")
        except InvalidInput as refusal:
            add_problems(form, refusal.fields)
    return _show(request, language, report, form, place)


def _kept(before: ConsentInForce | None) -> dict[str, object]:
    """Nothing is chosen beforehand where nothing was ever answered."""
    if before is None:
        return {}
    cross_border = "yes" if before.cross_border else "no"
    return {"share": before.share, "cross_border": cross_border, "groups": sorted(before.groups)}


def _entry(given: dict[str, object], language: str) -> ConsentEntry:
    return ConsentEntry(
        share=str(given.get("share") or ""),
        cross_border=str(given.get("cross_border") or ""),
        groups=frozenset(given.get("groups") or ()),  # type: ignore[call-overload]
        text_version=reference_data().consent_version,
        how="mailbox",
        language=language,
    )


def _show(request: HttpRequest, language: str, report: Report, form: ConsentForm, place: str) -> HttpResponse:
    consent = consent_in_force(report.pk)
    bodies = organisations_of(report.pk)
    shown = {
        "consent": consent_words(consent, language),
        "organisations": [organisation_words(body, consent, language) for body in bodies.values()],
        "has_other": speaks_for_another(report),
        "is_other": place == "share_other",
        "is_withdrawn": report.withdrawn_at is not None,
    }
    return show_form(request, report, form, "intake/page_share.html", **shown)


@acting
def share_one(request: HttpRequest, language: str, report: Report, body_id: UUID) -> HttpResponse:
    """Yes or no to one organisation that the report has met."""
    given = request.POST.get("answer", "")
    try:
        is_changed = answer_about_organisation(
            report_id=report.pk, body_id=body_id, answer=given, now=timezone.now(), language=language
        )
    except InvalidInput:
        return to("share", language, "?late")
    return to("share", language, "?changed" if is_changed else "?same")


@on_page
def stop(request: HttpRequest, language: str, report: Report) -> HttpResponse:
    """Its own page says what follows; the press does it."""
    if request.method == "POST":
        stop_sharing(report_id=report.pk, now=timezone.now(), language=language)
        return to("page", language, "?stopped")
    consent = consent_in_force(report.pk)
    if consent.share == ConsentAnswer.NONE:
        return to("share", language)
    follows = consent_words(consent, language).what_follows
    form = NoForm(draft={}, language=language)
    return show_form(request, report, form, "intake/page_act.html", act="stop", follows=follows)


@acting
def answer(request: HttpRequest, language: str, report: Report, request_id: UUID) -> HttpResponse:
    """Yes or no to the organisation that has agreed to help."""
    given = request.POST.get("answer", "")
    try:
        answer_consent_request(
            report_id=report.pk, request_id=request_id, answer=given, now=timezone.now(), language=language
        )
    except InvalidInput:
        return to("page", language, "?late")
    return to("page", language, "?answered")
