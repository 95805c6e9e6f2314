"""Turns the answers of a draft, kept by step, into the entry of a report; and its errors back into "step.field"."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from intake.errors import InvalidInput
from intake.queries.reference import ReferenceData
from intake.questionnaire import left_over, still_asked
from intake.vocabulary import Channel

from .entry import ConsentEntry, ContactEntry, ReportEntry

Answers = Mapping[str, Any]

# Where the web form asks what an entry calls by another name.
STEP_OF = {
    "country": "where.country",
    "region": "where.region",
    "about": "about.about",
    "subject_unaware": "about.subject_unaware",
    "category": "what.category",
    "subcode": "what.subcode",
    "story": "story.story",
    "language": "person.language",
    "age_band": "person.age_band",
    "citizenship": "person.citizenship",
    "identity": "person.identity_name",
    "identity.name": "person.identity_name",
    "actor_kind": "actor.actor_kind",
    "actor_name": "actor.actor_name",
    "must_not_see": "exclude.must_not_see",
    "must_not_see_text": "exclude.must_not_see_text",
    "handler": "handler.handler",
}
_CONTACT_TEXT = ("method", "value", "hours_from", "hours_until", "device_shared", "cover_name", "safe_word")
_CONTACT_SWITCHES = ("may_leave_message", "never_contact", "notify")


def entry_of(answers: Answers, data: ReferenceData, *, submission_key: str, code: str | None) -> ReportEntry:
    """Steps that were left out take their defaults; nothing is checked here."""
    where, about, what = (_step(answers, name) for name in ("where", "about", "what"))
    person, actor, exclude = (_step(answers, name) for name in ("person", "actor", "exclude"))
    language = answers.get("interface_language") or "en"
    name = person.get("identity_name")
    return ReportEntry(
        channel=Channel.WEB.value,
        language=person.get("language") or language,
        country=where.get("country") or "",
        region=where.get("region") or None,
        citizenship=person.get("citizenship") or "",
        category=what.get("category") or "",
        subcode=what.get("subcode") or "",
        about=about.get("about") or "me",
        subject_unaware=about.get("subject_unaware") or False,
        age_band=person.get("age_band") or "",
        handler=_step(answers, "handler").get("handler") or "",
        actor_kind=actor.get("actor_kind") or "",
        actor_name=actor.get("actor_name") or "",
        answers=_answers(_step(answers, "questions"), data, {**about, **what}),
        story=_step(answers, "story").get("story") or "",
        identity={"name": name} if name else None,
        must_not_see=_bodies(exclude.get("must_not_see") or ()),
        must_not_see_text=exclude.get("must_not_see_text") or "",
        contact=_contact(_step(answers, "contact")),
        consent=_consent(_step(answers, "consent"), data, language),
        subject_contact=_subject_contact(_step(answers, "subject_contact")),
        subject_consent=_subject_consent(_step(answers, "subject_consent"), data, language),
        submission_key=submission_key,
        code=code,
    )


def by_step(error: InvalidInput) -> InvalidInput:
    """The same problems under the names of the form."""
    return InvalidInput(fields={_step_name(name): messages for name, messages in error.fields.items()})


def _step_name(name: str) -> str:
    if name in STEP_OF:
        return STEP_OF[name]
    if name == "answers" or name.startswith("answers."):
        return f"questions{name[len('answers') :]}"
    return name


def _step(answers: Answers, name: str) -> Answers:
    values = answers.get(name)
    return values if isinstance(values, Mapping) else {}


def _bodies(typed: Any) -> tuple[Any, ...]:
    """What is not a UUID stays what it is, for the check to refuse."""
    return tuple(_uuid(one) for one in typed)


def _uuid(typed: Any) -> Any:
    try:
        return UUID(str(typed))
    except ValueError:
        return typed


def _contact(values: Answers) -> ContactEntry | None:
    """None when the person will look at the page, or sends now before the number was written."""
    if values.get("mailbox_only") or not (values.get("value") or values.get("never_contact")):
        return None
    said: dict[str, Any] = {name: values.get(name) or "" for name in _CONTACT_TEXT}
    said |= {name: values.get(name) or False for name in _CONTACT_SWITCHES}
    return ContactEntry(days=tuple(values.get("days") or ()), **said)


def _answers(given: Answers, data: ReferenceData, context: Answers) -> dict[str, Any]:
    """With those to questions that an operator has changed since: what a person has said is not lost by that."""
    return {**left_over(data.questions, given), **still_asked(data.questions, given, context)}


def _subject_contact(values: Answers) -> ContactEntry | None:
    """ "Do not contact this person" is kept as such; no answer is no row."""
    return ContactEntry(never_contact=True) if values.get("mailbox_only") else _contact(values)


def _subject_consent(values: Answers, data: ReferenceData, language: str) -> ConsentEntry | None:
    consent = _consent(values, data, language)
    return consent if consent.share or consent.cross_border or consent.groups else None


def _consent(values: Answers, data: ReferenceData, language: str) -> ConsentEntry:
    """In the words that were read when it was answered, where the draft knows them."""
    return ConsentEntry(
        share=values.get("share") or "",
        cross_border=values.get("cross_border") or "",
        groups=frozenset(values.get("groups") or ()),
        text_version=values.get("text_version") or data.consent_version,
        how="form",
        language=values.get("read_in") or language,
    )
