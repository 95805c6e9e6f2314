"""How a person can be reached and who they are: opened only after cases.actions.open_file has recorded it."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from intake.encryption import DataKey
from intake.models import Report, ReportKey
from intake.queries import current_contact
from intake.queries.words import words_of
from intake.vocabulary import Voice


@dataclass(frozen=True, slots=True, repr=False)
class Reached:
    """How somebody is reached. Printing it shows nothing."""

    value: str
    cover_name: str
    safe_word: str


@dataclass(frozen=True, slots=True, repr=False)
class PersonalData:
    """`concerned`: the person concerned, where somebody else writes for them. Printing it shows nothing."""

    value: str
    cover_name: str
    safe_word: str
    identity: Mapping[str, str]
    family: str
    concerned: Reached | None = None


def personal_data(report_id: UUID) -> PersonalData:
    """Raises ReportErased."""
    key = ReportKey.of(report_id)
    words = words_of(Report.objects.get(pk=report_id), key)
    reporter = _reached(report_id, key, Voice.REPORTER) or Reached("", "", "")
    return PersonalData(
        value=reporter.value,
        cover_name=reporter.cover_name,
        safe_word=reporter.safe_word,
        identity=words.identity,
        family=words.family,
        concerned=_reached(report_id, key, Voice.AFFECTED_PERSON),
    )


def _reached(report_id: UUID, key: DataKey, voice: str) -> Reached | None:
    """None also for who said that nobody may contact them."""
    contact = current_contact(report_id, voice)
    if contact is None or not (value := contact.unseal(key, "value")):
        return None
    return Reached(value, contact.unseal(key, "cover_name") or "", contact.unseal(key, "safe_word") or "")
