"""Interprets a question definition passed to it: what is asked, which answers are possible, which form asks it.

Knows no model. The definition is QuestionSet.definition, as in seeds/data/questions.json.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

Answers = Mapping[str, Any]
KINDS = ("yesno", "choice", "choices", "date")
EARLIEST_YEAR = 1900
YEARS_AHEAD = 20


@dataclass(frozen=True, slots=True)
class Option:
    code: str
    words: Mapping[str, str]  # by language


@dataclass(frozen=True, slots=True)
class Question:
    """`shown_if`: alternatives, each of which names the answers that all must have been given; empty = always asked."""

    key: str
    kind: str
    options: tuple[Option, ...]
    words: Mapping[str, str]
    why: Mapping[str, str]
    shown_if: tuple[Mapping[str, tuple[str, ...]], ...]

    def is_asked(self, answers: Answers) -> bool:
        """`answers` may hold `about`, `category` and `subcode` beside the answers themselves."""
        return not self.shown_if or any(
            all(_is_among(answers.get(key), wanted) for key, wanted in alternative.items())
            for alternative in self.shown_if
        )

    def accepts(self, value: Any) -> bool:
        """Whether the value is one of the answers that this question has. For a date: a possible day, as ISO text."""
        codes = {option.code for option in self.options}
        if self.kind == "date":
            return isinstance(value, str) and _is_possible_day(value)
        if self.kind == "choices":
            return isinstance(value, list | tuple) and all(isinstance(one, str) and one in codes for one in value)
        return isinstance(value, str) and value in codes


def read_definition(definition: Mapping[str, Any] | Sequence[Any]) -> tuple[Question, ...]:
    """Raises ValueError when the definition is not one that can be asked."""
    rows = definition["questions"] if isinstance(definition, Mapping) else definition
    questions = tuple(_read_question(row) for row in rows)
    keys = [question.key for question in questions]
    if len(set(keys)) != len(keys):
        raise ValueError("a question is defined twice")
    return questions


def asked(questions: Iterable[Question], answers: Answers) -> list[Question]:
    """The questions that these answers lead to, in their order."""
    return [question for question in questions if question.is_asked(answers)]


def follow_ups(questions: Iterable[Question], key: str, answers: Answers) -> list[Question]:
    """The questions that open because of the answer to `key`."""
    opened = (question for question in questions if any(key in alternative for alternative in question.shown_if))
    return [question for question in opened if question.is_asked(answers)]


def still_asked(questions: Iterable[Question], answers: Answers, context: Answers) -> dict[str, Any]:
    """The answers without those to questions that a changed earlier answer has closed."""
    kept: dict[str, Any] = {}
    for question in questions:  # a question comes after those that open it
        if question.key in answers and question.is_asked({**context, **kept}):
            kept[question.key] = answers[question.key]
    return kept


def build_form(questions: Iterable[Question], language: str) -> type["QuestionForm"]:
    """A form class that asks these questions in `language`. Nothing in it is required."""
    fields = {question.key: _form_field(question, language) for question in questions}
    return type("QuestionForm", (QuestionForm,), dict(fields))


class QuestionForm(forms.Form):
    """Its `answers()` are in the shape in which a report keeps them."""

    def answers(self) -> dict[str, Any]:
        """Every question of the form; None where it was left empty, so that an answer can be taken back."""
        return {
            name: value.isoformat() if isinstance(value, date) else value or None
            for name, value in self.cleaned_data.items()
        }


class DayField(forms.DateField):
    """A day typed in one plain field, which every old telephone can show: day, month, year in any separators."""

    widget = forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off", "maxlength": "20"})
    default_error_messages = {
        "invalid": _("Write the day like this: 24.11.2026"),
        "out_of_range": _("This day is too far away. Check the year."),
    }

    def to_python(self, value: Any) -> date | None:
        if value in self.empty_values or isinstance(value, date):
            return value or None
        day = _read_day(str(value))
        if day is None:
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        if not is_plausible(day, today=date.today()):
            raise ValidationError(self.error_messages["out_of_range"], code="out_of_range")
        return day

    def prepare_value(self, value: Any) -> Any:
        """A kept answer is shown in the order in which people here write it."""
        if isinstance(value, str) and (day := _iso_day(value)):
            return day.strftime("%d.%m.%Y")
        return value.strftime("%d.%m.%Y") if isinstance(value, date) else value


def is_plausible(day: date, *, today: date) -> bool:
    return date(EARLIEST_YEAR, 1, 1) <= day and day.year <= today.year + YEARS_AHEAD


def _read_question(row: Mapping[str, Any]) -> Question:
    if row["kind"] not in KINDS:
        raise ValueError(f"question {row['key']}: unknown kind {row['kind']}")
    shown_if = row.get("shown_if") or []
    return Question(
        key=str(row["key"]),
        kind=str(row["kind"]),
        options=tuple(Option(str(option["code"]), _words(option)) for option in row.get("options", [])),
        words=_words(row),
        why=_words(row.get("why", {})),
        shown_if=tuple(
            {key: tuple(values) for key, values in alternative.items()}
            for alternative in ([shown_if] if isinstance(shown_if, Mapping) else shown_if)
        ),
    )


def _words(row: Mapping[str, Any]) -> dict[str, str]:
    return {key: value for key, value in row.items() if len(key) in (2, 3) and isinstance(value, str)}


def _in(words: Mapping[str, str], language: str) -> str:
    return words.get(language[:2]) or words.get("en", "")


def _is_among(value: Any, wanted: tuple[str, ...]) -> bool:
    given = value if isinstance(value, list | tuple) else [value]
    return any(one in wanted for one in given)


def _form_field(question: Question, language: str) -> forms.Field:
    words: dict[str, Any] = {
        "label": _in(question.words, language),
        "help_text": _in(question.why, language),
        "required": False,
    }
    if question.kind == "date":
        return DayField(**words)
    words["choices"] = [(option.code, _in(option.words, language)) for option in question.options]
    if question.kind == "choices":
        return forms.MultipleChoiceField(widget=forms.CheckboxSelectMultiple, **words)
    return forms.ChoiceField(widget=forms.RadioSelect, **words)


def _iso_day(value: str) -> date | None:
    try:
        return date.fromisoformat(value)
    except ValueError:
        return None


def _is_possible_day(value: str) -> bool:
    return len(value) == len("2026-11-24") and _iso_day(value) is not None


def _read_day(typed: str) -> date | None:
    """24.11.2026, 24/11/26 is refused (which century?), 2026-11-24; digits of any script."""
    numbers = re.findall(r"\d+", unicodedata.normalize("NFKC", typed[:40]))
    if len(numbers) != 3:
        return None
    if len(numbers[0]) == 4:
        numbers.reverse()
    day, month, year = numbers
    if len(year) != 4:
        return None
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None
