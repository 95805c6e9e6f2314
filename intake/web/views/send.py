"""From the answers to the report: check them, see the code, send, see the code again until it is confirmed."""

import unicodedata

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from intake.actions.drafts import OpenDraft, confirm_code
from intake.actions.send_draft import send_draft
from intake.errors import InvalidInput, Throttled
from intake.references import group_code
from intake.screening import admit_report, client_network
from intake.web import cookies, steps
from intake.web.door import SeeOther, address, to
from intake.web.review import kept_from_before, review

from .drafts import unsent, with_draft


@require_safe
@with_draft
@unsent
def check(request: HttpRequest, language: str, opened: OpenDraft) -> HttpResponse:
    if absent := _to_what_is_missing(opened, language):
        return absent
    last = steps.asked_steps(opened.answers)[-1][0]
    shown = {
        "pages": review(opened.answers, language),
        "kept": kept_from_before(opened.answers, language),
        "back": address("step", language, number=last),
    }
    return render(request, "intake/check.html", shown)


@require_http_methods(["GET", "HEAD", "POST"])
@with_draft
def code(request: HttpRequest, language: str, opened: OpenDraft) -> HttpResponse:
    """The code, before anything is sent; POST sends. Pressed twice, it is one report."""
    if opened.is_sent:
        return to("sent", language)
    if absent := _to_what_is_missing(opened, language):
        return absent
    if request.method != "POST":
        return _show_code(request, opened)
    if "last" in request.POST:
        return _show_code(request, opened, typed=_typed_again(request, opened))
    if not cookies.token_fits(request, cookies.draft_token(request)):
        return _show_code(request, opened, sentence=_("Please press the button again."), status=403)
    return _send(request, language, opened)


def _send(request: HttpRequest, language: str, opened: OpenDraft) -> HttpResponse:
    now = timezone.now()
    try:
        admit_report(client_network(request.META, settings.PROXY_COUNT), now)
        send_draft(secret=cookies.draft_secret(request), now=now)
    except Throttled as refusal:
        response = _show_code(request, opened, sentence=str(refusal.message), status=refusal.status)
        response.headers["Retry-After"] = str(refusal.retry_after)
        return response
    except InvalidInput as refusal:
        return _to_the_problem(refusal, opened, language)
    return to("sent", language)


@require_http_methods(["GET", "HEAD", "POST"])
@with_draft
def sent(request: HttpRequest, language: str, opened: OpenDraft) -> HttpResponse:
    """Until the code is confirmed (at most 30 minutes) a reload shows the same code; POST confirms it."""
    report = opened.draft.report
    if report is None:
        return to("code", language)
    is_confirmed = request.method == "POST" and "last" not in request.POST
    if is_confirmed and cookies.token_fits(request, cookies.draft_token(request)):
        confirm_code(secret=cookies.draft_secret(request), now=timezone.now())
        response = to("page", language)
        cookies.drop(response, cookies.DRAFT)
        cookies.keep_page(response, report.pk)
        return response
    shown = {
        "reference": report.reference,
        "code": _groups(opened),
        "token": cookies.draft_token(request),
        "typed": _typed_again(request, opened),
    }
    return render(request, "intake/sent.html", shown)


def _typed_again(request: HttpRequest, opened: OpenDraft) -> str:
    """ "right" or "wrong" for the last group of the code, empty when it was not typed. Never in the way of sending."""
    typed = "".join(str(unicodedata.decimal(sign)) for sign in request.POST.get("last", "")[:60] if sign.isdecimal())
    if not typed or opened.code is None:
        return ""
    return "right" if typed in (opened.code[-4:], opened.code) else "wrong"


def _to_what_is_missing(opened: OpenDraft, language: str) -> SeeOther | None:
    for name in steps.missing(opened.answers):
        return to("step", language, "?problem", number=steps.number_of(name))
    return None


def _to_the_problem(refusal: InvalidInput, opened: OpenDraft, language: str) -> SeeOther:
    """The page on which what was refused can be corrected. Fields are named "section.field"."""
    for number, step in steps.asked_steps(opened.answers):
        form = step.make(opened.answers, language)
        here = {form.section, *(f"{form.section}.{name}" for name in form.fields)}
        if here & set(refusal.fields):
            return to("step", language, "?problem", number=number)
    return to("check", language)


def _show_code(
    request: HttpRequest, opened: OpenDraft, *, sentence: str = "", typed: str = "", status: int = 200
) -> HttpResponse:
    shown = {
        "typed": typed,
        "code": _groups(opened),
        "token": cookies.draft_token(request),
        "sentence": sentence,
        "is_asked_first": not (opened.answers.get("consent") or {}).get("share"),
    }
    return render(request, "intake/code.html", shown, status=status)


def _groups(opened: OpenDraft) -> list[str]:
    return group_code(opened.code).split() if opened.code else []
