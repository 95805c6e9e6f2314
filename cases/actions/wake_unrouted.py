"""Tries unrouted cases again when something changed that may place them: a place, a pause, a service, an agreement.

Whether a partner then has room is decided under its lock, as for every offer: waking never takes a place.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from cases.models import Case, Service
from cases.queries.remembered import LIFETIME
from cases.queries.unrouted import SWEEP_EVERY
from cases.workflow import CaseState

FREED = 10  # cases that are tried for a place that became free: one will have it
CHANGED = 200  # for a change of what a partner offers, or of an agreement
SWEPT = 100  # at each sweep
# Until every process knows of reference data that one of them has changed.
SEEN_BY_ALL = timedelta(seconds=LIFETIME + 1)


def wake_unrouted_step(
    partner_ids: Collection[UUID] | None, *, now: datetime, limit: int = FREED, after: timedelta = timedelta(0)
) -> int:
    """Has the most urgent unrouted cases that these partners could take routed again; returns how many.

    By category and country only: whether one fits in all else, routing decides. `partner_ids` None: any partner, for a
    change of the memorandum. A step of one statement, for the transaction of the change itself. It waits for no lock: a
    case that somebody has locked is left to them, or to the sweep. A case that waits for routing already is not woken
    twice; one whose place is kept for urgent cases until later is.

    `after`: they are tried so much later, which reference data needs: a worker that still remembers the old settings
    would find nobody again, and leave the case to the sweep.
    """
    offers = Service.objects.filter(
        category=OuterRef("category"),
        partner__is_active=True,
        partner__is_practice=OuterRef("is_practice"),
        partner__areas__country=OuterRef("country"),
    )
    if partner_ids is not None:
        offers = offers.filter(partner__in=partner_ids)
    waiting = Q(routing_wanted_at__isnull=True) | Q(routing_wanted_at__gt=now, routing_attempts=0)
    cases = Case.objects.filter(waiting, Exists(offers), state=CaseState.UNROUTED)
    return _wake(cases.order_by("urgency", "received_at", "pk"), now, limit, after)


def wake_for_settings(*, now: datetime) -> int:
    """Reference data that routing decides on was changed: policy, clocks, hours, weights, prices, reserve.

    For whoever changes such a row without an action of ours, as the admin does. Opens no transaction of its own beside
    the one it is called in.
    """
    return wake_unrouted_step(None, now=now, limit=CHANGED, after=SEEN_BY_ALL)


def wake_all(*, now: datetime, limit: int = SWEPT) -> int:
    """The safety net, which also sees that a pause or a term has ended: the longest untried first. For the timetable.

    Returns how many were woken. Each is tried at most once in a quarter of an hour.
    """
    due = _unrouted().filter(Q(woken_at__isnull=True) | Q(woken_at__lte=now - SWEEP_EVERY))
    with transaction.atomic(durable=True):
        return _wake(due.order_by(F("woken_at").asc(nulls_first=True), "urgency", "received_at", "pk"), now, limit)


def _unrouted() -> QuerySet[Case]:
    return Case.objects.filter(state=CaseState.UNROUTED, routing_wanted_at__isnull=True)


def _wake(cases: QuerySet[Case], now: datetime, limit: int, after: timedelta = timedelta(0)) -> int:
    free = cases.select_for_update(no_key=True, skip_locked=True, of=("self",))
    chosen = free.values("pk")[:limit]
    return Case.objects.filter(pk__in=chosen).update(routing_wanted_at=now + after, routing_attempts=0, woken_at=now)
