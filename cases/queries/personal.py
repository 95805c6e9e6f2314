"""How a person can be reached and who they are: opened only after cases.actions.open_file has recorded it."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from intake.models import Report, ReportKey
from intake.queries import current_contact
from intake.queries.words import words_of


@dataclass(frozen=True, slots=True, repr=False)
class PersonalData:
    """Printing it shows nothing."""

    value: str
    cover_name: str
    safe_word: str
    identity: Mapping[str, str]
    family: str


def personal_data(report_id: UUID) -> PersonalData:
    """Raises ReportErased."""
    key = ReportKey.of(report_id)
    words = words_of(Report.objects.get(pk=report_id), key)
    contact = current_contact(report_id)
    return PersonalData(
        value=(contact.unseal(key, "value") or "") if contact else "",
        cover_name=(contact.unseal(key, "cover_name") or "") if contact else "",
        safe_word=(contact.unseal(key, "safe_word") or "") if contact else "",
        identity=words.identity,
        family=words.family,
    )
