"""Questions of earlier versions: what somebody answered stays readable when an operator changes the questions."""

import logging
from collections.abc import Iterable, Mapping
from typing import Any

from intake.models import QuestionSet
from intake.questionnaire import Question, read_definition

from .reference import reference_data

logger = logging.getLogger(__name__)
UNREADABLE = (ValueError, KeyError, TypeError, AttributeError)


def questions_with(keys: Iterable[str]) -> dict[str, list[Question]]:
    """By key, what was ever asked under it, newest first. One statement; for keys that the set in force lacks."""
    found: dict[str, list[Question]] = {key: [] for key in keys}
    if not found:
        return found
    for row in QuestionSet.objects.order_by("-version").iterator():
        try:
            questions = read_definition(row.definition)
        except UNREADABLE as error:
            logger.error("Question set %s cannot be read (%s).", row.version, type(error).__name__)
            continue
        for question in questions:
            if question.key in found:
                found[question.key].append(question)
    return found


def answered_questions(answers: Mapping[str, Any]) -> list[tuple[Question, Any]]:
    """Every answer with the question it was given to, in the order in which they are asked now; older ones last.

    An answer that the set in force does not know is read with the newest version that does. No statement otherwise.
    """
    pairs = [
        (question, answers[question.key])
        for question in reference_data().questions
        if question.key in answers and question.accepts(answers[question.key])
    ]
    rest = {key: value for key, value in answers.items() if key not in {question.key for question, _value in pairs}}
    for key, versions in questions_with(rest).items():
        question = next((one for one in versions if one.accepts(rest[key])), None)
        if question is not None:
            pairs.append((question, rest[key]))
    return pairs
