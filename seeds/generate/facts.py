"""What the person of a played life reports. Words of theirs are marks: each case that is cast gets words of its own."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from intake.actions.submit_report import ConsentEntry, ContactEntry, ReportEntry
from intake.models import ConsentText
from intake.vocabulary import Side

_SOUNDS = "bdflmnprtv"  # that no spelling of a name makes alike
_PLACES: Mapping[str, Mapping[str, str]] = {
    Side.AZ: {"country": "RU", "region": "RU-MOW", "citizenship": "AZ", "language": "az"},
    Side.RU: {"country": "AZ", "region": "AZ-BA", "citizenship": "RU", "language": "ru"},
}
_DIALS = {"RU": "+7000", "AZ": "+99400"}  # area codes that are nobody's
_CALM = {"held": "no", "harm": "no", "child": "no", "need": "no"}


@dataclass(frozen=True, slots=True)
class Facts:
    """What makes one life differ from another before anything happens. `contact`: email, phone or nothing."""

    category: str = "WRK"
    subcode: str = "UNPAID"
    answers: Mapping[str, Any] = field(default_factory=lambda: dict(_CALM))
    age_band: str = "25_39"
    share: str = "any"
    groups: frozenset[str] = frozenset({"identity", "contact", "story"})
    contact: str = "email"
    actor_kind: str = ""
    language: str = ""  # empty: the usual one of the side
    has_name: bool = True


@dataclass(frozen=True, slots=True)
class Marks:
    """Words that stand for the person's own."""

    name: str
    contact: str
    story: str
    message: str


def marks_of(number: int, country: str, contact: str) -> Marks:
    """Of the report with this number (below 100) on the stage; no two alike, none of them anybody's."""
    first, second = _SOUNDS[number // len(_SOUNDS)], _SOUNDS[number % len(_SOUNDS)]
    dial = _DIALS[country]
    value = {"email": f"mark-{number}@example.org", "phone": f"{dial}{9_000_000 + number}", "": ""}[contact]
    return Marks(f"{first}o{second}u Nişan", value, f"STORY-MARK-{number}", f"MESSAGE-MARK-{number}")


def dial(country: str) -> str:
    return _DIALS[country]


def entry_of(facts: Facts, marks: Marks, *, side: str, key: str) -> ReportEntry:
    place: dict[str, Any] = dict(_PLACES[side])
    if facts.language:
        place["language"] = facts.language
    contact = None
    if facts.contact == "email":
        contact = ContactEntry(method="email", value=marks.contact, notify=True, device_shared="no")
    elif facts.contact == "phone":
        contact = ContactEntry(method="phone", value=marks.contact, device_shared="no", cover_name="Kuryer")
    newest = ConsentText.objects.filter(is_active=True).order_by("-version").values_list("version", flat=True).first()
    groups = facts.groups if facts.share != "none" else frozenset()
    return ReportEntry(
        channel="web",
        category=facts.category,
        subcode=facts.subcode,
        age_band=facts.age_band,
        actor_kind=facts.actor_kind,
        answers=facts.answers,
        story=marks.story,
        identity={"name": marks.name} if facts.has_name else None,
        contact=contact,
        consent=ConsentEntry(share=facts.share, cross_border="no", groups=groups, text_version=newest or 1),
        submission_key=key,
        **place,
    )


def with_answers(facts: Facts, **answers: Any) -> Facts:
    return replace(facts, answers={**facts.answers, **answers})
