"""The page where a code is typed: it opens the report's page, or a draft that was kept to go on later."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from intake.actions.count_guesses import count_wrong_code
from intake.actions.drafts import open_draft
from intake.actions.resume_draft import secret_by_code
from intake.errors import DomainError, DraftExpired, Throttled, UnknownCode
from intake.queries import report_by_code
from intake.screening import admit_guess, client_network, guess_was_right
from intake.web import cookies
from intake.web.door import to
from intake.web.forms.code import CodeForm
from intake.web.steps import resume_at

TOO_MANY = gettext_lazy("Too many tries from this network. We did not check this code. Please wait {minutes} min.")


def ask_code(request: HttpRequest) -> HttpResponse:
    sentences = {
        "closed": _("Your page is closed."),
        "kept": _("Your answers are kept. When you want to go on, open this page and enter your code."),
    }
    sentence = next((words for name, words in sentences.items() if name in request.GET), "")
    return render(request, "intake/enter_code.html", {"form": CodeForm(), "sentence": sentence})


def opened_by_code(request: HttpRequest, language: str) -> HttpResponse:
    """A throttled network is not evaluated at all. Whatever is wrong with a code: same look-ups, same answer."""
    now = timezone.now()
    network = client_network(request.META, settings.PROXY_COUNT)
    form = CodeForm(request.POST)
    form.is_valid()
    typed = form.cleaned_data.get("code", "")
    try:
        admit_guess(network, now)
        report, secret = report_by_code(typed), secret_by_code(typed, now=now)
        if report is None and secret is None:
            count_wrong_code(now=now)
            raise UnknownCode()
    except (UnknownCode, Throttled) as refusal:
        return _refused(request, form, refusal)
    guess_was_right(network, now)
    if report is not None:
        response: HttpResponse = to("page", language)
        cookies.keep_page(response, report.pk)
        return response
    return _resumed(language, secret or "")


def _resumed(language: str, secret: str) -> HttpResponse:
    try:
        opened = open_draft(secret=secret, now=timezone.now())
    except DraftExpired:  # between two statements
        return to("page", language)
    number = resume_at(opened.answers, language)
    response = to("step", language, number=number) if number else to("check", language)
    cookies.keep_draft(response, secret)
    return response


def _refused(request: HttpRequest, form: CodeForm, refusal: DomainError) -> HttpResponse:
    form.errors.clear()
    sentence = str(refusal.message)
    if isinstance(refusal, Throttled):
        sentence = str(TOO_MANY).format(minutes=refusal.minutes)
    form.add_error("code", sentence)
    response = render(request, "intake/enter_code.html", {"form": form}, status=refusal.status)
    if isinstance(refusal, Throttled):
        response.headers["Retry-After"] = str(refusal.retry_after)
    return response
