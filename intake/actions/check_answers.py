"""Checks the answers to the questions against the questions as they are asked now, or were when they were given."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from intake.clean_text import TooLong
from intake.queries.questions import questions_with
from intake.questionnaire import Question, is_plausible

from .problems import Problems

Clean = dict[str, str | list[str]]


def check_answers(answers: Any, questions: Sequence[Question], problems: Problems, *, today: date) -> Clean:
    """The answers that were given, text cleaned. An unknown key or value is a problem of "answers", a text that is too
    long or a far day one of "answers.<key>".

    What an earlier version of the questions asked is kept as it was given: a draft, or a hotline's own form, may have
    begun before an operator changed them.
    """
    if not isinstance(answers, Mapping):
        problems.add("answers", _("This cannot be read."))
        return {}
    by_key = {question.key: [question] for question in questions}
    given = {key: value for key, value in answers.items() if value not in (None, "", [], ())}
    unknown = [key for key, value in given.items() if not _fits(by_key, key, value)]
    by_key |= questions_with(key for key in unknown if isinstance(key, str))
    clean: Clean = {}
    for key, value in given.items():
        if not isinstance(key, str) or not by_key.get(key):
            problems.add("answers", _("Please choose one of these."))
        else:
            _check(clean, key, value, by_key[key], problems, today=today)
    return clean


def _fits(by_key: Mapping[str, Sequence[Question]], key: Any, value: Any) -> bool:
    return isinstance(key, str) and key in by_key and by_key[key][0].accepts(value)


def _check(
    clean: Clean, key: str, value: Any, versions: Sequence[Question], problems: Problems, *, today: date
) -> None:
    question = next((one for one in versions if one.accepts(value)), versions[0])
    try:
        answer = question.cleaned(value)
    except TooLong:
        message = _("This is too long. It can have {limit} characters.")
        problems.add(f"answers.{key}", format_lazy(message, limit=question.limit))
        return
    except (ValueError, TypeError):
        problems.add("answers", _("Please choose one of these.") if question.options else _("This cannot be read."))
        return
    if question.kind == "date" and not is_plausible(date.fromisoformat(str(answer)), today=today):
        problems.add(f"answers.{key}", _("This day is too far away. Check the year."))
    elif answer not in ("", []):
        clean[key] = answer
