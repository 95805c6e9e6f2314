"""The data groups of a report, opened: identity, contact, story, documents, family. Who may see them was decided."""

from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cases.models import Referral
from intake.encryption import DataKey
from intake.models import Attachment, Report, SafeContact
from intake.queries import current_contact, next_safe_moment, safe_contact_now
from intake.queries.consent import consent_of
from intake.queries.files import ready_files
from intake.queries.words import Words, words_of
from intake.vocabulary import About, DataGroup, FileUse, Voice

from .offer import View


def data_of(referral: Referral, report: Report, key: DataKey, groups: frozenset[str], now: datetime) -> View:
    """Every group by its name; None for one that is not among `groups`."""
    words = words_of(report, key)
    files = ready_files(report.pk, frozenset(FileUse.values)) if groups & _WITH_FILES else []
    parts = {
        DataGroup.IDENTITY: lambda: dict(words.identity),
        DataGroup.CONTACT: lambda: _contact(report, key, now),
        DataGroup.STORY: lambda: _story(referral, report, words) | {"recordings": file_views(files, FileUse.STORY)},
        DataGroup.DOCUMENTS: lambda: file_views(files, FileUse.DOCUMENT),
        DataGroup.FAMILY: lambda: words.family,
    }
    return {str(group): part() if group in groups else None for group, part in parts.items()}


_WITH_FILES = frozenset({DataGroup.STORY, DataGroup.DOCUMENTS})


def file_views(files: Iterable[Attachment], use: str) -> list[View]:
    """The person's own name for a file stays with us."""
    return [
        {"id": file.pk, "kind": file.kind, "size": file.clean_bytes, "media_type": file.media_type}
        for file in files
        if file.use == use
    ]


def _story(referral: Referral, report: Report, words: Words) -> View:
    """As it came, with dated additions; answers as they are given now."""
    return {
        "subcode": referral.case.subcode or None,
        "text": words.story,
        "additions": [{"at": addition.at, "text": addition.text} for addition in words.additions],
        "answers": dict(words.answers),
        "alleged_actor": {"kind": report.actor_kind or None, "name": words.actor_name},
    }


def _contact(report: Report, key: DataKey, now: datetime) -> View:
    """Of who wrote, and of the person concerned where that is somebody else."""
    whom: View = {"about": report.about, "subject_unaware": report.subject_unaware}
    return _way(current_contact(report.pk), key, now) | whom | {"person_concerned": _person_concerned(report, key, now)}


def _person_concerned(report: Report, key: DataKey, now: datetime) -> View | None:
    """How to reach them only where they have said themselves what may be passed on; that they must not be, always."""
    contact = current_contact(report.pk, Voice.AFFECTED_PERSON) if report.about == About.OTHER else None
    if contact is None:
        return None
    has_said = contact.never_contact or consent_of(report.pk, Voice.AFFECTED_PERSON) is not None
    return _way(contact if has_said else None, key, now)


def _way(contact: SafeContact | None, key: DataKey, now: datetime) -> View:
    """Never a number or address without its rules; "never contact" and one that ran out have no value at all."""
    if contact is None or contact.never_contact or _has_run_out(contact, now):
        never = contact is not None and contact.never_contact
        return {"reach_by": "mailbox", "never_contact": never, **dict.fromkeys(_CONTACT)}
    is_safe = safe_contact_now(contact, now)
    return {
        "reach_by": "contact",
        "never_contact": False,
        "method": contact.method,
        "value": contact.unseal(key, "value"),
        "cover_name": contact.unseal(key, "cover_name"),
        "safe_word": contact.unseal(key, "safe_word"),
        "days": list(contact.days),
        "hours_from": f"{contact.hours_from:%H:%M}" if contact.hours_from else None,
        "hours_until": f"{contact.hours_until:%H:%M}" if contact.hours_until else None,
        "timezone": contact.timezone,
        "device_shared": contact.device_shared or None,
        "may_leave_message": contact.may_leave_message,
        "valid_until": contact.valid_until,
        "is_safe_now": is_safe,
        "next_safe_at": None if is_safe else next_safe_moment(contact, now),
    }


_CONTACT = (
    "method",
    "value",
    "cover_name",
    "safe_word",
    "days",
    "hours_from",
    "hours_until",
    "timezone",
    "device_shared",
    "may_leave_message",
    "valid_until",
    "is_safe_now",
    "next_safe_at",
)


def _has_run_out(contact: SafeContact, now: datetime) -> bool:
    """Doubt (an unknown zone) means that it has."""
    if contact.valid_until is None:
        return False
    try:
        return now.astimezone(ZoneInfo(contact.timezone)).date() > contact.valid_until
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return True
