"""Closing the page, taking the report back, deleting it for ever: three acts, each with its own words before it."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from intake.actions.erase_report import erase_report
from intake.actions.withdraw_report import withdraw_report
from intake.models import Report
from intake.vocabulary import ErasedBecause
from intake.web import cookies
from intake.web.door import to
from intake.web.forms.page import NoForm
from intake.web.times import day_in_words, moment_in_words

from .on_page import acting, on_page, show_form, zone_of


@acting
def close(request: HttpRequest, language: str, report: Report) -> HttpResponse:
    response = to("page", language, "?closed")
    cookies.leave_page(request, response)
    return response


@on_page
def withdraw(request: HttpRequest, language: str, report: Report) -> HttpResponse:
    if request.method == "POST":
        withdraw_report(report_id=report.pk, now=timezone.now())
        return to("page", language, "?withdrawn")
    if report.withdrawn_at is not None:
        return to("page", language)
    follows = _(
        "We stop working on it, organisations no longer see anything here, and we ask them to delete their copies. "
        "What you wrote stays with us until you delete it."
    )
    form = NoForm(draft={}, language=language)
    return show_form(request, report, form, "intake/page_act.html", act="withdraw", follows=follows)


@on_page
def erase(request: HttpRequest, language: str, report: Report) -> HttpResponse:
    """The certificate is shown this once: afterwards nothing here knows the person any more."""
    if request.method == "POST":
        return _erased(request, language, report)
    follows = _(
        "Everything you told us, your files and your messages are deleted and nobody can bring them back. "
        "Your code opens nothing any more, and we can no longer help with this report."
    )
    form = NoForm(draft={}, language=language)
    return show_form(request, report, form, "intake/page_act.html", act="erase", follows=follows)


def _erased(request: HttpRequest, language: str, report: Report) -> HttpResponse:
    zone = zone_of(report)
    made = erase_report(report_id=report.pk, because=ErasedBecause.REPORTER, now=timezone.now())
    shown = {
        "reference": made.reference,
        "erased_at": moment_in_words(made.erased_at, zone),
        "complete_on": day_in_words(made.complete_on),
        "told": [told.organisation.label(language) for told in made.told],
    }
    response = render(request, "intake/page_certificate.html", shown)
    cookies.drop(response, cookies.PAGE)
    return response
