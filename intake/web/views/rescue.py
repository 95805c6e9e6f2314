"""Something was typed for a draft that is not there any more (24 hours, a closed browser): it begins a new one."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from intake.actions.drafts import save_answers, start_draft
from intake.errors import InvalidInput, Throttled
from intake.questionnaire import QuestionForm
from intake.screening import admit_draft, client_network
from intake.web import cookies
from intake.web.forms import QuestionsForm, plan
from intake.web.forms.base import StepForm
from intake.web.steps import Step


def keep_what_was_typed(request: HttpRequest, language: str, step: Step) -> StepForm | HttpResponse | bool:
    """True: it is in a new draft, whose secret the request carries from here on; False: there was nothing to keep.

    A form: it is there and has to be corrected first. A response: too many drafts from this network.
    """
    now = timezone.now()
    try:
        admit_draft(client_network(request.META, settings.PROXY_COUNT), now)
    except Throttled as refusal:
        response = render(request, "intake/gone.html", {"sentence": refusal.message}, status=refusal.status)
        response.headers["Retry-After"] = str(refusal.retry_after)
        return response
    form = _form(request, language, step)
    secret = start_draft(now=now).secret
    request.COOKIES[cookies.DRAFT] = secret
    if not form.is_valid():
        return form
    values = {name: value for name, value in _answers(form).items() if value not in (None, "", [], False)}
    if not values:
        return False
    try:
        save_answers(secret=secret, step=form.section, values=values, now=now, interface_language=language)
    except InvalidInput as refusal:
        for messages in refusal.fields.values():
            form.add_error(None, [str(message) for message in messages])
        return form
    return True


def _form(request: HttpRequest, language: str, step: Step) -> StepForm:
    form = step.make({}, language, request.POST)
    if not isinstance(form, QuestionsForm):
        return form
    # What opened these questions is gone with the draft; they are kept for when it is answered again.
    typed = [question for question in plan().questions if any(_is_of(question.key, name) for name in request.POST)]
    return QuestionsForm(request.POST, choose=lambda draft: typed, draft={}, language=language)


def _is_of(key: str, name: str) -> bool:
    """An amount has two fields: key_0 and key_1."""
    return name == key or name in (f"{key}_0", f"{key}_1")


def _answers(form: StepForm) -> dict[str, Any]:
    return QuestionForm.answers(form) if isinstance(form, QuestionsForm) else form.answers()  # type: ignore[arg-type]
