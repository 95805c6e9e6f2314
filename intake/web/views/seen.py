"""Who has seen the data, and the complaint about it."""

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from intake.actions.complain import complain as complain_about
from intake.errors import InvalidInput
from intake.models import Report
from intake.queries.mailboxes import unconfirmed_erasures, who_has_seen
from intake.queries.organisations import organisations_of
from intake.web.door import to
from intake.web.forms.page import ComplaintForm, NoForm
from intake.web.page_words import erasure_words, seen_words

from .on_page import add_problems, on_page, show_form, zone_of


@on_page
def seen(request: HttpRequest, language: str, report: Report) -> HttpResponse:
    zone = zone_of(report)
    shown = {
        "seen": [seen_words(row, zone=zone) for row in who_has_seen(report.pk)],
        "erasures": [erasure_words(row, zone=zone) for row in unconfirmed_erasures(report.pk)],
    }
    return show_form(request, report, NoForm(draft={}, language=language), "intake/page_seen.html", **shown)


@on_page
def complain(request: HttpRequest, language: str, report: Report) -> HttpResponse:
    organisations = organisations_of(report.pk)
    typed = request.POST if request.method == "POST" else None
    form = ComplaintForm(typed, organisations=organisations, draft={}, language=language)
    if typed is not None and form.is_valid():
        try:
            complain_about(
                report_id=report.pk,
                about=form.about_whom,
                text=form.cleaned_data["text"],
                submission_key=request.POST.get("key", ""),
                now=timezone.now(),
            )
            return to("page", language, "?complained")
        except InvalidInput as refusal:
            add_problems(form, refusal.fields)
    return show_form(request, report, form, "intake/page_complain.html")
