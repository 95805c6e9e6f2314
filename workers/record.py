"""What came of attempts to send: one Delivery each, and what becomes of the message, in one short transaction."""

import logging
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import Any

from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import F

from cases.actions import notify
from cases.models import Delivery, OutboxMessage, WebhookEndpoint
from workers.channels import Answer
from workers.permit import NOT_FOR_THEM, NOT_NOW, Drop, Wait
from workers.retry import is_permanent, next_attempt

logger = logging.getLogger(__name__)

PATIENCE = 20  # seconds for which a database that is away is waited for: then what was sent will be sent once more
_PAUSE = 0.5  # seconds

_State, _Lane = OutboxMessage.State, OutboxMessage.Lane
_FREE = {"lease": None, "lease_until": None}


@dataclass(frozen=True, slots=True)
class Attempt:
    """One message and what came of it: the receiver's answer, or our own refusal to send it now or ever."""

    message: OutboxMessage
    outcome: Answer | Wait | Drop
    started_at: datetime
    duration_ms: int = 0

    @property
    def is_success(self) -> bool:
        return isinstance(self.outcome, Answer) and self.outcome.is_success

    @property
    def answer(self) -> Answer:
        return self.outcome if isinstance(self.outcome, Answer) else Answer(self.outcome.result)


def record(attempts: Sequence[Attempt], *, now: datetime, rng: Random) -> bool:
    """Writes them down; whether staff had to be told of some. Raises OperationalError when the database stays away."""
    until = time.monotonic() + PATIENCE
    while attempts:
        try:
            return _record(attempts, now, rng)
        except (OperationalError, InterfaceError):
            connection.close_if_unusable_or_obsolete()
            if time.monotonic() > until:
                raise
            time.sleep(_PAUSE)
    return False


@transaction.atomic(durable=True)
def _record(attempts: Sequence[Attempt], now: datetime, rng: Random) -> bool:
    ours = _still_ours(attempts)
    given_up: list[OutboxMessage] = []
    changes: dict[Any, list[OutboxMessage]] = defaultdict(list)
    for attempt in ours:
        changes[tuple(_change(attempt, now, rng).items())].append(attempt.message)
    Delivery.objects.bulk_create(_delivery(attempt) for attempt in ours)
    for change, messages in changes.items():
        ids = [message.pk for message in messages]
        OutboxMessage.objects.filter(pk__in=ids).update(attempts=F("attempts") + 1, **_FREE, **dict(change))
        if dict(change)["state"] == _State.DEAD:
            given_up += messages
    _disable(ours, now)
    passed_on = [row for one in ours if _is_for_another(one) for row in notify.passed_on(one.message, now)]
    notify.write_outbox(passed_on)
    return _tell(given_up, now) or bool(passed_on)


def _is_for_another(attempt: Attempt) -> bool:
    return isinstance(attempt.outcome, Drop) and attempt.outcome.result in NOT_FOR_THEM


def _still_ours(attempts: Sequence[Attempt]) -> list[Attempt]:
    """Locked. A message whose lease was lost is another worker's: it is sent twice, with one id, and recorded once."""
    ids = [attempt.message.pk for attempt in attempts]
    rows = OutboxMessage.objects.filter(pk__in=ids, state=_State.IN_FLIGHT).select_for_update(no_key=True)
    leases = dict(rows.order_by("pk").values_list("pk", "lease"))
    ours = [attempt for attempt in attempts if leases.get(attempt.message.pk) == attempt.message.lease]
    if len(ours) < len(attempts):
        logger.warning("%s messages were sent after their lease had ended", len(attempts) - len(ours))
    return ours


def _delivery(attempt: Attempt) -> Delivery:
    return Delivery(
        message=attempt.message,
        attempt=attempt.message.attempts + 1,
        started_at=attempt.started_at,
        duration_ms=attempt.duration_ms,
        result=attempt.answer.result,
        is_success=attempt.is_success,
        response_code=attempt.answer.response_code,
    )


def _change(attempt: Attempt, now: datetime, rng: Random) -> dict[str, Any]:
    """The message's next state."""
    change: dict[str, Any] = {"last_result": attempt.answer.result}
    if attempt.is_success:
        return change | {"state": _State.SENT, "finished_at": now}
    again = _next_attempt(attempt, now, rng)
    if again is not None:
        return change | {"state": _State.DUE, "next_attempt_at": again}
    is_cancelled = isinstance(attempt.outcome, Drop) and not attempt.outcome.is_failure
    return change | {"state": _State.CANCELLED if is_cancelled else _State.DEAD, "finished_at": now}


def _next_attempt(attempt: Attempt, now: datetime, rng: Random) -> datetime | None:
    outcome, message = attempt.outcome, attempt.message
    if isinstance(outcome, Wait):
        return outcome.until
    if isinstance(outcome, Drop) or is_permanent(outcome.result):
        return None
    return next_attempt(message.lane, _failures(message) + 1, now, rng, retry_after=outcome.retry_after)


def _failures(message: OutboxMessage) -> int:
    """Attempts before this one that count: having waited for a safe hour is no failure."""
    if message.audience != OutboxMessage.Audience.REPORTER:
        return message.attempts
    return message.deliveries.exclude(result=NOT_NOW).count()


def _tell(messages: Sequence[OutboxMessage], now: datetime) -> bool:
    """Staff hear of every urgent notice that was given up, and of the others once an hour for each receiver."""
    rows = []
    for message in messages:
        for row in notify.delivery_given_up(message, now):
            if message.lane != _Lane.URGENT:
                row.dedupe_key = f"delivery_given_up:{_receiver(message)}:{now:%Y%m%d%H}:{row.user_id}"
            rows.append(row)
    notify.write_outbox(rows)
    return bool(rows)


def _receiver(message: OutboxMessage) -> Any:
    return message.endpoint_id or message.partner_id or message.user_id or message.contact_id


def _disable(attempts: Sequence[Attempt], now: datetime) -> None:
    """410: the partner's server says that nobody is there any more (Standard Webhooks). The feed still has it all."""
    if gone := [attempt.message.endpoint_id or "" for attempt in attempts if attempt.answer.is_gone]:
        WebhookEndpoint.objects.filter(pk__in=gone, is_active=True).update(
            is_active=False, disabled_at=now, disabled_reason="gone"
        )
