"""Messages between the person and us: read and written on one page."""

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from intake.actions.messages import mark_read, post_message
from intake.errors import InvalidInput, Throttled
from intake.models import Report, ReportKey
from intake.queries.messages import messages_of
from intake.web.door import to
from intake.web.forms.page import MessageForm
from intake.web.message_words import message_words

from .on_page import add_problems, on_page, show_form, zone_of


@on_page
def messages(request: HttpRequest, language: str, report: Report) -> HttpResponse:
    """What was shown counts as read."""
    if request.method == "POST":
        return _post(request, language, report)
    return _show(request, report, MessageForm(draft={}, language=language))


def _post(request: HttpRequest, language: str, report: Report) -> HttpResponse:
    form = MessageForm(request.POST, draft={}, language=language)
    if form.is_valid():
        key = request.POST.get("key", "")
        try:
            text = form.cleaned_data["text"]
            post_message(report_id=report.pk, text=text, submission_key=key, now=timezone.now())
            return to("messages", language, "?sent")
        except InvalidInput as refusal:
            add_problems(form, refusal.fields)
        except Throttled as refusal:
            form.add_error(None, str(refusal.message))
    return _show(request, report, form)


def _show(request: HttpRequest, report: Report, form: MessageForm) -> HttpResponse:
    now = timezone.now()
    rows = messages_of(report.pk, ReportKey.of(report.pk))
    if request.method == "GET" and any(row.is_new for row in rows):
        mark_read(report_id=report.pk, until=now, now=now)
    shown = [message_words(row, zone_of(report)) for row in rows]
    return show_form(request, report, form, "intake/page_messages.html", messages=shown)
