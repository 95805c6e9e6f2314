"""Adding to the report and saying parts of it anew, part by part; the questions one by one."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from intake.actions.correct_report import correct_report
from intake.errors import InvalidInput, ReportTakenBack
from intake.models import Correction, Report, ReportKey
from intake.queries import reference_data
from intake.queries.words import Words, words_of
from intake.questionnaire import in_words, words_in
from intake.vocabulary import About
from intake.web.door import to
from intake.web.forms import QuestionsForm, key_question, key_questions, opened_by
from intake.web.forms.base import StepForm
from intake.web.forms.page import ActorNameForm, AdditionForm, FamilyForm, IdentityForm, NoForm

from .on_page import add_problems, on_page, show_form, show_taken_back

Part = Correction.Part


@dataclass(frozen=True, slots=True)
class Place:
    """A part of the report: its words in the list, its form, and what of it stands there now."""

    part: str
    label: str | Promise
    form: type[StepForm]
    is_there: Callable[[Words], Any]
    label_other: str | Promise = ""  # where the report is about somebody else


# Addresses carry numbers only: no word of the report stands in them.
PLACES = (
    Place(Part.STORY, _("What happened?"), AdditionForm, lambda words: words.whole_story),
    Place(Part.IDENTITY, _("Who you are"), IdentityForm, lambda words: words.identity, _("About the person")),
    Place(Part.FAMILY, _("Your family"), FamilyForm, lambda words: words.family, _("This person's family")),
    Place(Part.ACTOR_NAME, _("Who did this?"), ActorNameForm, lambda words: words.actor_name),
)


@on_page
def add(request: HttpRequest, language: str, report: Report) -> HttpResponse:
    """The list of what can be added or said anew."""
    words = words_of(Report.objects.get(pk=report.pk), ReportKey.of(report.pk))
    parts = [
        {"number": number, "label": _label(place, report), "is_there": bool(place.is_there(words))}
        for number, place in enumerate(PLACES, start=1)
    ]
    form = NoForm(draft={}, language=language)
    shown = {"parts": parts, "questions": _questions(report, words, language)}
    return show_form(request, report, form, "intake/page_add.html", is_withdrawn=_is_back(report), **shown)


def _label(place: Place, report: Report) -> str | Promise:
    return (place.label_other if report.about == About.OTHER else "") or place.label


def _questions(report: Report, words: Words, language: str) -> list[dict[str, Any]]:
    by_key = {question.key: question for question in reference_data().questions}
    found = []
    for number, key in enumerate(key_questions(), start=1):
        question, value = by_key[key], words.answers.get(key)
        asked = question.words_other if report.about == "other" and question.words_other else question.words
        said = in_words(question, value, language) if value else ""
        found.append({"number": number, "label": words_in(asked, language), "said": said})
    return found


@on_page
def add_part(request: HttpRequest, language: str, report: Report, number: int) -> HttpResponse:
    if not 1 <= number <= len(PLACES):
        raise Http404
    place = PLACES[number - 1]
    if request.method == "POST" and "back" in request.POST.getlist("then"):
        return _save(request, language, report, place.part, None) or to("add", language, "?taken")
    draft = {"about": {"about": report.about}}
    form = place.form(request.POST if request.method == "POST" else None, draft=draft, language=language)
    if request.method == "POST" and form.is_valid():
        content = form.answers() if place.part == Part.IDENTITY else form.cleaned_data["text"]
        response = _save(request, language, report, place.part, content, form)
        if response is not None:
            return response
    words = words_of(Report.objects.get(pk=report.pk), ReportKey.of(report.pk))
    return show_form(request, report, form, "intake/page_part.html", can_take_back=bool(place.is_there(words)))


def _save(
    request: HttpRequest, language: str, report: Report, part: str, content: Any, form: StepForm | None = None
) -> HttpResponse | None:
    """None: refused, said in the form; or it was a part that was taken back."""
    try:
        correct_report(
            report_id=report.pk,
            part=part,
            content=content,
            submission_key=request.POST.get("key", ""),
            now=timezone.now(),
        )
    except InvalidInput as refusal:
        if form is None:
            return to("add", language, "?again")
        add_problems(form, refusal.fields, {part: "text", "identity.name": "name", "identity.birth_date": "birth_date"})
        return None
    except ReportTakenBack:
        if form is None:  # nothing was typed to be kept
            raise
        return show_taken_back(request, report, form)
    return to("add", language, "?added") if form is not None else None


@on_page
def add_answer(request: HttpRequest, language: str, report: Report, number: int) -> HttpResponse:
    """One of the six questions; a yes leads to the questions that it opens."""
    return _ask(request, language, report, number, is_more=False)


@on_page
def add_more(request: HttpRequest, language: str, report: Report, number: int) -> HttpResponse:
    return _ask(request, language, report, number, is_more=True)


def _ask(request: HttpRequest, language: str, report: Report, number: int, *, is_more: bool) -> HttpResponse:
    keys = key_questions()
    if not 1 <= number <= len(keys):
        raise Http404
    key = keys[number - 1]
    choose = opened_by(key) if is_more else key_question(key)
    form = _form(request, language, report, choose)
    if not form.fields:
        return to("add", language, "?added")
    if request.method == "POST" and form.is_valid():
        given = form.answers()
        names = {f"answers.{name}": name for name in form.fields}
        try:
            _keep_answers(request, report, {name: given.get(name) for name in given if name in _changed(form, given)})
        except InvalidInput as refusal:
            add_problems(form, refusal.fields, names)
        except ReportTakenBack:
            return show_taken_back(request, report, form)
        else:
            return to("add", language, "?added") if is_more else to("add_more", language, number=number)
    return show_form(request, report, form, "intake/page_part.html")


def _form(request: HttpRequest, language: str, report: Report, choose: Any) -> QuestionsForm:
    full = Report.objects.get(pk=report.pk)
    draft = {
        "questions": dict(words_of(full, ReportKey.of(report.pk)).answers),
        "about": {"about": report.about},
        "what": {"category": report.category_id, "subcode": report.subcode},
    }
    return QuestionsForm(
        request.POST if request.method == "POST" else None, choose=choose, draft=draft, language=language
    )


def _changed(form: QuestionsForm, given: dict[str, Any]) -> set[str]:
    """What differs from before, also follow-ups that this answer has closed."""
    before = form.draft.get("questions") or {}
    return {name for name in given if (given[name] or None) != (before.get(name) or None)}


def _keep_answers(request: HttpRequest, report: Report, answers: dict[str, Any]) -> None:
    if answers:
        correct_report(
            report_id=report.pk,
            part=Part.ANSWERS,
            content=answers,
            submission_key=request.POST.get("key", ""),
            now=timezone.now(),
        )


def _is_back(report: Report) -> bool:
    return report.withdrawn_at is not None
