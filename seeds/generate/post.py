"""How a message that was sent stands in the rows, as workers/record.py leaves it: seeds may not import workers."""

from datetime import timedelta

from cases.models import Delivery, OutboxMessage

from .calls import MOMENT


def send(message: OutboxMessage, *, was_away: bool) -> None:
    at, attempt = message.next_attempt_at + MOMENT, 1
    tries = [("timeout", None, 10_000)] if was_away else []
    for result, code, duration in [*tries, ("sent", 204 if message.channel == "webhook" else 250, 180)]:
        is_success = result == "sent"
        Delivery.objects.create(
            message=message,
            attempt=attempt,
            started_at=at,
            duration_ms=duration,
            result=result,
            is_success=is_success,
            response_code=code,
        )
        message.attempts, message.last_result = attempt, result
        if is_success:
            message.state, message.finished_at = OutboxMessage.State.SENT, at
        else:
            at, attempt = at + timedelta(seconds=40), 2
            message.next_attempt_at = at
    message.save()
