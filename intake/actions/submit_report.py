"""Takes a report in: one transaction, at most seven statements, the same report when it is sent again."""

from datetime import datetime, time
from uuid import UUID

from django.db import IntegrityError, transaction

from intake.compiled import Insert
from intake.encryption import DataKey, keyed_hash, receipt_code_key
from intake.models import Consent, Report, ReportKey, SafeContact
from intake.queries.reference import reference_data
from intake.references import hash_code
from intake.vocabulary import IntakeEventKind, Voice

from .check_entry import check_entry
from .entry import ConsentEntry, ContactEntry, ReportEntry, ReportNames, Submitted
from .hand_over import NewReport, hand_over
from .index_person import index_entry_step

__all__ = [
    "ConsentEntry",
    "ContactEntry",
    "ReportEntry",
    "ReportNames",
    "Submitted",
    "submit_report",
    "submit_report_step",
]

_insert_key, _insert_report, _insert_consents = Insert(ReportKey), Insert(Report), Insert(Consent)
ATTEMPTS = 3  # a reference that is already taken: once in 34,000 reports when a million are stored


def submit_report(*, entry: ReportEntry, now: datetime) -> Submitted:
    """Stores the report, its consent and contact under a key of its own and hands it over to cases.

    Raises InvalidInput. A repeat of a submission key returns the report that is there already (`is_repeat`), whatever
    else it says. Nothing is looked up beforehand: the unique submission key decides, also between twins.
    """
    clean = check_entry(entry, today=now.date())
    attempts_left = ATTEMPTS
    while True:
        attempts_left -= 1
        try:
            with transaction.atomic(durable=True):
                return write_report(clean, now=now)
        except IntegrityError:
            earlier = _submitted_before(clean)
            if earlier is not None:
                return earlier
            if not attempts_left:
                raise


def submit_report_step(*, entry: ReportEntry, now: datetime, names: ReportNames | None = None) -> Submitted:
    """The same inside the caller's transaction, which must be atomic (cases/actions/once.py opens it).

    There a failed INSERT would spoil the caller's transaction, so a submission key costs one SELECT here; a door whose
    own idempotency row already guarantees that this runs once leaves it empty. IntegrityError rises (a reference that
    is taken, a twin): roll back and call again. `names` that the door chose beforehand are the report's, if it is new.
    """
    clean = check_entry(entry, today=now.date())
    return _submitted_before(clean) or write_report(clean, now=now, names=names)


def write_report(
    entry: ReportEntry, *, now: datetime, code_hash: bytes | None = None, names: ReportNames | None = None
) -> Submitted:
    """Writes a checked entry. `code_hash` instead of `entry.code` when only the hash of a shown code is left."""
    names = names or ReportNames.new()
    code = None if code_hash else entry.code or names.code
    report = Report(
        reference=names.reference,
        code_hash=code_hash or hash_code(code or "", key=receipt_code_key()),
        submission_key=submission_hash(entry),
        received_at=now,
        questions_version=reference_data().questions_version,
        language_id=entry.language,
        country_id=entry.country,
        region_id=entry.region,
        category_id=entry.category,
        **{name: getattr(entry, name) for name in _PLAIN},
    )
    key_row, key = ReportKey.make(report.pk)
    _insert_key([key_row])
    report.seal(key, answers=dict(entry.answers), **{name: getattr(entry, name) for name in _SEALED})
    _insert_report([report])
    write_consent(report.pk, entry.consent, now)
    if entry.contact is not None:
        write_contact(report.pk, key, entry.contact, now)
    _write_subject(report.pk, key, entry, now)
    is_indexed = index_entry_step(report.pk, entry)
    if entry.must_not_see:
        through = Report.must_not_see.through
        through.objects.bulk_create(through(report_id=report.pk, body_id=body) for body in entry.must_not_see)
    new = NewReport(report, entry.answers, entry.consent.share, is_indexed)
    hand_over(report_id=report.pk, kind=IntakeEventKind.SUBMITTED, now=now, new=new)
    return Submitted(report.pk, report.reference, code)


_PLAIN = (
    "channel",
    "source_ref",
    "citizenship",
    "subcode",
    "about",
    "subject_unaware",
    "age_band",
    "handler",
    "actor_kind",
)
_SEALED = ("story", "identity", "family", "actor_name", "must_not_see_text")


def submission_hash(entry: ReportEntry) -> bytes | None:
    """Two clients that choose the same key must never meet in one report."""
    if not entry.submission_key:
        return None
    return keyed_hash(f"{entry.channel}:{entry.source_ref}:{entry.submission_key}", purpose="submission")


def _submitted_before(entry: ReportEntry) -> Submitted | None:
    """A code that came with the entry is given back: it is the one that this very sender was shown."""
    if not entry.submission_key:
        return None
    row = Report.objects.filter(submission_key=submission_hash(entry)).only("id", "reference", "code_hash").first()
    if row is None:
        return None
    code_hash = hash_code(entry.code or "", key=receipt_code_key())
    code = entry.code if bytes(row.code_hash or b"") == code_hash else None
    return Submitted(row.pk, row.reference, code, is_repeat=True)


def _write_subject(report_id: UUID, key: DataKey, entry: ReportEntry, now: datetime) -> None:
    """What the person concerned said, apart from what the reporter said (domain.md §4, third party)."""
    if entry.subject_consent is not None:
        write_consent(report_id, entry.subject_consent, now, voice=Voice.AFFECTED_PERSON)
    if entry.subject_contact is not None:
        write_contact(report_id, key, entry.subject_contact, now, voice=Voice.AFFECTED_PERSON)


def write_consent(report_id: UUID, consent: ConsentEntry, now: datetime, *, voice: str = Voice.REPORTER) -> None:
    """Answers only: where nothing was answered there is no row, and the rule without one is the careful one."""
    question = Consent.Question
    given = [(question.SHARE, "", consent.share), (question.CROSS_BORDER, "", consent.cross_border)]
    given += [(question.GROUP, group, "yes") for group in sorted(consent.groups)]
    _insert_consents(
        [
            Consent(
                report_id=report_id,
                question=asked,
                data_group=group,
                answer=answer,
                text_version=consent.text_version,
                language=consent.language,
                how=consent.how,
                voice=voice,
                read_by_ref=consent.read_by_ref,
                given_at=consent.given_at or now,
            )
            for asked, group, answer in given
            if answer
        ]
    )


def write_contact(
    report_id: UUID, key: DataKey, entry: ContactEntry, now: datetime, *, voice: str = Voice.REPORTER
) -> SafeContact:
    contact = SafeContact(
        report_id=report_id,
        voice=voice,
        method=entry.method,
        days=list(entry.days),
        hours_from=time.fromisoformat(entry.hours_from) if entry.hours_from else None,
        hours_until=time.fromisoformat(entry.hours_until) if entry.hours_until else None,
        timezone=entry.timezone,
        device_shared=entry.device_shared,
        may_leave_message=entry.may_leave_message,
        notify=entry.notify,
        never_contact=entry.never_contact,
        valid_until=entry.valid_until,
        created_at=now,
    )
    contact.seal(key, value=entry.value, cover_name=entry.cover_name, safe_word=entry.safe_word)
    contact.save(force_insert=True)
    return contact
