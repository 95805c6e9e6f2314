"""The first page: numbers to call, and the beginning of a report."""

from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation.trans_real import parse_accept_lang_header
from django.views.decorators.http import require_http_methods, require_safe
from django.views.decorators.vary import vary_on_headers

from intake.actions.drafts import OpenDraft, discard_draft, open_draft, start_draft
from intake.errors import DraftExpired, InvalidInput, Throttled
from intake.screening import HONEYPOT_FIELD, admit_draft, check_honeypot, client_network
from intake.web import cookies
from intake.web.door import LANGUAGES, address, public, to
from intake.web.emergency import emergency_numbers
from intake.web.steps import resume_at

DEFAULT = "az"
SEEN = "seen"


@dataclass(frozen=True, slots=True)
class Unfinished:
    """What this browser has begun and not finished."""

    sentence: str
    button: str
    address: str
    warning: str


@require_safe
@public
@vary_on_headers("Accept-Language")
def root(request: HttpRequest) -> HttpResponse:
    return to("first", preferred_language(request.headers.get("Accept-Language", "")))


def preferred_language(header: str) -> str:
    """The first of our languages that the browser asks for, else Azerbaijani (RFC 9110 §12.5.4)."""
    for tag, _weight in parse_accept_lang_header(header.lower()):
        if (wanted := tag.partition("-")[0]) in LANGUAGES:
            return wanted
    return DEFAULT


@require_http_methods(["GET", "HEAD", "POST"])
@public
def first(request: HttpRequest, language: str) -> HttpResponse:
    if request.method == "POST":
        return _begin(request, language)
    sentence = _("Your answers are not here any more. Please begin again.") if "again" in request.GET else ""
    return _show(request, language, sentence=sentence)


@require_safe
@public
def now(request: HttpRequest, language: str) -> HttpResponse:
    """In danger now: whom to call, in both countries side by side; then back to where the person was, or on."""
    came_from = request.GET.get("from", "")
    number = int(came_from) if came_from.isascii() and came_from.isdecimal() and len(came_from) < 4 else 0
    shown = {
        "emergency": emergency_numbers(language),
        "back": address("step", language, number=number) if number else address("first", language),
        "is_writing": number > 0,
        "honeypot": HONEYPOT_FIELD,
        "seen": SEEN,
    }
    return render(request, "intake/now.html", shown)


def _begin(request: HttpRequest, language: str) -> HttpResponse:
    now = timezone.now()
    try:
        if SEEN not in request.POST:  # who filled in the hidden field once is not asked again: browsers do it too
            check_honeypot(request.POST)
        admit_draft(client_network(request.META, settings.PROXY_COUNT), now)
    except InvalidInput as refusal:
        return _show(request, language, sentence=_("Please press the button again."), status=refusal.status)
    except Throttled as refusal:
        response = _show(request, language, sentence=str(refusal.message), status=refusal.status)
        response.headers["Retry-After"] = str(refusal.retry_after)
        return response
    if earlier := cookies.draft_secret(request):
        discard_draft(secret=earlier)
    started = start_draft(now=now)
    response = to("step", language, number=1)
    cookies.keep_draft(response, started.secret)
    return response


def _show(request: HttpRequest, language: str, *, sentence: str = "", status: int = 200) -> HttpResponse:
    shown = {
        "sentence": sentence,
        "emergency": emergency_numbers(language),
        "unfinished": _unfinished(request, language),
        "honeypot": "" if status == InvalidInput.status else HONEYPOT_FIELD,
        "seen": SEEN,
    }
    return render(request, "intake/first.html", shown, status=status)


def _unfinished(request: HttpRequest, language: str) -> Unfinished | None:
    opened = _opened(request)
    if opened is None or not (opened.answers or opened.is_sent):
        return None
    if opened.is_sent:
        return Unfinished(
            sentence=_("Your report has already reached us."),
            button=_("See your code"),
            address=address("sent", language),
            warning=_("Write down your code first. After that it is not shown again."),
        )
    number = resume_at(opened.answers, language)
    return Unfinished(
        sentence=_("You have begun and not sent it yet."),
        button=_("Continue"),
        address=address("step", language, number=number) if number else address("check", language),
        warning=_("If you begin anew, what you wrote before is deleted."),
    )


def _opened(request: HttpRequest) -> OpenDraft | None:
    secret = cookies.draft_secret(request)
    try:
        return open_draft(secret=secret, now=timezone.now()) if secret else None
    except DraftExpired:
        return None
