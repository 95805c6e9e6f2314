"""Blind indexes: keyed hashes by which the same person is found again without being read."""

from collections.abc import Collection, Iterable
from uuid import UUID

from intake.encryption import keyed_hash
from intake.matching import normal_email, normal_name, normal_phone
from intake.models import BlindIndex
from intake.vocabulary import ContactMethod

from .entry import ContactEntry, ReportEntry

_Kind = BlindIndex.Kind
MOST = 8  # values of one kind in one call: a person has a few numbers, and an index row is cheap to flood


def index_person_step(
    *,
    report_id: UUID,
    phones: Iterable[str] = (),
    emails: Iterable[str] = (),
    names: Iterable[str] = (),
    country: str = "",
    replaces: Collection[str] = (),
) -> int:
    """Adds what can be read as a number, an address or a name to the report's index; returns how many rows.

    `country` reads numbers without a country code. `replaces`: kinds (BlindIndex.Kind) whose earlier rows go first, for
    a part that the person took back or gave anew; else earlier ones stay, since an old number is still that person's.
    A step of one statement, two with `replaces`, none when there is nothing to write.
    """
    forms = {
        _Kind.PHONE: {normal_phone(value, country) for value in list(phones)[:MOST]},
        _Kind.EMAIL: {normal_email(value) for value in list(emails)[:MOST]},
        _Kind.NAME: {normal_name(value) for value in list(names)[:MOST]},
    }
    if replaces:
        BlindIndex.objects.filter(report_id=report_id, kind__in=list(replaces)).delete()
    rows = [
        BlindIndex(report_id=report_id, kind=kind, digest=digest_of(kind, form))
        for kind, found in forms.items()
        for form in sorted(found - {""})
    ]
    if rows:
        BlindIndex.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)


def index_entry_step(report_id: UUID, entry: ReportEntry) -> bool:
    """Indexes a checked entry: how the reporter and the person concerned are reached, and the name.

    Says whether there was a number or an address. Without contact and name it costs nothing.
    """
    contacts = [contact for contact in (entry.contact, entry.subject_contact) if contact is not None]
    phones = [number for contact in contacts if (number := number_of(contact, entry.country))]
    emails = [contact.value for contact in contacts if contact.value and contact.method == ContactMethod.EMAIL]
    name = (entry.identity or {}).get("name")
    index_person_step(report_id=report_id, phones=phones, emails=emails, names=[name] if name else [])
    return bool(phones or emails)


def number_of(contact: ContactEntry, country: str) -> str:
    """The number in its normal form, or "". A messenger is known by a number or by a name of its own: only the number
    is the same elsewhere, and only one with its country code is certainly one."""
    if not contact.value or contact.method not in _BY_NUMBER:
        return ""
    return normal_phone(contact.value, country if contact.method != ContactMethod.MESSENGER else "")


_BY_NUMBER = frozenset({ContactMethod.PHONE, ContactMethod.SMS, ContactMethod.MESSENGER})


def digest_of(kind: str, form: str) -> bytes:
    """Each kind has a purpose of its own: a number and a name never share a hash."""
    return keyed_hash(form, purpose=f"blind-{kind}")
