"""The person says anew how to be reached safely, or never. The newest row replaces the ones before."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from intake.encryption import DataKey
from intake.errors import InvalidInput
from intake.models import Report, ReportKey, SafeContact
from intake.queries.reference import reference_data
from intake.queries.safe_contact import current_contact
from intake.vocabulary import About, ContactMethod, IntakeEventKind, Voice

from .check_contact import check_contact
from .entry import ContactEntry, ReportEntry
from .hand_over import hand_over
from .index_person import index_person_step, number_of
from .locked_report import locked_report
from .problems import Problems
from .submit_report import write_contact

_PLAIN = (
    "method",
    "days",
    "hours_from",
    "hours_until",
    "timezone",
    "device_shared",
    "may_leave_message",
    "notify",
    "never_contact",
    "valid_until",
)
_SEALED = ("value", "cover_name", "safe_word")


@transaction.atomic(durable=True)
def change_contact(
    *, report_id: UUID, contact: ContactEntry, now: datetime, voice: str = Voice.REPORTER
) -> SafeContact | None:
    """Replaces how this voice is reached; None when that is how it was already. Messages still to be sent follow it.

    The rows before stay, sealed, and are read by nobody. Indexes the number or address. Writes one IntakeEvent
    CORRECTED about the contact. Raises InvalidInput (also for the person concerned of a report about oneself, or one
    who does not know), ReportErased.
    """
    report = locked_report(report_id)
    clean = _checked(contact, report, voice, now)
    key = ReportKey.of(report_id)
    before = current_contact(report_id, voice)
    row = write_contact(report_id, key, clean, now, voice=voice)
    if before is not None and _are_same(before, row, key):
        row.delete()
        return None
    _index(report, clean)
    hand_over(report_id=report_id, kind=IntakeEventKind.CORRECTED, subject=row.pk, now=now)
    return row


def _checked(contact: ContactEntry, report: Report, voice: str, now: datetime) -> ContactEntry:
    is_concerned = voice == Voice.AFFECTED_PERSON
    if is_concerned and (report.about != About.OTHER or report.subject_unaware):
        raise InvalidInput(fields={"contact": [_("Please choose one of these.")]})
    problems = Problems()
    where = ReportEntry(
        channel="web",
        language=report.language_id,
        country=report.country_id,
        region=report.region_id,
        category="",
        contact=contact,
    )
    clean = check_contact(where, reference_data(), problems, today=now.date())
    if clean is None and not problems.fields:
        problems.add("contact.method", _("Please choose one of these."))
    problems.raise_any()
    assert clean is not None  # noqa: S101 - said above
    return clean


def _are_same(one: SafeContact, other: SafeContact, key: DataKey) -> bool:
    other.refresh_from_db()
    return all(getattr(one, name) == getattr(other, name) for name in _PLAIN) and all(
        one.unseal(key, name) == other.unseal(key, name) for name in _SEALED
    )


def _index(report: Report, contact: ContactEntry) -> None:
    """As at first, for both voices: by it the same person is found again. An old number is still that person's."""
    index_person_step(
        report_id=report.pk,
        phones=[number] if (number := number_of(contact, report.country_id)) else [],
        emails=[contact.value] if contact.value and contact.method == ContactMethod.EMAIL else [],
    )
