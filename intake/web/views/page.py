"""The reporter's page: opened with the code, then by a short-lived pass."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from intake.actions.change_consent import answer_consent_request, stop_sharing
from intake.errors import DomainError, InvalidInput, ReportErased, Throttled, UnknownCode
from intake.models import Report
from intake.queries import mailbox, reference_data, report_by_code
from intake.queries.mailboxes import Mailbox
from intake.screening import admit_guess, client_network, guess_was_right
from intake.web import cookies
from intake.web.door import public, to
from intake.web.emergency import emergency_numbers
from intake.web.forms.code import CodeForm
from intake.web.page_words import consent_words, contact_words, seen_words
from intake.web.status_words import status_words
from intake.web.times import zone_called


@require_http_methods(["GET", "HEAD", "POST"])
@public
def page(request: HttpRequest, language: str) -> HttpResponse:
    """GET with a pass: the page; without: the field for the code. POST: the code, which never stands in an address."""
    if request.method == "POST":
        return _opened_by_code(request, language)
    report_id = cookies.page_report(request)
    if report_id is None:
        sentence = _("Your page is closed.") if "closed" in request.GET else ""
        return render(request, "intake/enter_code.html", {"form": CodeForm(), "sentence": sentence})
    return _show(request, language, report_id)


def _opened_by_code(request: HttpRequest, language: str) -> HttpResponse:
    now = timezone.now()
    network = client_network(request.META, settings.PROXY_COUNT)
    form = CodeForm(request.POST)
    form.is_valid()
    try:
        admit_guess(network, now)
        report = report_by_code(form.cleaned_data.get("code", ""))
        if report is None:
            raise UnknownCode()
    except (UnknownCode, Throttled) as refusal:
        return _refused(request, form, refusal)
    guess_was_right(network, now)
    response = to("page", language)
    cookies.keep_page(response, report.pk)
    return response


def _refused(request: HttpRequest, form: CodeForm, refusal: DomainError) -> HttpResponse:
    form.errors.clear()
    form.add_error("code", str(refusal.message))
    response = render(request, "intake/enter_code.html", {"form": form}, status=refusal.status)
    if isinstance(refusal, Throttled):
        response.headers["Retry-After"] = str(refusal.retry_after)
    return response


def _show(request: HttpRequest, language: str, report_id: UUID) -> HttpResponse:
    now = timezone.now()
    box = mailbox(report_id, now)
    if box is None:
        raise ReportErased()
    response = render(request, "intake/page.html", _shown(request, language, box))
    cookies.keep_page(response, report_id)
    return response


def _shown(request: HttpRequest, language: str, box: Mailbox) -> dict[str, Any]:
    zone = zone_called(_timezone_of(box.report_id))
    status = status_words(box.status, now=timezone.now(), zone=zone)
    return {
        "status": status,
        "emergency": emergency_numbers(language) if status.shows_numbers else [],
        "reference": box.reference,
        "requests": [{"id": row.id, "name": row.organisation.label(language)} for row in box.requests],
        "consent": consent_words(box.consent, language),
        "seen": [seen_words(row, zone=zone) for row in box.seen],
        "contact": contact_words(box.contact),
        "token": cookies.page_token(box.report_id),
        "sentence": _sentence(request),
    }


def _timezone_of(report_id: UUID) -> str:
    country, region = Report.objects.values_list("country_id", "region_id").get(pk=report_id)
    return reference_data().timezone_of(country=country, region=region)


def _sentence(request: HttpRequest) -> str:
    sentences = {
        "stopped": _("Your data are not passed on any more."),
        "answered": _("Thank you. Your answer is kept."),
        "late": _("This question is no longer open."),
        "again": _("Please press the button again."),
    }
    return next((words for name, words in sentences.items() if name in request.GET), "")


def _with_page(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Hands the report's id to the view, for a form that came from this very page."""

    @require_POST
    @public
    @wraps(view)
    def answer(request: HttpRequest, language: str, **kwargs: Any) -> HttpResponse:
        report_id = cookies.page_report(request)
        if report_id is None:
            return to("page", language)
        if not cookies.token_fits(request, cookies.page_token(report_id)):
            return to("page", language, "?again")
        return view(request, language, report_id, **kwargs)

    return answer


@_with_page
def stop(request: HttpRequest, language: str, report_id: UUID) -> HttpResponse:
    stop_sharing(report_id=report_id, now=timezone.now(), language=language)
    return to("page", language, "?stopped")


@_with_page
def answer(request: HttpRequest, language: str, report_id: UUID, request_id: UUID) -> HttpResponse:
    """Yes or no to the organisation that has agreed to help."""
    given = request.POST.get("answer", "")
    try:
        answer_consent_request(
            report_id=report_id, request_id=request_id, answer=given, now=timezone.now(), language=language
        )
    except InvalidInput:
        return to("page", language, "?late")
    return to("page", language, "?answered")


@_with_page
def close(request: HttpRequest, language: str, report_id: UUID) -> HttpResponse:
    response = to("page", language, "?closed")
    cookies.drop(response, cookies.PAGE)
    return response
