"""A caseworker writes to the person, on the person's page; outside of it only a neutral sentence, where allowed."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from cases.actions import notify
from cases.actions.authorise import authorise
from cases.actions.case_row import locked_case
from cases.actions.record import Actor, Event, record_events
from cases.errors import NotFound
from cases.queries.reach import knows_person
from intake.actions.messages import LENGTH, checked_words, mark_read_step, write_to_reporter_step
from intake.models import Message
from intake.vocabulary import Voice

__all__ = ["LENGTH", "read_messages", "write_to_reporter"]


@transaction.atomic(durable=True)
def write_to_reporter(*, case_id: UUID, text: str, by: Actor, now: datetime) -> Message:
    """Puts the message on the person's page. Writing back means having read: what the person wrote is marked so.

    Timeline: message_sent, with the message's id only. Outbox: message_waiting for a person who opted in, checked again
    at the moment of sending. Raises InvalidInput (empty, too long), NotFound, NotAllowed, ReportErased.
    """
    clean = checked_words(text, limit=LENGTH)
    case = locked_case(case_id)
    user = authorise(by, "write_to_reporter", side=case.side)
    if knows_person(user.pk, case.pk):
        raise NotFound()
    message = write_to_reporter_step(
        report_id=case.report_id, voice=Voice.CASEWORKER, by_ref=user.pk, body_id=None, text=clean, now=now
    )
    mark_read_step(report_id=case.report_id, by=Voice.CASEWORKER, until=now, now=now)
    case.wrote_again_at = None  # answered
    record_events(case, [Event("message_sent", {"message": message.pk})], by=by, now=now)
    case.save()
    notify.write_outbox(notify.message_waiting(case, now))
    return message


@transaction.atomic(durable=True)
def read_messages(*, case_id: UUID, until: datetime, by: Actor, now: datetime) -> int:
    """A caseworker has the conversation before them: what the person wrote until then is read. Returns how many."""
    case = locked_case(case_id)
    user = authorise(by, "open_case", side=case.side)
    if knows_person(user.pk, case.pk):
        raise NotFound()
    return mark_read_step(report_id=case.report_id, by=Voice.CASEWORKER, until=until, now=now)
