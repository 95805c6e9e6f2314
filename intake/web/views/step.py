"""One page of the form: shown, checked, kept, and on to the next."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from intake.actions.drafts import OpenDraft, save_answers
from intake.actions.resume_draft import keep_under_code
from intake.errors import InvalidInput
from intake.web import cookies, steps
from intake.web.door import SeeOther, to
from intake.web.forms.base import Draft, StepForm

from . import files
from .around import around
from .blank import blank_page
from .drafts import unsent, with_draft
from .rescue import keep_what_was_typed

PRESS_AGAIN = 403  # the form came from an older draft: nothing was kept, everything typed is still on the page


def _step(request: HttpRequest, language: str, opened: OpenDraft, number: int) -> HttpResponse:
    every = steps.all_steps()
    if not 1 <= number <= len(every):
        raise Http404
    if request.method == "POST":
        number = steps.number_posted(request.POST.get("page", ""), number)
    if not every[number - 1].asked(opened.answers):
        return to_number(steps.neighbours(opened.answers, number)[1], language)
    if request.method == "POST":
        return _answered(request, language, opened, number)
    if every[number - 1].name == files.STEP:
        return files.files_step(request, language, opened)
    return _shown(request, language, opened.answers, number)


def _shown(request: HttpRequest, language: str, draft: Draft, number: int) -> HttpResponse:
    step, sentence = steps.all_steps()[number - 1], _sentence(request)
    if "problem" in request.GET:  # sending was refused because of this page
        form = step.make(draft, language, step.make(draft, language).as_typed())
        return show_step(request, language, draft, number, form, sentence=sentence)
    page = blank_page(request, language, draft, around(request, language, draft, number, sentence))
    if page is not None:
        return page
    return show_step(request, language, draft, number, step.make(draft, language), sentence=sentence)


def _rescued(request: HttpRequest, language: str, number: int) -> HttpResponse:
    """What was typed into a page whose draft is gone."""
    if not 1 <= number <= len(steps.all_steps()):
        raise Http404
    number = steps.number_posted(request.POST.get("page", ""), number)
    kept = keep_what_was_typed(request, language, steps.all_steps()[number - 1])
    if isinstance(kept, StepForm):  # it cannot be kept as it is: the person corrects it
        response: HttpResponse = show_step(request, language, {}, number, kept, status=InvalidInput.status)
    elif isinstance(kept, HttpResponse):
        return kept
    else:
        response = to("step", language, "?kept" if kept else "?gone", number=steps.number_of("country"))
    cookies.keep_draft(response, cookies.draft_secret(request))
    return response


step = require_http_methods(["GET", "HEAD", "POST"])(with_draft(unsent(_step), rescue=_rescued))


def _answered(request: HttpRequest, language: str, opened: OpenDraft, number: int) -> HttpResponse:
    form = steps.all_steps()[number - 1].make(opened.answers, language, request.POST)
    if not cookies.token_fits(request, cookies.draft_token(request)):
        sentence = _("Please check that this is what you want to say, and press the button again.")
        return show_step(request, language, opened.answers, number, form, sentence=sentence, status=PRESS_AGAIN)
    if form.is_valid():
        try:
            saved = save_answers(
                secret=cookies.draft_secret(request),
                step=form.section,
                values=form.answers(),
                now=timezone.now(),
                interface_language=language,
            )
            return _onward(request, language, saved.answers, number)
        except InvalidInput as refusal:
            for messages in refusal.fields.values():
                form.add_error(None, [str(message) for message in messages])
    return show_step(request, language, opened.answers, number, form, status=InvalidInput.status)


def _onward(request: HttpRequest, language: str, draft: Draft, number: int) -> SeeOther:
    then = request.POST.get("then")
    if then == "stop":
        keep_under_code(secret=cookies.draft_secret(request), now=timezone.now())
        return to("later", language)
    opened = steps.opened_after(draft, number)
    is_incomplete = opened is not None and steps.all_steps()[opened - 1].name in steps.COMPLETING
    if then == "send" and not is_incomplete:
        return _to_sending(draft, language)
    if request.POST.get("from") == "check":
        return to_number(opened, language, "?from=check")
    return to_number(steps.neighbours(draft, number)[1], language)


def _to_sending(draft: Draft, language: str) -> SeeOther:
    """To the code; before that to the one answer without which nothing can be sent."""
    for name in steps.missing(draft):
        return to("step", language, "?then=send", number=steps.number_of(name))
    return to("code", language)


def to_number(number: int | None, language: str, query: str = "") -> SeeOther:
    """After the last page: the answers."""
    return to("check", language) if number is None else to("step", language, query, number=number)


def _sentence(request: HttpRequest) -> str:
    if "kept" in request.GET:
        return _("Your earlier answers were kept for 24 hours and are now deleted. What you have just written is kept.")
    if "gone" in request.GET:
        return _("Your answers are not here any more. Please begin again.")
    return _("Only this answer is still needed. Then you can send.") if "then" in request.GET else ""


def show_step(
    request: HttpRequest,
    language: str,
    draft: Draft,
    number: int,
    form: StepForm,
    *,
    sentence: str = "",
    status: int = 200,
) -> HttpResponse:
    page = around(request, language, draft, number, sentence)
    shown = page.shown(form, cookies.draft_token(request), language)
    return render(request, "intake/step.html", shown, status=status)
