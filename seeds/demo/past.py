"""Notices of long ago count as sent: nobody who starts the demo wants two months of mail at once."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import F, Q

from cases.models import Delivery, OutboxMessage

LONG_AGO = timedelta(days=1)
TOOK = timedelta(seconds=2)


def told_long_ago(*, now: datetime) -> None:
    """What is younger the workers send when the demo starts. What may no longer be sent was never sent."""
    due = OutboxMessage.objects.filter(state=OutboxMessage.State.DUE, created_at__lt=now - LONG_AGO)
    gone = Q(audience=OutboxMessage.Audience.REPORTER) & (
        Q(contact=None) | Q(case__report__withdrawn_at__isnull=False) | Q(case__report__erased_at__isnull=False)
    )
    cancelled = list(due.filter(gone).values_list("pk", flat=True))
    OutboxMessage.objects.filter(pk__in=cancelled).update(
        state=OutboxMessage.State.CANCELLED, last_result="not_allowed_now", finished_at=F("created_at") + TOOK
    )
    sent = list(due.values_list("pk", "created_at"))
    Delivery.objects.bulk_create(_sent(pk, at) for pk, at in sent)
    due.update(state=OutboxMessage.State.SENT, attempts=1, last_result="sent", finished_at=F("created_at") + TOOK)


def _sent(message_id: UUID, at: datetime) -> Delivery:
    took = 180 + message_id.int % 300  # ms, as a mail server would
    return Delivery(
        message_id=message_id, attempt=1, started_at=at + TOOK, duration_ms=took, result="sent", is_success=True
    )
