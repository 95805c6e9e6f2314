"""Writes what happened: the timeline with its hash chain, and a partner's feed. Decides nothing, saves no case."""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from cases.models import Case, PartnerChange, Referral, TimelineEvent
from cases.workflow import TOMBSTONES, ReferralState
from intake.compiled import Insert

_insert = Insert(TimelineEvent)

# Timeline details are codes, ids, numbers and moments. Words somebody wrote have blanks or other letters in them and
# are refused here, so that no story, name or reason can slip into rows which survive erasure.
_PLAIN = re.compile(r"[A-Za-z0-9_.:+-]{0,64}")


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: reporter, staff, partner or system; `ref` is the user's or the partner's id."""

    kind: str
    ref: UUID | None = None


SYSTEM = Actor("system")
REPORTER = Actor("reporter")


@dataclass(frozen=True, slots=True)
class Event:
    """One line of the timeline. `details` holds codes, ids, numbers and moments only; free text belongs in a Note.

    `by` names who did this one, where that is somebody else than the actor of the whole step.
    """

    code: str
    details: Mapping[str, Any] = field(default_factory=dict)
    by: Actor | None = None


def record_events(case: Case, events: Sequence[Event], *, by: Actor, now: datetime) -> list[TimelineEvent]:
    """Appends events to the case's chain in one statement. Raises ValueError for details that could be free text.

    Changes `event_count`, `chain_head`, `last_event`, `last_event_at` and `updated_at` of `case` in memory: the caller,
    who holds the case's row lock, saves it in the same transaction. A new case may be inserted afterwards, with its
    chain: its foreign key is checked at commit.
    """
    rows = []
    for event in events:
        actor = event.by or by
        case.event_count += 1
        row = TimelineEvent(
            case=case,
            sequence=case.event_count,
            code=event.code,
            actor=actor.kind,
            actor_ref=actor.ref,
            details=_plain(event.details),
            at=now,
            previous_hash=bytes(case.chain_head),
        )
        row.hash = case.chain_head = chain_hash(row)
        rows.append(row)
    if rows:
        case.last_event, case.last_event_at, case.updated_at = rows[-1].code, now, now
    _insert(rows)
    return rows


def verify_chain(case_id: UUID) -> bool:
    """Whether the case's timeline is whole: dense, linked, unchanged, and ending where the case says it ends."""
    case = Case.objects.filter(pk=case_id).only("event_count", "chain_head").first()
    if case is None:
        return False
    count, head = 0, b""
    for row in TimelineEvent.objects.filter(case_id=case_id).order_by("sequence").iterator():
        count += 1
        if row.sequence != count or bytes(row.previous_hash) != head or bytes(row.hash) != chain_hash(row):
            return False
        head = bytes(row.hash)
    return count == case.event_count and head == bytes(case.chain_head)


def feed_rows(referrals: Iterable[Referral], kind: str | None = None, *, now: datetime) -> list[PartnerChange]:
    """Unsaved, unnumbered changes, one per referral, told as its present state (`kind`: "referral." + state).

    Needs `referral.case` in memory. A tombstone tells the partner that it no longer has the case.
    """
    return [
        PartnerChange(
            partner_id=referral.partner_id,
            kind=kind or f"referral.{referral.state}",
            referral=referral,
            reference=referral.case.reference,
            state=referral.state,
            reason=reason_of(referral),
            is_tombstone=referral.state in TOMBSTONES,
            at=now,
        )
        for referral in referrals
    ]


def record_changes(referrals: Iterable[Referral], kind: str | None = None, *, now: datetime) -> None:
    """Writes `feed_rows` in one statement. They are numbered afterwards (number_feed), so no partner lock is needed."""
    if rows := feed_rows(referrals, kind, now=now):
        PartnerChange.objects.bulk_create(rows)


def record_erasure_requests(referrals: Iterable[Referral], *, now: datetime) -> None:
    """Tells partners whose referral ended before that they must erase what they kept: a tombstone of its own kind."""
    rows = feed_rows(referrals, "referral.erasure_requested", now=now)
    for row in rows:
        row.is_tombstone = True
    if rows:
        PartnerChange.objects.bulk_create(rows)


def reason_of(referral: Referral) -> str:
    """The coded reason that belongs to the referral's present state, or nothing."""
    reasons: dict[str, str] = {
        ReferralState.DECLINED: referral.decline_reason,
        ReferralState.WITHDRAWN: referral.withdrawal_reason,
        ReferralState.RETURNED: referral.return_reason,
    }
    return reasons.get(referral.state, "")


def chain_hash(row: TimelineEvent) -> bytes:
    """SHA-256 over what `chain_text` says."""
    return hashlib.sha256(chain_text(row).encode()).digest()


def chain_text(row: TimelineEvent) -> str:
    """What an event's hash is over: canonical JSON, sorted keys, no blanks, UTC with microseconds."""
    content = [
        str(row.case_id),
        row.sequence,
        row.code,
        row.actor,
        str(row.actor_ref) if row.actor_ref else None,
        row.details,
        row.at.astimezone(UTC).isoformat(timespec="microseconds"),
        bytes(row.previous_hash).hex(),
    ]
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True)


def _plain(value: Any) -> Any:
    """The value as JSON gives it back, so that the hash of a row read again is the hash of the row written."""
    if isinstance(value, Mapping):
        return {_plain(str(key)): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(item) for item in (sorted(value) if isinstance(value, set | frozenset) else value)]
    if value is None or isinstance(value, bool | int | float):
        return value
    text = value.isoformat() if isinstance(value, datetime) else str(value)
    if not _PLAIN.fullmatch(text):
        raise ValueError("timeline details hold codes, ids, numbers and moments only")
    return text
