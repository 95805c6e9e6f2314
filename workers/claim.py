"""Which process sends a message: it takes rows for two minutes by a lease. Nothing here sends or decides."""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import QuerySet

from cases.models import OutboxMessage

LEASE = timedelta(seconds=120)
Destination = UUID | str  # a webhook endpoint, or a channel whose messages all leave by one server of ours

_State = OutboxMessage.State
# What permit.py, the channels and record.py read of a message; the rest, sealed columns above all, stays where it is.
_FIELDS = (
    *("kind", "audience", "channel", "language", "params", "lane", "state", "next_attempt_at", "attempts"),
    *("lease", "lease_until", "created_at", "case", "referral", "user", "partner", "endpoint", "contact"),
    *("case__report_id", "case__reference", "case__side", "case__urgency", "case__responsible_id"),
    *("case__event_count", "referral__state", "user__email", "user__is_active", "user__side", "user__roles"),
    *("partner__email", "partner__is_active", "partner__body_id"),
    *("endpoint__url", "endpoint__secret", "endpoint__old_secret", "endpoint__is_active"),
    *("contact__report_id", "contact__voice"),
)


def destination_of(message: OutboxMessage) -> Destination:
    return message.endpoint_id or message.channel


def claim(now: datetime, *, limit: int, busy: Collection[Destination] = ()) -> list[OutboxMessage]:
    """Takes up to `limit` due messages of one lane, the most urgent that has any, the longest waiting first.

    Leaves out those to `busy` destinations. Two that claim at the same moment never get the same row. Empty only when
    nothing is due, or another claimer holds it.
    """
    due = OutboxMessage.objects.filter(state=_State.DUE, next_attempt_at__lte=now)
    if endpoints := [one for one in busy if isinstance(one, UUID)]:
        due = due.exclude(endpoint_id__in=endpoints)
    if channels := [one for one in busy if isinstance(one, str)]:
        due = due.exclude(channel__in=channels)
    # Most often nothing is due, and then SQLite's one write lock is not asked for.
    first = due.order_by("lane", "next_attempt_at", "id").values_list("lane", flat=True).first()
    if first is None:
        return []
    # Lane by lane, because that is how the index of due rows is ordered: the claim reads no row that is not due.
    lanes = (lane for lane in OutboxMessage.Lane.values if lane >= first)
    return next((taken for lane in lanes if (taken := _take(due.filter(lane=lane), now, limit))), [])


def return_lapsed(now: datetime) -> int:
    """Messages whose worker did not come back are due again. Whether they were sent, nobody knows."""
    lapsed = OutboxMessage.objects.filter(state=_State.IN_FLIGHT, lease_until__lte=now)
    return _free(lapsed) if lapsed.exists() else 0


def release(messages: Iterable[OutboxMessage]) -> int:
    """Gives back what was claimed and not sent."""
    freed = 0
    by_lease: dict[UUID | None, list[UUID]] = {}
    for message in messages:
        by_lease.setdefault(message.lease, []).append(message.pk)
    for lease, ids in by_lease.items():
        freed += _free(OutboxMessage.objects.filter(pk__in=ids, state=_State.IN_FLIGHT, lease=lease))
    return freed


def look_again(messages: Iterable[OutboxMessage]) -> list[OutboxMessage]:
    """The same messages as they are now; those that are no longer ours are left out."""
    leases = {message.pk: message.lease for message in messages}
    rows = _complete(OutboxMessage.objects.filter(pk__in=leases, state=_State.IN_FLIGHT))
    return [row for row in rows if row.lease == leases[row.pk]]


def _take(due: QuerySet[OutboxMessage], now: datetime, limit: int) -> list[OutboxMessage]:
    lease, until = uuid4(), now + LEASE
    with transaction.atomic(durable=True):
        # Two statements and no inner SELECT: PostgreSQL may run that again for each row and so take more than `limit`.
        # SQLite knows no row locks; there the transaction is alone from its BEGIN (IMMEDIATE).
        locked = _complete(due).select_for_update(skip_locked=True, no_key=True, of=("self",))
        claimed = list(locked.order_by("next_attempt_at", "id")[:limit])
        ids = [message.pk for message in claimed]
        OutboxMessage.objects.filter(pk__in=ids).update(state=_State.IN_FLIGHT, lease=lease, lease_until=until)
    for message in claimed:
        message.state, message.lease, message.lease_until = _State.IN_FLIGHT, lease, until
    return claimed


def _complete(rows: QuerySet[OutboxMessage]) -> QuerySet[OutboxMessage]:
    return rows.select_related("case", "referral", "user", "partner", "endpoint", "contact").only(*_FIELDS)


def _free(rows: QuerySet[OutboxMessage]) -> int:
    return rows.update(state=_State.DUE, lease=None, lease_until=None)
