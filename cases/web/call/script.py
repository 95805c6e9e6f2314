"""What is read aloud, in the language of the call: the public form's own sentences, questions and consent text."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils import translation
from django.utils.translation import gettext_lazy as _

from cases.web.call.forms import Consents, Questions
from cases.web.call.section import Section
from intake.queries import reference_data

SAFE_TO_TALK = _("Is it safe for you to talk now? Is anyone listening?")
NOT_SAFE = (
    _("I will not ask you anything now. You can hang up at any moment."),
    _("If you are in danger now, call the emergency number, or tell me where you are and I will call."),
    _("When and how is it safe for us to call you? Whom should we ask for?"),
    _("If somebody asks who called: it was a wrong number."),
)
READ_CODE = (
    _("Please write this down. With this code you open your page. Nobody can give it to you again."),
    _("I will read it twice, in groups of four."),
    _("Please repeat the last group to me."),
)
_SENTENCES: Mapping[str, Any] = {
    "where-country": _("Which country are you in now?"),
    "where-region": _("In which region?"),
    "about-about": _("Whom do you want to tell us about?"),
    "what-kind": _("What happened?"),
    "story-story": _("Tell us in your own words"),
    "person-language": _("In which language should we answer you?"),
    "person-age_band": _("How old are you?"),
    "person-citizenship": _("Which citizenship do you have?"),
    "person-identity_name": _("What is your name?"),
    "actor-actor_kind": _("Who did this?"),
    "exclude-must_not_see": _("Who must not see this?"),
    "handler-handler": _("Who should look after your report?"),
    "contact-way": _("How can we reach you safely?"),
    "contact-days": _("On which days and at what time is it safe?"),
    "contact-device_shared": _("Does anyone else use this phone?"),
    "contact-may_leave_message": _("May we leave a message?"),
    "contact-cover_name": _("Whom should we ask for?"),
}
_ABOUT_ANOTHER: Mapping[str, Any] = {
    "person-age_band": _("How old is this person?"),
    "person-citizenship": _("Which citizenship does this person have?"),
    "person-identity_name": _("What is this person's name?"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """A field with the sentences that belong to it; none where nothing is read aloud."""

    field: Any
    say: Sequence[str] = ()


def lines(section: Section, language: str) -> list[Line]:
    """The section's fields as they are asked, `language` being that of the call."""
    with translation.override(language):
        return [Line(field, _say(section, field, language)) for field in section.visible_fields()]


def opening(language: str) -> list[str]:
    """What has to be said before consent is asked, word for word."""
    text = reference_data().consent_text
    return [_in(row, language) for row in text.definition["explanations"]] if text else []


def spoken(sentences: Sequence[Any], language: str) -> list[str]:
    with translation.override(language):
        return [str(one) for one in sentences]


def _say(section: Section, field: Any, language: str) -> list[str]:
    if isinstance(section, Questions):
        return _question(section, field.name, language)
    if isinstance(section, Consents):
        return _consent(field.name, language)
    key = f"{section.step}-{field.name}"
    about = (section.draft.get("about") or {}).get("about")
    sentence = (_ABOUT_ANOTHER.get(key) if about == "other" else None) or _SENTENCES.get(key)
    return [str(sentence)] if sentence else []


def _question(section: Questions, key: str, language: str) -> list[str]:
    question = next(one for one in section.asked if one.key == key)
    said = [_in(question.words, language)]
    if question.kind in {"choice", "choices"}:
        said.append(" · ".join(_in(option.words, language) for option in question.options))
    return said


def _consent(name: str, language: str) -> list[str]:
    text = reference_data().consent_text
    definition: Mapping[str, Any] = text.definition if text else {}
    rows = {row["key"]: row for row in definition.get("questions", [])} | {"groups": definition.get("groups", {})}
    row = rows.get(name)
    if not row:
        return []
    options = [f"{_in(one, language)}. {_in(one.get('explanation', {}), language)}".strip() for one in row["options"]]
    return [said for said in (_in(row, language), _in(row.get("explanation", {}), language), *options) if said]


def _in(words: Mapping[str, Any], language: str) -> str:
    return str(words.get(language[:2]) or words.get("en", ""))
