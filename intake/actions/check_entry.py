"""Says whether an entry can be stored and cleans its text. Contact and answers have files of their own."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from intake.models import Consent
from intake.queries.reference import ReferenceData, look_again, reference_data, unknown_bodies
from intake.questionnaire import is_plausible
from intake.references import normalise_code
from intake.vocabulary import (
    About,
    ActorKind,
    AgeBand,
    Channel,
    ConsentAnswer,
    DataGroup,
    Gender,
    Handler,
)

from .check_answers import check_answers
from .check_contact import check_contact
from .entry import ConsentEntry, ReportEntry
from .problems import Problems

STORY = 20_000  # characters
PASSAGE = 2_000
NAME = 200
STATELESS = "XX"
IDENTITY_FIELDS = ("name", "birth_date", "gender")
MOST_BODIES = 100
# Tuples, not sets: a door may hand over a list where a code belongs, and a set cannot be asked about a list.
_FIXED = {
    "channel": tuple(Channel.values),
    "about": tuple(About.values),
    "age_band": ("", *AgeBand.values),
    "handler": ("", *Handler.values),
    "actor_kind": ("", *ActorKind.values),
}
_SHARE = ("", *ConsentAnswer.values)
_GROUPS = frozenset(DataGroup.values)
_GENDERS = ("", *Gender.values)
_HOW = tuple(Consent.How.values)


def check_entry(entry: ReportEntry, *, today: date) -> ReportEntry:
    """The same entry with clean text and full answers. Raises InvalidInput naming every field that is wrong."""
    problems = Problems()
    data = reference_data()
    unknown = list(_unknown_codes(entry, data))
    if unknown:
        data = look_again()
        unknown = list(_unknown_codes(entry, data))
    for name in unknown:
        problems.add(name, _("Please choose one of these."))
    clean = replace(
        entry,
        region=entry.region or None,
        answers=check_answers(entry.answers, data.questions, problems, today=today),
        story=problems.text("story", entry.story, limit=STORY),
        family=problems.text("family", entry.family, limit=PASSAGE),
        must_not_see_text=problems.text("must_not_see_text", entry.must_not_see_text, limit=PASSAGE),
        actor_name=problems.line("actor_name", entry.actor_name, limit=NAME),
        identity=check_identity(entry.identity, problems, today=today),
        must_not_see=_check_bodies(entry.must_not_see, problems),
        contact=None if entry.contact is None else check_contact(entry, data, problems, today=today),
        consent=check_consent(entry.consent, entry.language, data, problems),
        **_check_subject(entry, data, problems, today=today),
        code=_check_code(entry.code, problems),
    )
    problems.raise_any()
    return clean


def _unknown_codes(entry: ReportEntry, data: ReferenceData) -> Iterator[str]:
    """Names of the fields whose code we do not know. Doors may hand over any JSON value."""
    yield from (name for name, known in _fixed_choices(entry).items() if not known)
    country = data.countries.get(entry.country) if isinstance(entry.country, str) else None
    if country is None or not country.is_stay:
        yield "country"
    if entry.region and not _is_region_of(entry.region, entry.country, data):
        yield "region"
    if entry.citizenship not in ("", STATELESS) and not _is_in(entry.citizenship, data.countries):
        yield "citizenship"
    if not _is_in(entry.language, data.languages):
        yield "language"
    if not _is_in(entry.category, data.categories):
        yield "category"
    elif entry.subcode != "" and not _is_in((entry.category, entry.subcode), data.subcodes):
        yield "subcode"


def _fixed_choices(entry: ReportEntry) -> dict[str, bool]:
    known = {name: getattr(entry, name) in codes for name, codes in _FIXED.items()}
    known["source_ref"] = entry.source_ref is None or isinstance(entry.source_ref, UUID)
    known["subject_unaware"] = isinstance(entry.subject_unaware, bool)
    return known


def _is_in(code: Any, table: Mapping[Any, Any]) -> bool:
    try:
        return code in table
    except TypeError:  # a list or an object where a code belongs
        return False


def _is_region_of(region: Any, country: Any, data: ReferenceData) -> bool:
    return _is_in(region, data.regions) and data.regions[region].country_id == country


def check_identity(identity: Any, problems: Problems, *, today: date) -> dict[str, str] | None:
    if not identity:
        return None
    if not isinstance(identity, Mapping) or set(identity) - set(IDENTITY_FIELDS):
        problems.add("identity", _("This cannot be read."))
        return None
    clean = {
        "name": problems.line("identity.name", identity.get("name") or "", limit=NAME),
        "birth_date": _check_birth_date(identity.get("birth_date") or "", problems, today=today),
        "gender": identity.get("gender") or "",
    }
    if clean["gender"] not in _GENDERS:
        problems.add("identity.gender", _("Please choose one of these."))
    return {name: value for name, value in clean.items() if value} or None


def _check_birth_date(value: Any, problems: Problems, *, today: date) -> str:
    day = problems.day("identity.birth_date", value)
    if day is None:
        return ""
    if day > today + timedelta(days=1) or not is_plausible(day, today=today):  # it is already tomorrow in Kamchatka
        problems.add("identity.birth_date", _("This day is too far away. Check the year."))
    return day.isoformat()


def _check_bodies(bodies: Any, problems: Problems) -> tuple[UUID, ...]:
    if not bodies:
        return ()
    if not isinstance(bodies, list | tuple) or not all(isinstance(body, UUID) for body in bodies):
        problems.add("must_not_see", _("This cannot be read."))
        return ()
    chosen = tuple(dict.fromkeys(bodies))
    if len(chosen) > MOST_BODIES or unknown_bodies(chosen):
        problems.add("must_not_see", _("Please choose one of these."))
        return ()
    return chosen


def check_consent(
    consent: Any, language: str, data: ReferenceData, problems: Problems, *, name: str = "consent"
) -> ConsentEntry:
    if not isinstance(consent, ConsentEntry):
        problems.add(name, _("This cannot be read."))
        return ConsentEntry()
    known = {
        "share": consent.share in _SHARE,
        "cross_border": consent.cross_border in ("", "yes", "no"),
        "groups": isinstance(consent.groups, frozenset) and consent.groups <= _GROUPS,
        "how": consent.how in _HOW,
        "text_version": isinstance(consent.text_version, int) and 0 <= consent.text_version < 2**31,
        "language": consent.language == "" or _is_in(consent.language, data.languages),
        # Consent to a text that was read aloud stands only with the name of who read it; nobody else has such a name.
        "read_by_ref": isinstance(consent.read_by_ref, UUID) == (consent.how == Consent.How.VERBAL),
        "given_at": consent.given_at is None or isinstance(consent.given_at, datetime),
    }
    for part in (part for part, is_known in known.items() if not is_known):
        problems.add(f"{name}.{part}", _("Please choose one of these."))
    return replace(consent, language=consent.language or language)


def _check_subject(entry: ReportEntry, data: ReferenceData, problems: Problems, *, today: date) -> dict[str, Any]:
    """The contact and consent of the person concerned. There are none where the report is about the reporter, or where
    the person does not know of it: nobody may then be written to."""
    if entry.about != About.OTHER or entry.subject_unaware:
        return {"subject_contact": None, "subject_consent": None}
    contact, consent = entry.subject_contact, entry.subject_consent
    if contact is not None:
        contact = check_contact(replace(entry, contact=contact), data, problems, today=today, name="subject_contact")
    if consent is not None:
        consent = check_consent(consent, entry.language, data, problems, name="subject_consent")
    return {"subject_contact": contact, "subject_consent": consent}


def _check_code(code: Any, problems: Problems) -> str | None:
    if code is None:
        return None
    digits = normalise_code(code) if isinstance(code, str) else None
    if digits is None:
        problems.add("code", _("This cannot be read."))
    return digits
