"""The end of a call: the receipt code, shown to be read out until it is confirmed; and the call that was not safe."""

from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from cases.queries.case_file import case_of
from cases.queries.emergency import emergency_numbers
from cases.web.access import page, staff
from cases.web.call import line, script
from cases.web.call.contact import CallBack
from cases.web.language import CODES
from cases.web.views.call import already_filed, spoken_in
from intake.actions.drafts import DraftSent, OpenDraft, confirm_code, save_answers
from intake.actions.send_draft import send_draft
from intake.errors import InvalidInput
from intake.models import Report
from intake.references import group_code


@require_GET
@page("file_report")
def code(request: HttpRequest) -> HttpResponse:
    """The code stands in this answer alone: no address, message or session holds it."""
    now, user = timezone.now(), staff(request)
    opened = line.open_call(request, user, now)
    if opened is None or opened.draft.report is None:
        return redirect("console:call" if opened is None else "console:call_form")
    report = opened.draft.report
    speak = spoken_in(request, report.language_id)
    context = {
        "reference": report.reference,
        "groups": group_code(opened.code).split() if opened.code else [],
        "case": case_of(user, report.reference, now=now),
        "speak": speak,
        "say": script.spoken(script.READ_CODE, speak),
    }
    return render(request, "console/call/code.html", context)


@require_POST
@page("file_report")
def confirm(request: HttpRequest) -> HttpResponse:
    """The person has the code: from now on nobody can see it."""
    now, user = timezone.now(), staff(request)
    opened = line.open_call(request, user, now)
    if opened is None or opened.draft.report is None:
        return line.drop(redirect("console:call")) if opened is None else redirect("console:call_form")
    confirm_code(secret=line.secret_of(request), now=now)
    messages.success(request, _("The report is filed."))
    return line.drop(_to_case(request, opened.draft.report, now))


@require_GET
@page("file_report")
def unsafe(request: HttpRequest) -> HttpResponse:
    opened = line.open_call(request, staff(request), timezone.now())
    if opened is None:
        return redirect("console:call")
    return redirect("console:call_code") if opened.is_sent else _show_unsafe(request, opened, CallBack())


@require_POST
@page("file_report")
def call_back(request: HttpRequest) -> HttpResponse:
    """Files no more than what was agreed about calling back, with what was written before it stopped being safe."""
    now, user, given = timezone.now(), staff(request), CallBack(request.POST)
    opened, secret = line.open_call(request, user, now), line.secret_of(request)
    if opened is None or str(opened.draft.pk) != request.POST.get("draft", ""):
        filed = line.filed_before(request.POST.get("draft", ""), user)
        return already_filed(request, filed) if filed else redirect("console:call")
    if opened.is_sent:
        return redirect("console:call_code")
    if not given.is_valid():
        return _show_unsafe(request, opened, given, status=422)
    try:
        for step, values in given.steps(opened.answers).items():
            save_answers(secret=secret, step=step, values=values, now=now)
        send_draft(secret=secret, now=now, taken_by=user.pk)
    except DraftSent:  # a twin was quicker
        return redirect("console:call_code")
    except InvalidInput as error:
        names = {"category": "kind", "subcode": "kind"}
        fields = {name.partition(".")[2]: reasons for name, reasons in error.fields.items()}
        given.refuse({names.get(name, name): reasons for name, reasons in fields.items()})
        return _show_unsafe(request, opened, given, status=error.status)
    return redirect("console:call_code")


def _show_unsafe(request: HttpRequest, opened: OpenDraft, given: CallBack, *, status: int = 200) -> HttpResponse:
    speak = spoken_in(request, request.GET.get("speak", "") or line.language_of(opened.answers))
    context = {
        "form": given,
        "speak": speak,
        "languages": CODES,
        "say": script.spoken(script.NOT_SAFE, speak),
        "numbers": emergency_numbers(speak),
        "draft": opened.draft.pk,
        "is_begun": set(opened.answers) - {"call", "interface_language"},
    }
    return render(request, "console/call/unsafe.html", context, status=status)


def _to_case(request: HttpRequest, report: Report, now: datetime) -> HttpResponse:
    """The person may have asked for people of the other side: then there is nothing here to open."""
    if case_of(staff(request), report.reference, now=now) is None:
        return redirect("console:queue")
    return redirect("console:case", reference=report.reference)
