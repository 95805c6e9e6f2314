"""The draft's answers in words, for the page on which a person checks them before sending."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms

from intake.queries import reference_data
from intake.queries.questions import questions_with
from intake.questionnaire import AmountField, DayField, WrittenField, left_over, words_in
from intake.questionnaire import in_words as words_of
from intake.templatetags.intake_pages import capital

from .door import address
from .forms.base import Draft, StepForm, Text
from .steps import asked_steps
from .times import day_in_words


@dataclass(frozen=True, slots=True)
class Answer:
    label: str  # empty where the page asks one thing only
    words: str
    is_text: bool  # in the person's own words


@dataclass(frozen=True, slots=True)
class Page:
    label: str
    answers: list[Answer]
    address: str


def review(draft: Draft, language: str) -> list[Page]:
    """One entry for each page that is asked, with what was answered there."""
    return [
        _page(step.make(draft, language), address("step", language, "?from=check", number=number))
        for number, step in asked_steps(draft)
    ]


def kept_from_before(draft: Draft, language: str) -> list[Answer]:
    """Answers to questions which an operator has changed since: they are sent as they were given."""
    before = left_over(reference_data().questions, draft.get("questions") or {})
    answers = []
    for key, versions in questions_with(before).items():
        question = next((one for one in versions if one.accepts(before[key])), None)
        if question is not None:
            words = words_of(question, before[key], language)
            answers.append(Answer(words_in(question.words, language), words, question.is_written))
    return answers


def _page(form: StepForm, where: str) -> Page:
    answers = [answer for name in form.fields if (answer := _answer(form, name))]
    label = next(str(field.label) for field in form.fields.values()) if form.is_one_question else str(form.heading)
    return Page(label, answers, where)


def _answer(form: StepForm, name: str) -> Answer | None:
    field = form.fields[name]
    words = in_words(field, form.initial.get(name))
    label = "" if form.is_one_question or form.titled else str(field.label)
    return Answer(label, words, isinstance(field, Text | WrittenField)) if words else None


def in_words(field: forms.Field, value: Any) -> str:
    """What was chosen or written, in the words of the page; empty when there is no answer."""
    if value in (None, "", [], False):
        return ""
    if isinstance(field, AmountField):
        return str(value)
    if isinstance(field, DayField):
        return day_in_words(date.fromisoformat(value))
    if isinstance(field, forms.ChoiceField):
        words = {str(code): str(label) for code, label in field.choices}  # type: ignore[misc, union-attr]
        chosen = value if isinstance(value, list) else [value]
        return capital(", ".join(words[str(one)] for one in chosen if str(one) in words))
    return str(value)
