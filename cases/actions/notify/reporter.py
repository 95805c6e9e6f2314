"""Notices to the person: one neutral sentence, and only to who opted in. Unsaved rows; the caller writes them."""

from datetime import datetime

from cases.models import Case, OutboxMessage
from cases.queries.merges import merged_into
from intake.queries import current_contact
from intake.vocabulary import ContactMethod

from .outbox import lane_of, reporter_language

_Audience, _Channel = OutboxMessage.Audience, OutboxMessage.Channel


def status_changed(case: Case, now: datetime) -> list[OutboxMessage]:
    """A neutral mail, only for a person who opted in to it. Safe hours are checked again at the moment of sending."""
    return [*_to_reporter("status_changed", case, now), *_to_followers(case, now)]


def _to_followers(case: Case, now: datetime) -> list[OutboxMessage]:
    """Whose case was merged into this one: they read its status, and are told of it by the same neutral sentence."""
    rows = []
    for joined in merged_into(case):
        for row in _to_reporter("status_changed", joined, now):
            row.dedupe_key = f"status_changed:{joined.pk}:{case.pk}:{case.event_count}:email"
            rows.append(row)
    return rows


def message_waiting(case: Case, now: datetime) -> list[OutboxMessage]:
    """As `status_changed`: the person has something to read or to answer on their page."""
    return _to_reporter("message_waiting", case, now)


def _to_reporter(kind: str, case: Case, now: datetime) -> list[OutboxMessage]:
    contact = current_contact(case.report_id)
    if contact is None or contact.never_contact or not contact.notify or contact.method != ContactMethod.EMAIL:
        return []
    row = OutboxMessage(
        kind=kind,
        case=case,
        audience=_Audience.REPORTER,
        channel=_Channel.EMAIL,
        contact=contact,
        language=reporter_language(case),
        lane=lane_of(case.urgency),
        dedupe_key=f"{kind}:{case.pk}:{case.event_count}:email",
        next_attempt_at=now,
        created_at=now,
    )
    return [row]
