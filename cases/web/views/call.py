"""Phone intake: is it safe to talk, the questions with their script, filing. The code afterwards is call_code.py."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from cases.web.access import page, staff
from cases.web.call import line, script, typed
from cases.web.call.forms import Questions
from cases.web.call.section import Section
from cases.web.language import CODES, console_language
from intake.actions.drafts import DraftSent, OpenDraft, discard_draft, open_draft, save_answers
from intake.actions.send_draft import send_draft
from intake.errors import InvalidInput
from intake.models import Report


@require_GET
@page("file_report")
def call(request: HttpRequest) -> HttpResponse:
    """The first question of every call, before any other."""
    speak = spoken_in(request, request.GET.get("speak", ""))
    opened = line.open_call(request, staff(request), timezone.now())
    context = {
        "speak": speak,
        "languages": CODES,
        "say": script.spoken([script.SAFE_TO_TALK], speak),
        "unfinished": opened is not None and not opened.is_sent,
        "code_waits": opened is not None and opened.is_sent and opened.code is not None,
    }
    return render(request, "console/call/call.html", context)


@require_POST
@page("file_report")
def start(request: HttpRequest) -> HttpResponse:
    """A new call, or the one that is not finished: nothing is thrown away by beginning again."""
    now, speak = timezone.now(), spoken_in(request, request.POST.get("speak", ""))
    response = redirect("console:call_form" if request.POST.get("safe") == "yes" else "console:call_unsafe")
    opened = line.open_call(request, staff(request), now)
    if opened is not None and (not opened.is_sent or opened.code):
        return response
    return line.keep(response, line.begin_call(staff(request), language=speak, now=now))


@require_GET
@page("file_report")
def form(request: HttpRequest) -> HttpResponse:
    opened = line.open_call(request, staff(request), timezone.now())
    if opened is None:
        return redirect("console:call")
    if opened.is_sent:
        return redirect("console:call_code")
    return _show(request, opened, typed.sections(opened.answers, console_language(request)))


@require_POST
@page("file_report")
def save(request: HttpRequest) -> HttpResponse:
    """Keeps what was typed, then does what the button says. A call whose cookie is gone goes on as a new one."""
    now, user, language = timezone.now(), staff(request), console_language(request)
    opened, secret = line.open_call(request, user, now), line.secret_of(request)
    shown_draft = request.POST.get("draft", "")
    if opened is None or str(opened.draft.pk) != shown_draft:
        filed = line.filed_before(shown_draft, user)
        if filed is not None:
            return already_filed(request, filed)
        if request.POST.get("act") == "keep":
            return HttpResponse(status=409)
        if opened is not None:
            return _not_this_call(request, opened)
        secret = line.begin_call(user, language=spoken_in(request, request.POST.get("spoken", "")), now=now)
        opened = open_draft(secret=secret, now=now)
    try:
        opened, bound = typed.keep_typed(opened, secret, request.POST, language=language, now=now)
    except DraftSent:
        return redirect("console:call_code")
    except InvalidInput as error:
        bound = [section(request.POST, answers=opened.answers, language=language) for section in typed.SECTIONS]
        return _show(request, opened, bound, wrong=typed.refuse(bound, error), status=error.status)
    return line.keep(_go_on(request, opened, secret, bound), secret)


@require_POST
@page("file_report")
def discard(request: HttpRequest) -> HttpResponse:
    """The call came to nothing: nothing of it is kept."""
    opened = line.open_call(request, staff(request), timezone.now())
    if opened is not None and not opened.is_sent:
        discard_draft(secret=line.secret_of(request))
    messages.success(request, _("Nothing of this call was kept."))
    return line.drop(redirect("console:call"))


def already_filed(request: HttpRequest, report: Report) -> HttpResponse:
    """An old page was sent again after its call had ended."""
    messages.info(request, _("This report has been filed already."))
    return redirect("console:case", reference=report.reference)


def spoken_in(request: HttpRequest, wanted: str) -> str:
    """The language of the call: the caseworker's own until another is chosen."""
    return wanted if wanted in CODES else console_language(request)


def _go_on(request: HttpRequest, opened: OpenDraft, secret: str, bound: list[Section]) -> HttpResponse:
    act = request.POST.get("act", "")
    if act == "keep":  # by script, while typing
        return HttpResponse(status=204)
    if request.POST.get("speak") in CODES:
        _speak(secret, request.POST["speak"])
        return redirect("console:call_form")
    if act == "unsafe":
        return redirect("console:call_unsafe")
    if any(section.errors for section in bound):
        return _show(request, opened, bound, status=422)
    if act != "file":
        return _at_questions() if act == "ask" else redirect("console:call_form")
    if typed.not_shown_yet(opened, console_language(request), request.POST.get("shown", "")):
        messages.info(request, _("The answers have opened more questions. Ask them, or file the report as it is."))
        return _at_questions()
    if typed.was_answered_unread(opened):
        reason = _("Read the words of consent aloud and tick this, or take the answers back.")
        typed.refuse(bound, InvalidInput(fields={"consent.was_read": [reason]}))
        return _show(request, opened, bound, status=422)
    return _file(request, opened, secret, bound)


def _file(request: HttpRequest, opened: OpenDraft, secret: str, bound: list[Section]) -> HttpResponse:
    try:
        send_draft(secret=secret, now=timezone.now(), taken_by=staff(request).pk)
    except InvalidInput as error:
        return _show(request, opened, bound, wrong=typed.refuse(bound, error), status=error.status)
    return redirect("console:call_code")


def _speak(secret: str, language: str) -> None:
    save_answers(secret=secret, step="call", values={}, now=timezone.now(), interface_language=language)


def _at_questions() -> HttpResponse:
    return HttpResponseRedirect(reverse("console:call_form") + "#h-2")


def _not_this_call(request: HttpRequest, opened: OpenDraft) -> HttpResponse:
    """Two tabs, two callers: what one person says must never land in the report of another. Nothing is kept."""
    language = console_language(request)
    bound = [section(request.POST, answers=opened.answers, language=language) for section in typed.SECTIONS]
    wrong = [
        _("Another call is open in this browser. Finish it in its own tab first; nothing of this page is kept yet.")
    ]
    return _show(request, opened, bound, wrong=wrong, status=409, draft=request.POST.get("draft", "")[:40])


def _show(
    request: HttpRequest,
    opened: OpenDraft,
    forms: list[Section],
    *,
    wrong: Any = (),
    status: int = 200,
    draft: str = "",
) -> HttpResponse:
    speak = line.language_of(opened.answers)
    blocks = {form.step: {"form": form, "lines": script.lines(form, speak)} for form in forms}
    asked = next(form.asked for form in forms if isinstance(form, Questions))
    context = {
        "blocks": blocks,
        "speak": speak,
        "languages": CODES,
        "is_own_language": speak == console_language(request),
        "draft": draft or opened.draft.pk,
        "shown": ",".join(question.key for question in asked),
        "opening": script.opening(speak),
        "wrong": wrong,
        "has_errors": bool(wrong) or any(form.errors for form in forms if form.is_bound),
    }
    return render(request, "console/call/form.html", context, status=status)
