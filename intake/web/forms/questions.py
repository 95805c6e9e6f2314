"""The questions of the question set: each key question on its page, what an answer opens on the next one."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext_lazy as _

from intake.queries import reference_data
from intake.questionnaire import DayField, Question, QuestionForm, build_form, still_asked

from .base import CHOOSE, Draft, StepForm

Choose = Callable[[Draft], list[Question]]


def key_questions() -> list[str]:
    """Keys of the questions that are always asked, in their order."""
    return [question.key for question in reference_data().questions if not question.shown_if]


def key_question(key: str) -> Choose:
    return lambda draft: [question for question in reference_data().questions if question.key == key]


def opened_by(*keys: str) -> Choose:
    """What the answers to these questions open, whatever else might open it too."""
    return lambda draft: [
        question
        for question in reference_data().questions
        if (ways := tuple(way for way in question.shown_if if set(keys) & set(way)))
        and replace(question, shown_if=ways).is_asked({**_context(draft), **_given(draft)})
    ]


def opened_by_kind(draft: Draft) -> list[Question]:
    """What the kind of problem opens, unless an answer has opened it before."""
    opened = opened_by("category", "subcode")(draft)
    if not opened:
        return []
    before = {question.key for key in key_questions() for question in opened_by(key)(draft)}
    return [question for question in opened if question.key not in before]


class QuestionsForm(StepForm):
    section = "questions"
    title = _("A little more about this")

    def __init__(self, data: Mapping[str, Any] | None = None, *, choose: Choose, draft: Draft, language: str) -> None:
        self.choose = choose
        super().__init__(data, draft=draft, language=language)

    def offer(self) -> None:
        self.fields.update(build_form(self.choose(self.draft), self.lang)().fields)
        for field in self.fields.values():
            if isinstance(field, DayField):
                field.widget.attrs["class"] = "field short"
            else:
                field.error_messages.update(invalid_choice=CHOOSE, invalid_list=CHOOSE)

    def answers(self) -> dict[str, Any]:
        """With the answers that this one closes taken back."""
        given = {**_given(self.draft), **QuestionForm.answers(self)}  # type: ignore[arg-type]
        kept = still_asked(reference_data().questions, given, _context(self.draft))
        return {name: kept.get(name) for name in given}


def _given(draft: Draft) -> dict[str, Any]:
    return dict(draft.get("questions") or {})


def _context(draft: Draft) -> dict[str, Any]:
    about, what = draft.get("about") or {}, draft.get("what") or {}
    return {"about": about.get("about"), "category": what.get("category"), "subcode": what.get("subcode")}
