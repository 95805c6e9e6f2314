"""The questions of the question set: each key question on its page, what an answer opens on the next one."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from intake.queries import reference_data
from intake.questionnaire import DayField, Question, QuestionForm, build_form, holds, left_over, still_asked

from .base import CHOOSE, Draft, StepForm, is_about_another

Choose = Callable[[Draft], list[Question]]
EARLY = ("held", "harm")  # before "what happened": they decide how quickly we act
KIND = ("category", "subcode")


@dataclass(frozen=True, slots=True)
class Plan:
    """What opens what, worked out once for a set of questions. A way that names several answers belongs to the page
    after the last of them; one that names only whom it is about, to the page after the kind of problem."""

    questions: tuple[Question, ...]
    always: list[str]
    pages: list[str]  # what `shown_if` may name, in the order in which it is asked
    ways: Mapping[str, list[tuple[Question, Mapping[str, tuple[str, ...]]]]]  # by the page they belong to
    named: Mapping[str, frozenset[str]]  # by key, the answers that open something


def plan() -> Plan:
    global _plan
    questions = reference_data().questions
    if _plan is None or _plan.questions is not questions:
        _plan = _make_plan(questions)
    return _plan


_plan: Plan | None = None


def _make_plan(questions: tuple[Question, ...]) -> Plan:
    always = [question.key for question in questions if not question.shown_if]
    early, late = [key for key in always if key in EARLY], [key for key in always if key not in EARLY]
    pages = [*early, *KIND, *late]
    ways: dict[str, list[Any]] = {name: [] for name in pages}
    for question in questions:
        for way in question.shown_if:
            named = [name for name in way if name in ways]
            ways[max(named, key=pages.index) if named else KIND[0]].append((question, way))
    return Plan(questions, always, pages, ways, _named(questions))


def _named(questions: tuple[Question, ...]) -> dict[str, frozenset[str]]:
    named: dict[str, frozenset[str]] = {}
    for way in (way for question in questions for way in question.shown_if):
        for key, wanted in way.items():
            named[key] = named.get(key, frozenset()) | frozenset(wanted)
    return named


def key_questions() -> list[str]:
    """Keys of the questions that are always asked, in their order."""
    return plan().always


def key_question(key: str) -> Choose:
    return lambda draft: [question for question in plan().questions if question.key == key]


def opened_by(*names: str) -> Choose:
    """What the answers to these open, unless something before them has opened it already. In the set's order."""

    def choose(draft: Draft) -> list[Question]:
        known = {**_context(draft), **_given(draft)}
        opened = _opened(names, known)
        if not opened:
            return []
        pages = plan().pages
        before = _opened(pages[: min(pages.index(name) for name in names)], known)
        return [question for question in plan().questions if question.key in opened and question.key not in before]

    return choose


def _opened(names: Iterable[str], known: Mapping[str, Any]) -> set[str]:
    return {question.key for name in names for question, way in plan().ways.get(name, ()) if holds(way, known)}


class QuestionsForm(StepForm):
    section = "questions"
    title = _("A little more about this")

    def __init__(self, data: Mapping[str, Any] | None = None, *, choose: Choose, draft: Draft, language: str) -> None:
        self.choose = choose
        super().__init__(data, draft=draft, language=language)

    def offer(self) -> None:
        about_other = is_about_another(self.draft)
        self.fields.update(build_form(self.choose(self.draft), self.lang, about_other=about_other)().fields)
        for field in self.fields.values():
            if isinstance(field, DayField):
                field.widget.attrs["class"] = "field short"
            else:
                field.error_messages.update(invalid_choice=CHOOSE, invalid_list=CHOOSE)

    def answers(self) -> dict[str, Any]:
        """With the answers that this one closes taken back. What an earlier version of the questions asked stays."""
        before = left_over(reference_data().questions, _given(self.draft))
        typed = {name: value for name, value in QuestionForm.answers(self).items() if value or name not in before}  # type: ignore[arg-type]
        given = {**_given(self.draft), **typed}
        kept = {**before, **still_asked(reference_data().questions, given, _context(self.draft))}
        return {name: kept.get(name) for name in given}


def _given(draft: Draft) -> dict[str, Any]:
    return dict(draft.get("questions") or {})


def _context(draft: Draft) -> dict[str, Any]:
    about, what = draft.get("about") or {}, draft.get("what") or {}
    return {"about": about.get("about"), "category": what.get("category"), "subcode": what.get("subcode")}
