"""Interprets a question definition passed to it: what is asked, which answers are possible, which form asks it.

Knows no model. The definition is QuestionSet.definition, as in seeds/data/questions.json.
"""

from .check import CORE, faults_of
from .definition import (
    KINDS,
    Question,
    asked,
    follow_ups,
    holds,
    in_words,
    is_plausible,
    left_over,
    read_definition,
    still_asked,
    words_in,
)
from .form import AmountField, DayField, QuestionForm, WrittenField, build_form

__all__ = [
    "CORE",
    "KINDS",
    "AmountField",
    "DayField",
    "Question",
    "QuestionForm",
    "WrittenField",
    "asked",
    "build_form",
    "faults_of",
    "follow_ups",
    "holds",
    "in_words",
    "is_plausible",
    "left_over",
    "read_definition",
    "still_asked",
    "words_in",
]
