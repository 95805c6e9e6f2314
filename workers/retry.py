"""When a failed delivery is tried again, and when it is given up (delivery.md item 4). Pure: no row, no clock."""

import re
from datetime import UTC, datetime, timedelta
from random import Random

URGENT = 1  # OutboxMessage.Lane.URGENT

_SECONDS = {"s": 1, "min": 60, "h": 3600}


def _ladder(*steps: tuple[int, str]) -> tuple[timedelta, ...]:
    return tuple(timedelta(seconds=number * _SECONDS[unit]) for number, unit in steps)


URGENT_STEPS = _ladder((5, "s"), (30, "s"), (2, "min"), (5, "min"))
STEPS = _ladder((5, "s"), (5, "min"), (30, "min"), (2, "h"), (5, "h"), (10, "h"), (14, "h"), (20, "h"), (24, "h"))
JITTER = 0.1
LONGEST_WAIT = timedelta(hours=24)


def next_attempt(
    lane: int, attempt: int, now: datetime, rng: Random, retry_after: float | None = None
) -> datetime | None:
    """When to try again after attempt number `attempt` (from 1) failed for now; None: give up this channel.

    `retry_after` is what the receiver asked for, in seconds; it is honoured up to 24 hours and never undercut. An
    urgent message does not wait longer than its own last step: asked for more, it goes to the next channel at once.
    """
    steps = URGENT_STEPS if lane == URGENT else STEPS
    if attempt > len(steps):
        return None
    wait = steps[max(attempt, 1) - 1]
    if lane != URGENT:
        # Failures come in crowds (a receiver that is down); their repeats must not.
        wait *= rng.uniform(1 - JITTER, 1 + JITTER)
    asked = _asked(retry_after)
    if lane == URGENT and asked > URGENT_STEPS[-1]:
        return None
    return now.astimezone(UTC) + max(wait, asked)


def _asked(retry_after: float | None) -> timedelta:
    if retry_after is None or not retry_after > 0:  # also refuses "not a number"
        return timedelta(0)
    return timedelta(seconds=min(retry_after, LONGEST_WAIT.total_seconds()))


# What no repetition can cure. Anything unknown is tried again: the ladder ends by itself, a lost message does not.
PERMANENT = frozenset(
    {
        "http_410",  # Standard Webhooks: gone, the endpoint is disabled
        "invalid_target",  # targets.py refuses the address
        "no_address",
        "recipient_refused",
        "endpoint_disabled",
        "consent_withdrawn",
        "never_contact",
        "erased",
    }
)
# 5xx of a mail server that mean *our* credentials, which an operator will put right (RFC 4954).
_OUR_MISTAKE = frozenset({"smtp_530", "smtp_534", "smtp_535", "smtp_538"})


def is_permanent(result_code: str) -> bool:
    """Whether a delivery result (`http_503`, `smtp_550`, `timeout`, …) can never become a success by trying again.

    A webhook's 4xx is tried again like its 5xx (Standard Webhooks): a partner repairs its receiver within the ladder.
    """
    if result_code in PERMANENT:
        return True
    return re.fullmatch("smtp_5[0-9]{2}", result_code) is not None and result_code not in _OUR_MISTAKE
