"""Reads every timeline again and says what is not as it was written. Changes nothing.

What the chain proves: an event that is changed, taken out, put in or moved breaks its case's chain, because each hash
holds the one before, and the case's row holds the newest. Somebody with all rights can write a whole chain anew, with
the counter and the head of the case's row: that chain is whole again. But then it no longer gives the anchor of the
day on which its events were written, nor does a chain whose newest events were cut off. Somebody with all rights can
write the anchors anew too. Only a copy of an anchor's hash that lies elsewhere (the mail of a nightly run) shows that:
an anchor holds the one before, so that the newest copy stands for all days until then. What was added since the newest
anchor (up to a day and an hour) stands on its case's row alone. An event that was never written is missed by nothing.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import groupby
from operator import itemgetter
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, QuerySet

from cases.actions.anchor_timelines import added_between, anchor_hash
from cases.actions.record import chain_hash
from cases.models import Case, TimelineAnchor, TimelineEvent

CASES_AT_ONCE = 1000  # read in two statements
ROWS_AT_ONCE = 2000  # in memory
MOST = 5  # wrongs that are named of one case: a chain that was written over breaks at each event

_OF_CASE = ("id", "reference", "event_count", "chain_head")
_OF_EVENT = ("sequence", "code", "actor", "actor_ref", "details", "at", "previous_hash", "hash")


@dataclass(frozen=True, slots=True)
class Broken:
    """`where` is a case's reference or an anchor's day; `wrongs` say in plain words what is not as it was written."""

    where: str
    wrongs: tuple[str, ...]


@dataclass(slots=True)
class Seen:
    """What was read; it grows while the findings are taken."""

    cases: int = 0
    events: int = 0
    anchors: int = 0


def broken_timelines(seen: Seen, *, reference: str = "", since: datetime | None = None) -> Iterator[Broken]:
    """Cases whose chain is not whole: all, one, or those with a newest event since then; and events of no case."""
    cases = Case.objects.all()
    if reference:
        cases = cases.filter(reference=reference)
    if since is not None:
        cases = cases.filter(last_event_at__gte=since)
    for row, events in _chains(cases):
        chain = _Chain(*row)
        for event in events:
            chain.add(event)
        chain.end()
        seen.cases += 1
        seen.events += chain.read
        if chain.wrongs:
            yield Broken(chain.reference, tuple(chain.wrongs))
    if not reference and since is None:
        yield from _events_of_no_case()


def broken_anchors(
    seen: Seen, *, since: date | None = None, copies: Mapping[date, str] | None = None
) -> Iterator[Broken]:
    """Days whose events or whose anchor are not as they were; `copies` are hashes in hex that were kept elsewhere."""
    before = TimelineAnchor.objects.filter(day__lt=since).order_by("-day").first() if since else None
    missing = dict(copies or {})
    anchors = TimelineAnchor.objects.filter(day__gte=since) if since else TimelineAnchor.objects.all()
    for anchor in anchors.order_by("day").iterator():
        seen.anchors += 1
        wrongs = _wrongs_of_anchor(anchor, before)
        copy = missing.pop(anchor.day, None)
        if copy is not None and copy != bytes(anchor.hash).hex():
            wrongs.append("the anchor is not the one that the copy names")
        if wrongs:
            yield Broken(anchor.day.isoformat(), tuple(wrongs))
        before = anchor
    for day in sorted(missing):
        yield Broken(day.isoformat(), ("there is a copy of this day's anchor, and no anchor",))


@dataclass(slots=True)
class _Chain:
    case_id: UUID
    reference: str
    event_count: int
    chain_head: bytes
    place: int = 0
    read: int = 0
    head: bytes = b""
    wrongs: list[str] = field(default_factory=list)

    def add(self, event: TimelineEvent) -> None:
        self.read += 1
        if event.sequence > self.place + 1:
            self._say(f"{_events(self.place + 1, event.sequence - 1)} missing")
        elif event.sequence <= self.place:
            self._say(f"event {event.sequence} is there twice")
        elif bytes(event.previous_hash) != self.head:
            self._say(f"event {event.sequence} does not follow the one before it")
        if bytes(event.hash) != chain_hash(event):
            self._say(f"event {event.sequence} was changed")
        self.place, self.head = event.sequence, bytes(event.hash)

    def end(self) -> None:
        if self.place < self.event_count:
            self._say(f"{_events(self.place + 1, self.event_count)} missing at the end")
        elif self.place > self.event_count:
            self._say(f"there are {self.place} events, the case's row counts {self.event_count}")
        elif self.head != bytes(self.chain_head):
            self._say("the newest event is not the one that the case's row names")

    def _say(self, wrong: str) -> None:
        if len(self.wrongs) < MOST:
            self.wrongs.append(wrong)
        elif len(self.wrongs) == MOST:
            self.wrongs.append("and more")


def _events(first: int, last: int) -> str:
    return f"event {first} is" if first == last else f"events {first} to {last} are"


def _chains(cases: QuerySet[Case]) -> Iterator[tuple[tuple[Any, ...], Iterator[TimelineEvent]]]:
    """Case and events come in one statement, so of one moment: nobody has to stop writing."""
    cases = cases.order_by("pk")
    columns = (*_OF_CASE, *(f"timeline__{name}" for name in _OF_EVENT))
    last: UUID | None = None
    while ids := list((cases.filter(pk__gt=last) if last else cases).values_list("pk", flat=True)[:CASES_AT_ONCE]):
        rows = cases.filter(pk__gte=ids[0], pk__lte=ids[-1]).order_by("pk", "timeline__sequence")
        found = rows.values_list(*columns).iterator(chunk_size=ROWS_AT_ONCE)
        for row, same in groupby(found, key=itemgetter(slice(len(_OF_CASE)))):
            yield row, (_event(one) for one in same if one[len(_OF_CASE)] is not None)
        last = ids[-1]


def _event(row: tuple[Any, ...]) -> TimelineEvent:
    return TimelineEvent(case_id=row[0], **dict(zip(_OF_EVENT, row[len(_OF_CASE) :], strict=True)))


def _events_of_no_case() -> Iterator[Broken]:
    """The foreign key forbids them, unless somebody switched it off."""
    lost = TimelineEvent.objects.filter(~Exists(Case.objects.filter(pk=OuterRef("case_id")))).order_by()
    for case_id, count in lost.values_list("case_id").annotate(count=Count("pk")):
        yield Broken(str(case_id), (f"{count} events of a case that is not there",))


def _wrongs_of_anchor(anchor: TimelineAnchor, before: TimelineAnchor | None) -> list[str]:
    wrongs = []
    if bytes(anchor.previous_hash) != (bytes(before.hash) if before else b""):
        wrongs.append("the anchor before it is missing or another one")
    if bytes(anchor.hash) != anchor_hash(anchor):
        wrongs.append("the anchor was changed")
    begins, events, cases = (before.last_event_id, before.events, before.cases) if before else (0, 0, 0)
    added = added_between(begins, anchor.last_event_id)
    if added.events != anchor.events - events:
        wrongs.append(f"{anchor.events - events} events were anchored, {added.events} are there")
    elif added.cases != anchor.cases - cases:
        wrongs.append(f"{anchor.cases - cases} first events were anchored, {added.cases} are there")
    elif added.hash != bytes(anchor.added_hash):
        wrongs.append("events that were anchored were changed")
    return wrongs
