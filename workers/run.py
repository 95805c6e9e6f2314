"""One run over what is due: claim → may it go out now? → send → record, until nothing is left.

Only the run's own thread speaks with the database; the pool's threads speak with the network.
"""

import logging
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ALL_COMPLETED, FIRST_COMPLETED, Executor, Future, wait
from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from django.db import OperationalError

from cases.models import OutboxMessage
from workers import pace
from workers.channels import Answer, Channel, Channels
from workers.claim import Destination, claim, destination_of, look_again, release, return_lapsed
from workers.permit import Go, Verdict, permits
from workers.record import Attempt, record

logger = logging.getLogger(__name__)

SLOTS = 8  # messages that are on their way or not yet recorded: so many at most are repeated after a kill
BATCH = 64  # rows of one claim
BACKLOG = 128  # rows claimed and waiting here
LOW = 16  # fewer than these that can go out quickly: claim more
TICK = 0.05  # seconds between two looks for new work while something is on its way
PERMIT_HOLDS = timedelta(seconds=1)
# A send takes 30 seconds at most (channels): on a lease that might end before that, nothing is begun.
SHORTEST_LEASE = timedelta(seconds=40)


class Run:
    def __init__(
        self,
        channels: Channels,
        pool: Executor,
        *,
        asked: threading.Event,
        stopping: threading.Event,
        now_fn: Callable[[], datetime],
        limit: int | None,
        rng: Random,
    ) -> None:
        """`asked` is set by whoever has new work, `stopping` when the process is to end."""
        self._channels, self._pool = channels, pool
        self._asked, self._stopping = asked, stopping
        self._now, self._rng = now_fn, rng
        self._left = sys.maxsize if limit is None else limit
        self._backlog: list[OutboxMessage] = []
        self._verdicts: dict[UUID, tuple[datetime, Verdict]] = {}
        self._in_flight: dict[Future[Attempt], Destination] = {}
        self._may_be_more = True
        self._held_back: set[Destination] = set()  # more may be due for these than we took

    def go(self) -> int:
        """Returns how many attempts and refusals were recorded."""
        handled = 0
        while self._has_work() or self._has_lapsed():
            attempts = self._start(self._choose())
            if not attempts:
                self._wait()
            attempts += self._finished()
            if record(attempts, now=self._now(), rng=self._rng):
                self._may_be_more = True
            handled += len(attempts)
        return handled

    def _wait(self) -> None:
        """For all of the quick ones, whose records then share a transaction; for slow ones only when alone."""
        quick = [future for future, destination in self._in_flight.items() if pace.is_quick(destination)]
        wait(quick or self._in_flight, timeout=TICK, return_when=ALL_COMPLETED if quick else FIRST_COMPLETED)

    def _finished(self) -> list[Attempt]:
        done = [future for future in self._in_flight if future.done()]
        freed = {self._in_flight.pop(future) for future in done}
        if freed & self._held_back:
            self._held_back -= freed
            self._may_be_more = True
        return [future.result() for future in done]

    # --- claiming -------------------------------------------------------------------------------------------------
    def _has_work(self) -> bool:
        if self._stopping.is_set():
            release(self._backlog)
            self._backlog = []
        elif self._is_hungry():
            self._claim()
        return bool(self._backlog or self._in_flight)

    def _has_lapsed(self) -> bool:
        """Looked for last: what is new must not wait for it."""
        if self._stopping.is_set() or not return_lapsed(self._now()):
            return False
        self._may_be_more = True
        return self._has_work()

    def _is_hungry(self) -> bool:
        if not (self._may_be_more or self._asked.is_set()) or not self._left or len(self._backlog) >= BACKLOG:
            return False
        return sum(pace.is_quick(destination_of(message)) for message in self._backlog) < LOW

    def _claim(self) -> None:
        self._asked.clear()
        try:
            self._claim_some()
        except OperationalError:
            if not self._in_flight:
                raise
            self._may_be_more = False  # first what is on its way; the next run meets the database again

    def _claim_some(self) -> None:
        wanted = min(BATCH, self._left)
        counts = Counter(map(destination_of, self._backlog)) + Counter(self._in_flight.values())
        busy = [destination for destination, count in counts.items() if count >= pace.held(destination)]
        claimed = claim(self._now(), limit=wanted, busy=busy)
        self._may_be_more = bool(claimed)  # of the next lane, if no more of this one
        kept, surplus = _within_bounds(claimed, counts)
        if surplus:
            release(surplus)
        self._held_back.update(busy, map(destination_of, surplus))
        self._ask_permits(kept)
        self._left -= len(kept)
        self._backlog = sorted(self._backlog + kept, key=_order)

    # --- starting -------------------------------------------------------------------------------------------------
    def _choose(self) -> list[OutboxMessage]:
        """The next messages for which there is room, in order; taken out of the backlog."""
        room = SLOTS - len(self._in_flight)
        counts = Counter(self._in_flight.values())
        slow = sum(count for destination, count in counts.items() if not pace.is_quick(destination))
        chosen: list[OutboxMessage] = []
        rest: list[OutboxMessage] = []
        for message in self._backlog:
            destination = destination_of(message)
            is_slow = not pace.is_quick(destination)
            has_room = counts[destination] < pace.at_once(destination) and not (is_slow and slow >= pace.SLOW_AT_ONCE)
            if len(chosen) < room and has_room:
                chosen.append(message)
                counts[destination] += 1
                slow += is_slow
            else:
                rest.append(message)
        self._backlog = rest
        return chosen

    def _start(self, chosen: Sequence[OutboxMessage]) -> list[Attempt]:
        """Sends those that may go; returns the refusals."""
        refused = []
        for message in self._still_sure(chosen):
            now = self._now()
            _, verdict = self._verdicts.pop(message.pk)
            if not isinstance(verdict, Go):
                refused.append(Attempt(message, verdict, now))
            elif (prepared := _prepare(self._channels[message.channel], message, verdict.address, now)) is None:
                refused.append(Attempt(message, Answer("error"), now))
            else:
                future = self._pool.submit(_send, self._channels[message.channel], prepared, message, now)
                self._in_flight[future] = destination_of(message)
        return refused

    def _still_sure(self, chosen: Sequence[OutboxMessage]) -> list[OutboxMessage]:
        """Asks again for permits that are older than a second, and lets go of messages whose lease is about to end."""
        now = self._now()
        late = [message for message in chosen if message.lease_until and message.lease_until - now < SHORTEST_LEASE]
        if late:
            release(late)
            self._may_be_more = True
        sure = [message for message in chosen if message not in late]
        old = [message for message in sure if now - self._verdicts[message.pk][0] > PERMIT_HOLDS]
        if old:
            again = look_again(old)
            self._ask_permits(again)
            sure = [message for message in sure if message not in old] + again
        return sorted(sure, key=_order)

    def _ask_permits(self, messages: Sequence[OutboxMessage]) -> None:
        now = self._now()
        self._verdicts.update({pk: (now, verdict) for pk, verdict in permits(messages, now).items()})


