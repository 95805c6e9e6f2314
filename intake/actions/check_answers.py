"""Checks the answers to the six questions against the questions as they are asked now."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.utils.translation import gettext_lazy as _

from intake.questionnaire import Question, is_plausible

from .problems import Problems


def check_answers(
    answers: Any, questions: Sequence[Question], problems: Problems, *, today: date
) -> dict[str, str | list[str]]:
    """The answers that were given; an unknown key or value is a problem of "answers", a far day of "answers.<key>"."""
    if not isinstance(answers, Mapping):
        problems.add("answers", _("This cannot be read."))
        return {}
    by_key = {question.key: question for question in questions}
    clean: dict[str, str | list[str]] = {}
    for key, value in answers.items():
        if value in (None, "", [], ()):
            continue
        question = by_key.get(key) if isinstance(key, str) else None
        if question is None or not question.accepts(value):
            problems.add("answers", _("Please choose one of these."))
        elif question.kind == "date" and not is_plausible(date.fromisoformat(value), today=today):
            problems.add(f"answers.{key}", _("This day is too far away. Check the year."))
        else:
            clean[key] = list(dict.fromkeys(value)) if question.kind == "choices" else value
    return clean
