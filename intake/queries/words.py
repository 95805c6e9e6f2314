"""What the person has said, with what was said anew: the report as it came, dated additions, corrections."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from intake.encryption import DataKey
from intake.models import Correction, Report

Part = Correction.Part


@dataclass(frozen=True, slots=True, repr=False)
class Addition:
    text: str
    at: datetime
    voice: str


@dataclass(frozen=True, slots=True, repr=False)
class Words:
    """In force. `original`: each part as it came, by its name. `corrected`: when a part was last said anew or taken
    back. Printing it shows nothing."""

    story: str
    additions: tuple[Addition, ...]
    identity: Mapping[str, str]
    family: str
    actor_name: str
    answers: Mapping[str, Any]
    original: Mapping[str, Any] = field(default_factory=dict)
    corrected: Mapping[str, datetime] = field(default_factory=dict)

    @property
    def whole_story(self) -> str:
        """The story and what was added, with the days between: for readers who know one text only."""
        added = [f"[+ {addition.at:%Y-%m-%d %H:%M} UTC]\n{addition.text}" for addition in self.additions]
        return "\n\n".join(part for part in (self.story, *added) if part)


def words_of(report: Report, key: DataKey) -> Words:
    """One statement beside those that deferred columns of `report` cost."""
    original = {part: report.unseal(key, part) for part in Part.values}
    rows = Correction.objects.filter(report_id=report.pk).order_by("made_at", "id")
    return add_up_words(original, ((row.part, row.unseal(key, "content"), row.made_at, row.voice) for row in rows))


def answers_of(report: Report, key: DataKey) -> dict[str, Any]:
    """The answers in force, and nothing else opened. One statement."""
    rows = Correction.objects.filter(report_id=report.pk, part=Part.ANSWERS).order_by("made_at", "id")
    answers = dict(report.unseal(key, Part.ANSWERS) or {})
    for row in rows:
        answers = _answered_anew(answers, row.unseal(key, "content"))
    return answers


def actors_named(report: Report, key: DataKey) -> list[str]:
    """Every alleged actor the person has named, also one that was said anew or taken back since. One statement."""
    rows = Correction.objects.filter(report_id=report.pk, part=Part.ACTOR_NAME).order_by("made_at", "id")
    named = [report.unseal(key, Part.ACTOR_NAME), *(row.unseal(key, "content") for row in rows)]
    return [str(name) for name in named if name]


def gender_of(report: Report, key: DataKey) -> str:
    """As it was said last; empty: not known. One statement."""
    last = Correction.objects.filter(report_id=report.pk, part=Part.IDENTITY).order_by("made_at", "id").last()
    identity = report.unseal(key, Part.IDENTITY) if last is None else last.unseal(key, "content")
    return str((identity or {}).get("gender") or "")


def add_up_words(original: Mapping[str, Any], corrections: Iterable[tuple[str, Any, datetime, str]]) -> Words:
    """Pure. Corrections (part, content, when, whose) come oldest first."""
    now = {part: original.get(part) for part in Part.values}
    additions: list[Addition] = []
    corrected: dict[str, datetime] = {}
    for part, content, at, voice in corrections:
        corrected[part] = at
        if part == Part.STORY and content is not None:
            additions.append(Addition(str(content), at, voice))
        elif part == Part.STORY:  # taken back: also what had been added until then
            additions.clear()
            now[part] = None
        elif part == Part.ANSWERS:
            now[part] = _answered_anew(now[part] or {}, content)
        else:
            now[part] = content
    return Words(
        story=now[Part.STORY] or "",
        additions=tuple(additions),
        identity=now[Part.IDENTITY] or {},
        family=now[Part.FAMILY] or "",
        actor_name=now[Part.ACTOR_NAME] or "",
        answers=now[Part.ANSWERS] or {},
        original=original,
        corrected=corrected,
    )


def _answered_anew(answers: Mapping[str, Any], given: Mapping[str, Any] | None) -> dict[str, Any]:
    if given is None:
        return {}
    merged = {**answers, **given}
    return {key: value for key, value in merged.items() if value not in (None, "", [])}
