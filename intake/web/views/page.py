"""The reporter's page: opened with the code, then by a short-lived pass. A calm list of what stands and can be done."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from intake.errors import ReportErased
from intake.models import Report
from intake.queries import mailbox
from intake.queries.mailboxes import Mailbox, open_report, unconfirmed_erasures
from intake.queries.messages import unread_messages
from intake.web import cookies
from intake.web.door import public
from intake.web.emergency import emergency_numbers
from intake.web.page_words import erasure_words
from intake.web.status_words import acknowledgement, status_words

from .by_code import ask_code, opened_by_code
from .on_page import carry_on, sentence_of, shown_again, zone_of


@require_http_methods(["GET", "HEAD", "POST"])
@public
def page(request: HttpRequest, language: str) -> HttpResponse:
    """GET with a pass: the page; without: the field for the code. POST: the code, which never stands in an address."""
    if request.method == "POST":
        return _open(request, language)
    report_id = cookies.page_report(request)
    if report_id is None:
        return ask_code(request)
    return _show(request, language, report_id)


def _open(request: HttpRequest, language: str) -> HttpResponse:
    """What was typed before the pass ended goes along, also past a wrong code."""
    carry_on(request)
    response = opened_by_code(request, language)
    if cookies.PAGE not in response.cookies:
        return response
    request.COOKIES[cookies.PAGE] = response.cookies[cookies.PAGE].value
    return shown_again(request, cookies.page_report(request)) or response


def _show(request: HttpRequest, language: str, report_id: UUID) -> HttpResponse:
    report, box = open_report(report_id), mailbox(report_id, timezone.now())
    if box is None or report is None:
        raise ReportErased()
    response = render(request, "intake/page.html", _shown(request, language, report, box))
    cookies.keep_page(response, report_id, request)
    return response


def _shown(request: HttpRequest, language: str, report: Report, box: Mailbox) -> dict[str, Any]:
    zone, now = zone_of(report), timezone.now()
    status = status_words(box.status, now=now, zone=zone)
    return {
        "status": status,
        "acknowledged": acknowledgement(box.status, received_at=box.received_at, now=now, zone=zone),
        "emergency": emergency_numbers(language) if status.shows_numbers else [],
        "reference": box.reference,
        "requests": [{"id": row.id, "name": row.organisation.label(language)} for row in box.requests],
        "unread": unread_messages(box.report_id),
        "erasures": [erasure_words(row, zone=zone) for row in unconfirmed_erasures(box.report_id)],
        "is_withdrawn": box.withdrawn_at is not None,
        "can_stop": box.consent.allows_offer and box.withdrawn_at is None,
        "token": cookies.page_token(box.report_id),
        "sentence": sentence_of(request),
    }
