"""What the person has said, as the case file shows it: with what was said anew, and what was answered first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from intake.encryption import DataKey
from intake.models import Correction, Report
from intake.queries.questions import answered_questions
from intake.queries.words import Addition, Words, add_up_words
from intake.questionnaire import Question

_Part = Correction.Part
_SHOWN = (_Part.STORY, _Part.ANSWERS, _Part.ACTOR_NAME)  # identity and family stay shut here: see personal.py


@dataclass(frozen=True, slots=True)
class Answer:
    """`before`: what was answered first, where the person has corrected it since."""

    question: Question
    value: Any
    before: Any = None


@dataclass(frozen=True, slots=True, repr=False)
class Said:
    """Printing it shows nothing. `corrected`: when a part was last said anew or taken back."""

    story: str
    answers: Sequence[Answer]
    actor_name: str
    must_not_see: str
    additions: Sequence[Addition] = ()
    corrected: Mapping[str, datetime] = field(default_factory=dict)


def said(report: Report, key: DataKey) -> Said:
    """One statement."""
    words = _words(report, key)
    first = words.original.get(_Part.ANSWERS) or {}
    return Said(
        story=words.story,
        answers=[
            Answer(question, value, _before(first, question.key, value))
            for question, value in answered_questions(dict(words.answers))
        ],
        actor_name=words.actor_name,
        must_not_see=report.unseal(key, "must_not_see_text") or "",
        additions=words.additions,
        corrected=words.corrected,
    )


def _words(report: Report, key: DataKey) -> Words:
    original = {str(part): report.unseal(key, part) for part in _SHOWN}
    rows = Correction.objects.filter(report_id=report.pk, part__in=_SHOWN).order_by("made_at", "id")
    return add_up_words(original, ((row.part, row.unseal(key, "content"), row.made_at, row.voice) for row in rows))


def _before(first: Mapping[str, Any], key: str, value: Any) -> Any:
    return first[key] if key in first and first[key] != value else None