def _order(message: OutboxMessage) -> tuple[int, datetime, UUID]:
    return message.lane, message.next_attempt_at, message.pk


def _within_bounds(
    claimed: Sequence[OutboxMessage], counts: Counter[Destination]
) -> tuple[list[OutboxMessage], list[OutboxMessage]]:
    """What is kept, and what is too much for one receiver: nothing must wait here behind it."""
    kept: list[OutboxMessage] = []
    surplus: list[OutboxMessage] = []
    for message in claimed:
        destination = destination_of(message)
        counts[destination] += 1
        (kept if counts[destination] <= pace.held(destination) else surplus).append(message)
    return kept, surplus


def _prepare(channel: Channel, message: OutboxMessage, address: str, now: datetime) -> Any | None:
    """None when it cannot be written down: one such message must not stop the others."""
    try:
        return channel.prepare(message, address, now)
    except Exception:
        logger.exception("message %s could not be composed", message.pk)
        return None


def _send(channel: Channel, prepared: Any, message: OutboxMessage, started_at: datetime) -> Attempt:
    """In a thread of the pool."""
    begun = time.monotonic()
    try:
        answer = channel.send(prepared)
    except Exception:
        logger.exception("message %s could not be sent", message.pk)
        answer = Answer("error")
    seconds = time.monotonic() - begun
    pace.note(destination_of(message), seconds)
    return Attempt(message, answer, started_at, duration_ms=round(seconds * 1000))
