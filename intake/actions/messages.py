"""Messages on the reporter's page: the person writes, our people write, notices whose words the page knows by code."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from intake.errors import InvalidInput, Throttled
from intake.models import Message, ReportKey
from intake.vocabulary import IntakeEventKind, Voice

from .hand_over import hand_over
from .locked_report import locked_report
from .once_only import act_hash
from .problems import Problems

LENGTH = 5_000  # characters
MOST_A_DAY = 100  # of one person: nobody reads more, and a program could fill the disk
_DAY = timedelta(days=1)


@transaction.atomic(durable=True)
def post_message(*, report_id: UUID, text: str, submission_key: str, now: datetime) -> Message:
    """The person writes to us. A repeat of the key is the message that is there already, whatever else it says.

    Writes one IntakeEvent MESSAGE about it. Raises InvalidInput (empty, too long), Throttled, ReportErased.
    """
    clean = checked_words(text, limit=LENGTH)
    report = locked_report(report_id)
    digest = act_hash(report_id, "message", submission_key)
    earlier = Message.objects.filter(submission_key=digest).first() if digest else None
    if earlier is not None:
        return earlier
    of_today = Message.objects.filter(report_id=report.pk, voice=Voice.REPORTER, sent_at__gt=now - _DAY)
    if of_today.count() >= MOST_A_DAY:
        raise Throttled(retry_after=int(_DAY.total_seconds()))
    message = Message(report_id=report.pk, voice=Voice.REPORTER, submission_key=digest, sent_at=now)
    message.seal(ReportKey.of(report.pk), text=clean)
    message.save(force_insert=True)
    hand_over(report_id=report.pk, kind=IntakeEventKind.MESSAGE, subject=message.pk, now=now)
    return message


def write_to_reporter_step(
    *, report_id: UUID, voice: str, by_ref: UUID | None, body_id: UUID | None, text: str, now: datetime
) -> Message:
    """One of us (`body_id` None) or a partner writes; `text` comes checked. A step. Raises ReportErased."""
    message = Message(report_id=report_id, voice=voice, by_ref=by_ref, organisation_id=body_id, sent_at=now)
    message.seal(ReportKey.of(report_id), text=text)
    message.save(force_insert=True)
    return message


def notice_step(*, report_id: UUID, code: str, body_id: UUID | None, now: datetime) -> Message:
    """A notice of ours: only its code is stored, so that it is read in the language of the page. A step."""
    message = Message(report_id=report_id, voice=Voice.SYSTEM, code=code, organisation_id=body_id, sent_at=now)
    message.save(force_insert=True)
    return message


@transaction.atomic(durable=True)
def mark_read(*, report_id: UUID, until: datetime, now: datetime) -> int:
    """The person has opened the messages: those that stood on the page, so none newer than `until`."""
    return mark_read_step(report_id=report_id, by=Voice.REPORTER, until=until, now=now)


def mark_read_step(*, report_id: UUID, by: str, until: datetime, now: datetime) -> int:
    """Marks what was written to this reader and returns how many. A step of one statement.

    `by` REPORTER: what we and partners wrote; otherwise our people have read what the person wrote to them.
    """
    unread = Message.objects.filter(report_id=report_id, read_at__isnull=True, sent_at__lte=until)
    if by == Voice.REPORTER:
        return unread.exclude(voice=Voice.REPORTER).update(read_at=now)
    return unread.filter(voice=Voice.REPORTER, organisation__isnull=True).update(read_at=now)


def checked_words(text: object, *, limit: int, name: str = "text") -> str:
    """Clean text that is there. Raises InvalidInput on `name`."""
    problems = Problems()
    clean = problems.text(name, text, limit=limit)
    if not clean and name not in problems.fields:
        raise InvalidInput(fields={name: [_("Please write something.")]})
    problems.raise_any()
    return clean
