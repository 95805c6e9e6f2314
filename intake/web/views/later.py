"""Stop here and go on later: the code with which the draft is opened again, from any browser, for 24 hours."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from intake.actions.drafts import OpenDraft
from intake.actions.resume_draft import close_draft
from intake.queries import reference_data
from intake.references import group_code
from intake.web import cookies
from intake.web.door import address, to
from intake.web.steps import resume_at
from intake.web.times import moment_in_words, zone_called

from .drafts import unsent, with_draft
from .step import to_number


@require_http_methods(["GET", "HEAD", "POST"])
@with_draft
@unsent
def later(request: HttpRequest, language: str, opened: OpenDraft) -> HttpResponse:
    """POST closes the draft: nothing of it stays in this browser, and a copy of its cookie opens nothing.

    Who left quickly has the code already, and it is not shown again: for them it closes at once.
    """
    if opened.draft.code_hash is None:
        return to_number(resume_at(opened.answers, language), language)
    is_pressed = request.method == "POST" and cookies.token_fits(request, cookies.draft_token(request))
    if is_pressed or opened.code is None:
        close_draft(secret=cookies.draft_secret(request), now=timezone.now())
        response = to("page", language, "?kept")
        cookies.drop(response, cookies.DRAFT)
        return response
    number = resume_at(opened.answers, language)
    where = opened.answers.get("where") or {}
    zone = reference_data().timezone_of(country=where.get("country", ""), region=where.get("region"))
    shown = {
        "code": group_code(opened.code).split(),
        "until": moment_in_words(opened.draft.expires_at, zone_called(zone)),
        "on": address("step", language, number=number) if number else address("check", language),
        "token": cookies.draft_token(request),
    }
    return render(request, "intake/later.html", shown)
