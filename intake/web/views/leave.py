"""Leave quickly: nothing of ours stays in this browser, and a neutral page of the country comes up. It never fails."""

import logging
from uuid import UUID

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from intake.actions.drafts import discard_draft, open_draft
from intake.errors import DomainError
from intake.models import Country, Report
from intake.web import cookies
from intake.web.door import SeeOther, public

logger = logging.getLogger(__name__)

NEUTRAL = "https://worldweather.wmo.int/"  # where there is no country, or no database
HOME = {"az": "AZ", "ru": "RU"}  # when nothing is known but the language


@require_http_methods(["GET", "HEAD", "POST"])
@public
def leave(request: HttpRequest, language: str) -> HttpResponse:
    try:
        target = _neutral_page(_country(request) or HOME.get(language, ""))
    except DatabaseError as error:
        logger.warning("Leaving quickly without the database (%s).", type(error).__name__)
        target = NEUTRAL
    response = SeeOther(target)
    response.headers["Clear-Site-Data"] = '"cache", "cookies", "storage"'
    cookies.drop(response, cookies.DRAFT)
    cookies.leave_page(request, response)
    return response


def _country(request: HttpRequest) -> str:
    """Where the person is, as far as this browser has said; what was not sent is deleted."""
    secret = cookies.draft_secret(request)
    report_id = cookies.page_report(request)
    if not secret:
        return _country_of(report_id) if report_id else ""
    try:
        opened = open_draft(secret=secret, now=timezone.now())
    except DomainError:
        return ""
    discard_draft(secret=secret)
    if opened.draft.report_id:
        return _country_of(opened.draft.report_id)
    return str((opened.answers.get("where") or {}).get("country", ""))


def _country_of(report_id: UUID) -> str:
    return Report.objects.filter(pk=report_id).values_list("country_id", flat=True).first() or ""


def _neutral_page(country: str) -> str:
    return Country.objects.filter(pk=country).values_list("neutral_url", flat=True).first() or NEUTRAL
