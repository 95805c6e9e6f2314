"""Reads the long page of a call into the steps of its draft, keeping every field that can be kept."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from cases.web.call.forms import SECTIONS, Consents, Questions
from cases.web.call.line import language_of
from cases.web.call.section import Section
from intake.actions.drafts import OpenDraft, save_answers
from intake.errors import InvalidInput
from intake.queries import reference_data

# What an entry calls by another name than the page.
_ON_PAGE = {
    "what.category": "what.kind",
    "what.subcode": "what.kind",
    "about.subject_unaware": "about.about",
    "contact.method": "contact.way",
    "contact.never_contact": "contact.way",
}


def sections(answers: Mapping[str, Any], language: str) -> list[Section]:
    return [section(answers=answers, language=language) for section in SECTIONS]


def keep_typed(
    opened: OpenDraft, secret: str, data: Any, *, language: str, now: datetime
) -> tuple[OpenDraft, list[Section]]:
    """Saves what was typed, section by section; returns the draft as it is now and the bound forms.

    Only steps that changed are written. Each section sees the answers before it, as the questions need. Raises
    DraftExpired, DraftSent, InvalidInput (far too much text).
    """
    bound = []
    for section in SECTIONS:
        form = section(data, answers=opened.answers, language=language)
        form.is_valid()
        values = form.answers()
        if isinstance(form, Consents):
            values = _as_read(values, opened, now)
        before = opened.answers.get(section.step) or {}
        if any(before.get(name) != value for name, value in values.items()):
            opened = save_answers(secret=secret, step=section.step, values=values, now=now)
        bound.append(form)
    return opened, bound


def not_shown_yet(opened: OpenDraft, language: str, shown: str) -> bool:
    """Whether these answers have opened questions that were not on the page that was sent."""
    asked = {question.key for question in Questions(answers=opened.answers, language=language).asked}
    return bool(asked - set(shown.split(",")))


def refuse(bound: list[Section], error: InvalidInput) -> list[Any]:
    """Puts each reason at its field; returns those that belong to none."""
    by_step = {form.step: form for form in bound}
    left = []
    for name, reasons in error.fields.items():
        step, _dot, field = _ON_PAGE.get(name, name).partition(".")
        if step in by_step:
            by_step[step].refuse({field: reasons})
        else:
            left.extend(reasons)
    return left


def was_answered_unread(opened: OpenDraft) -> bool:
    """Answers to consent that nobody has read the words for: they would be no consent."""
    consent = opened.answers.get("consent") or {}
    return bool(
        (consent.get("share") or consent.get("groups") or consent.get("cross_border")) and not consent.get("was_read")
    )


def _as_read(values: dict[str, Any], opened: OpenDraft, now: datetime) -> dict[str, Any]:
    """When the text was read, in which language and version: of the moment at which the box was first seen ticked."""
    before = opened.answers.get("consent") or {}
    version = values.pop("text_version", None)
    if not values.get("was_read"):
        return {**values, "read_at": None, "read_in": None, "text_version": None}
    if before.get("was_read") and before.get("read_at"):
        return values
    newest = reference_data().consent_version
    read = version if isinstance(version, int) and 0 < version <= newest else newest
    return {**values, "read_at": now.isoformat(), "read_in": language_of(opened.answers), "text_version": read}
