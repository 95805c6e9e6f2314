"""Writes the day's anchor: one hash over all events of all timelines, chained to the anchor before."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Max

from cases.models import TimelineAnchor, TimelineEvent

# An event's number is taken when its row is written, its row is seen when the transaction ends: what is an hour old has
# no older one still on its way.
SETTLED = timedelta(hours=1)
AT_ONCE = 2000  # rows in memory


@dataclass(frozen=True, slots=True)
class Added:
    """The events between two anchors: how many, how many of them open a case, and the hash over their hashes."""

    events: int
    cases: int
    hash: bytes


def anchor_timelines(*, now: datetime) -> TimelineAnchor | None:
    """Adds the anchor of the UTC day of `now`, over what is an hour old; nothing when there is one. No timeline."""
    day = now.astimezone(UTC).date()
    previous = _newest()
    if previous is not None and previous.day >= day:
        return None
    begins = previous.last_event_id if previous else 0
    newest = TimelineEvent.objects.filter(pk__gt=begins, at__lte=now - SETTLED).aggregate(newest=Max("pk"))["newest"]
    ends = newest or begins
    added = added_between(begins, ends)
    anchor = TimelineAnchor(
        day=day,
        made_at=now,
        last_event_id=ends,
        cases=(previous.cases if previous else 0) + added.cases,
        events=(previous.events if previous else 0) + added.events,
        added_hash=added.hash,
        previous_hash=bytes(previous.hash) if previous else b"",
    )
    anchor.hash = anchor_hash(anchor)
    try:
        with transaction.atomic(durable=True):
            anchor.save(force_insert=True)
    except IntegrityError:  # another worker was quicker
        return None
    return anchor


def added_between(begins: int, ends: int) -> Added:
    """Events with begins < id ≤ ends, in one statement and in constant memory."""
    events = cases = 0
    digest = hashlib.sha256()
    for sequence, event_hash in _hashes(begins, ends):
        events += 1
        cases += sequence == 1
        digest.update(event_hash)
    return Added(events, cases, digest.digest())


def anchor_hash(anchor: TimelineAnchor) -> bytes:
    """SHA-256 over canonical JSON, as for events."""
    content = [
        anchor.day.isoformat(),
        anchor.made_at.astimezone(UTC).isoformat(timespec="microseconds"),
        anchor.last_event_id,
        anchor.cases,
        anchor.events,
        bytes(anchor.added_hash).hex(),
        bytes(anchor.previous_hash).hex(),
    ]
    return hashlib.sha256(json.dumps(content, separators=(",", ":")).encode()).digest()


def _newest() -> TimelineAnchor | None:
    return TimelineAnchor.objects.order_by("-day").first()


def _hashes(begins: int, ends: int) -> Iterator[tuple[int, bytes]]:
    rows = TimelineEvent.objects.filter(pk__gt=begins, pk__lte=ends).order_by("pk").values_list("sequence", "hash")
    for sequence, event_hash in rows.iterator(chunk_size=AT_ONCE):
        yield sequence, bytes(event_hash)
