"""How a person can be reached and who they are: opened only after cases.actions.open_file has recorded it."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from intake.encryption import DataKey
from intake.models import Report, ReportKey, SafeContact
from intake.queries import current_contact
from intake.queries.words import words_of
from intake.vocabulary import About, Voice


@dataclass(frozen=True, slots=True, repr=False)
class Contact:
    """Printing it shows nothing."""

    value: str = ""
    cover_name: str = ""
    safe_word: str = ""


@dataclass(frozen=True, slots=True, repr=False)
class PersonalData:
    """`concerned`: how the person concerned is reached, where somebody else reports. Printing it shows nothing."""

    contact: Contact
    concerned: Contact
    identity: Mapping[str, str]
    family: str


def personal_data(report_id: UUID) -> PersonalData:
    """Raises ReportErased."""
    key = ReportKey.of(report_id)
    report = Report.objects.get(pk=report_id)
    words = words_of(report, key)
    return PersonalData(
        contact=_opened(current_contact(report_id), key),
        concerned=_opened(contact_of_concerned(report), key),
        identity=words.identity,
        family=words.family,
    )


def contact_of_concerned(report: Report) -> SafeContact | None:
    """None where the report is about the reporter, or the person does not know of it. One statement, else none."""
    if report.about != About.OTHER or report.subject_unaware:
        return None
    return current_contact(report.pk, Voice.AFFECTED_PERSON)


def _opened(contact: SafeContact | None, key: DataKey) -> Contact:
    if contact is None:
        return Contact()
    return Contact(*(str(contact.unseal(key, name) or "") for name in ("value", "cover_name", "safe_word")))
