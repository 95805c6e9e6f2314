"""The reporter's page: found by receipt code, filled from intake alone."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from uuid import UUID

from intake.encryption import receipt_code_key
from intake.models import AccessRecord, Body, PartnerErasure, PublicStatus, Report, ReportKey, SafeContact
from intake.queries.consent import ConsentInForce, consent_in_force, open_consent_requests
from intake.queries.safe_contact import current_contact, safe_contact_now
from intake.references import hash_code, normalise_code
from intake.vocabulary import AccessPurpose, Voice

_SEALED = ("answers", "story", "identity", "family", "actor_name", "must_not_see_text")
_NEVER_ISSUED = ""  # no code is empty, so its hash is nobody's


@dataclass(frozen=True, slots=True)
class PublicState:
    code: str
    expected_by: datetime | None = None
    organisation: Body | None = None
    next_step: str = field(default="", repr=False)  # in the organisation's own words


@dataclass(frozen=True, slots=True)
class OpenRequest:
    """ "Ask me first": this organisation has agreed to help and waits for the person's answer."""

    id: UUID
    organisation: Body
    asked_at: datetime


@dataclass(frozen=True, slots=True)
class Seen:
    """Somebody read personal data. Staff stay unnamed: `organisation` is set for partners only."""

    at: datetime
    voice: str
    organisation: Body | None
    purpose: str
    groups: tuple[str, ...]

    @property
    def purpose_label(self) -> str:
        return str(AccessPurpose(self.purpose).label)


@dataclass(frozen=True, slots=True)
class ContactRules:
    """How and when we may write or call; never the number or address."""

    method: str
    days: tuple[int, ...]
    hours_from: time | None
    hours_until: time | None
    timezone: str
    notify: bool
    never_contact: bool
    is_safe_now: bool
    device_shared: str
    may_leave_message: bool
    valid_until: date | None


@dataclass(frozen=True, slots=True)
class Mailbox:
    report_id: UUID
    reference: str
    received_at: datetime
    withdrawn_at: datetime | None
    status: PublicState
    consent: ConsentInForce
    requests: Sequence[OpenRequest]
    seen: Sequence[Seen]
    contact: ContactRules | None


def report_by_code(typed: str) -> Report | None:
    """The report that the code opens, without its encrypted fields.

    Malformed, never issued and erased all cost one hash and one look-up and answer None (bars.md S4).
    """
    code = normalise_code(typed) or _NEVER_ISSUED
    code_hash = hash_code(code, key=receipt_code_key())
    return Report.objects.defer(*_SEALED).filter(code_hash=code_hash).first()


def open_report(report_id: UUID) -> Report | None:
    """Without its encrypted fields; None when it is not there or was erased."""
    return Report.objects.defer(*_SEALED).filter(pk=report_id, erased_at__isnull=True).first()


def unconfirmed_erasures(report_id: UUID) -> list[PartnerErasure]:
    """Organisations that were told to delete their copies and have not said that they did, longest waiting first."""
    rows = PartnerErasure.objects.filter(report_id=report_id, recorded_at__isnull=True)
    return list(rows.select_related("body").order_by("asked_at", "id"))


def mailbox(report_id: UUID, now: datetime) -> Mailbox | None:
    """Five statements, six while an organisation has said what comes next. None: not there, or erased."""
    report = (
        Report.objects.select_related("status__organisation", "status__follows__status")
        .defer(*_SEALED, *(f"status__follows__{name}" for name in _SEALED))
        .filter(pk=report_id, erased_at__isnull=True)
        .first()
    )
    if report is None:
        return None
    return Mailbox(
        report_id=report.pk,
        reference=report.reference,
        received_at=report.received_at,
        withdrawn_at=report.withdrawn_at,
        status=current_public_status(report),
        consent=consent_in_force(report.pk),
        requests=[
            OpenRequest(row.pk, row.body, row.asked_at)
            for row in open_consent_requests(report.pk).select_related("body").order_by("asked_at", "id")
        ],
        seen=who_has_seen(report.pk),
        contact=_rules(current_contact(report.pk), now),
    )


def current_public_status(report: Report) -> PublicState:
    """Without a row: received, nothing more is known yet."""
    try:
        row = report.status
    except PublicStatus.DoesNotExist:
        return PublicState("received")
    if row.follows is not None and report.withdrawn_at is None:
        return _followed_status(row.follows)
    words = row.unseal(ReportKey.of(report.pk), "next_step") if row.next_step else ""
    return PublicState(row.code, row.expected_by, row.organisation, str(words or ""))


# What only the other person was asked or did; the one who follows reads that somebody works on it.
_OF_THE_OTHER = frozenset({"waiting_for_reporter", "withdrawn", "duplicate"})


def _followed_status(other: Report) -> PublicState:
    """The state of the report to which this one was joined. Never its organisation: where the other person is helped
    could be a shelter, and this one may be who they fled from."""
    try:
        row = other.status
    except PublicStatus.DoesNotExist:
        return PublicState("received")
    if row.code in _OF_THE_OTHER or other.withdrawn_at is not None or other.erased_at is not None:
        return PublicState("in_progress")
    return PublicState(row.code, row.expected_by)


def who_has_seen(report_id: UUID) -> list[Seen]:
    """Newest first."""
    rows = AccessRecord.objects.filter(report_id=report_id).select_related("body").order_by("-at", "-id")
    return [Seen(row.at, row.voice, row.body, row.purpose, tuple(row.groups)) for row in rows]


def contact_rules(report_id: UUID, now: datetime, voice: str = Voice.REPORTER) -> ContactRules | None:
    """How this voice may be reached; None where it has said nothing."""
    return _rules(current_contact(report_id, voice), now)


def _rules(contact: SafeContact | None, now: datetime) -> ContactRules | None:
    if contact is None:
        return None
    return ContactRules(
        method=contact.method,
        days=tuple(contact.days),
        hours_from=contact.hours_from,
        hours_until=contact.hours_until,
        timezone=contact.timezone,
        notify=contact.notify,
        never_contact=contact.never_contact,
        is_safe_now=safe_contact_now(contact, now),
        device_shared=contact.device_shared,
        may_leave_message=contact.may_leave_message,
        valid_until=contact.valid_until,
    )
