"""The person adds to the report or says a part of it anew. The report itself is never edited: see queries/words.py."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from intake.errors import InvalidInput
from intake.models import BlindIndex, Correction, Report, ReportKey
from intake.queries.reference import reference_data
from intake.vocabulary import IntakeEventKind, Voice

from .check_answers import check_answers
from .check_entry import NAME, PASSAGE, STORY, check_identity
from .hand_over import hand_over
from .index_person import index_person_step
from .locked_report import locked_report
from .once_only import act_hash
from .problems import Problems

Part = Correction.Part
MOST = 200  # of one report: each is read by people


@transaction.atomic(durable=True)
def correct_report(
    *, report_id: UUID, part: str, content: Any, submission_key: str, now: datetime, voice: str = Voice.REPORTER
) -> Correction:
    """Writes what the person says about one part now; `content` None takes the part back. A repeat changes nothing.

    STORY: text that is added. IDENTITY: name, birth_date, gender; replaces. FAMILY, ACTOR_NAME: text; replaces.
    ANSWERS: the questions that are answered anew, an empty value takes that answer back; the others stay.
    Writes one IntakeEvent CORRECTED about the correction. Raises InvalidInput, ReportTakenBack, ReportErased.
    """
    if part not in Part:
        raise InvalidInput(fields={"part": [_("Please choose one of these.")]})
    clean = None if content is None else _CHECKS[Part(part)](content, now)
    report = locked_report(report_id, is_open=True)
    digest = act_hash(report_id, f"correct-{part}", submission_key)
    earlier = Correction.objects.filter(submission_key=digest).first() if digest else None
    if earlier is not None:
        return earlier
    if Correction.objects.filter(report_id=report_id).count() >= MOST:
        raise InvalidInput(fields={part: [_("Nothing more can be added here. Please write us a message.")]})
    correction = Correction(report_id=report_id, voice=voice, part=part, submission_key=digest, made_at=now)
    correction.seal(ReportKey.of(report_id), content=clean)
    correction.save(force_insert=True)
    if part == Part.IDENTITY:
        _index(report, clean)
    hand_over(report_id=report_id, kind=IntakeEventKind.CORRECTED, subject=correction.pk, now=now)
    return correction


def _index(report: Report, identity: Mapping[str, str] | None) -> None:
    name = (identity or {}).get("name", "")
    index_person_step(report_id=report.pk, names=[name] if name else [], replaces=[BlindIndex.Kind.NAME])


def _story(content: Any, now: datetime) -> str:
    return _text(Part.STORY, content, STORY)


def _family(content: Any, now: datetime) -> str:
    return _text(Part.FAMILY, content, PASSAGE)


def _actor_name(content: Any, now: datetime) -> str:
    problems = Problems()
    clean = problems.line(Part.ACTOR_NAME, content, limit=NAME)
    return _there(Part.ACTOR_NAME, clean, problems)


def _text(part: str, content: Any, limit: int) -> str:
    problems = Problems()
    return _there(part, problems.text(part, content, limit=limit), problems)


def _there(part: str, clean: str, problems: Problems) -> str:
    if not clean and part not in problems.fields:
        problems.add(part, _("Please write something."))
    problems.raise_any()
    return clean


def _identity(content: Any, now: datetime) -> dict[str, str]:
    problems = Problems()
    clean = check_identity(content, problems, today=now.date())
    if not clean and not problems.fields:
        problems.add("identity.name", _("Please write something."))
    problems.raise_any()
    return clean or {}


def _answers(content: Any, now: datetime) -> dict[str, Any]:
    """What is empty is kept as empty: it takes the earlier answer back."""
    if not isinstance(content, Mapping) or not all(isinstance(key, str) for key in content):
        raise InvalidInput(fields={"answers": [_("This cannot be read.")]})
    problems = Problems()
    clean = check_answers(content, reference_data().questions, problems, today=now.date())
    problems.raise_any()
    known = {question.key for question in reference_data().questions}
    emptied = {key: None for key in content if key not in clean and key in known}
    if not clean and not emptied:
        raise InvalidInput(fields={"answers": [_("Please choose one of these.")]})
    return {**emptied, **clean}


_CHECKS: dict[Part, Callable[[Any, datetime], Any]] = {
    Part.STORY: _story,
    Part.IDENTITY: _identity,
    Part.FAMILY: _family,
    Part.ACTOR_NAME: _actor_name,
    Part.ANSWERS: _answers,
}
