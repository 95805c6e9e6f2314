"""Compares cases that were not compared yet and suggests what they have in common. The state is the queue."""

import logging
from datetime import datetime
from functools import partial
from uuid import UUID

from django.db.models import Q, QuerySet

from cases.actions.once import in_transaction
from cases.models import Case, CaseLink
from cases.queries.likeness import Alike, alike, link_rules
from cases.workflow import LinkState
from intake.actions.index_actor import index_actor
from intake.models import Report

logger = logging.getLogger(__name__)


def compare_waiting(*, now: datetime, limit: int = 50) -> int:
    """The sweep: indexes the alleged actor, compares, suggests; returns how many cases. No timeline, no outbox.

    Safe to run twice and in two processes: a pair is suggested once for ever, also after a person refused it. A case
    that cannot be compared is logged and left without suggestions: it must not hold up the others.
    """
    waiting = list(_waiting().order_by("pk").values_list("pk", "report_id")[:limit])
    for case_id, report_id in waiting:
        try:
            index_actor(report_id=report_id)
            in_transaction(partial(_compare_step, case_id, now))
        except Exception as error:  # noqa: BLE001 whatever is wrong with this case must not stop the others
            # Only the kind of error: its text could hold what a person wrote.
            logger.error("case %s cannot be compared with others: %s", case_id, type(error).__name__)
            _waiting().filter(pk=case_id).update(compared_at=now)
    return len(waiting)


def _waiting() -> QuerySet[Case]:
    return Case.objects.filter(compared_at__isnull=True)


def _compare_step(case_id: UUID, now: datetime) -> None:
    """All cases concerned are locked before a row is written, and asked again whether they are still there: what
    erasure took away must not come back as a suggestion."""
    case = _waiting().filter(pk=case_id).first()
    if case is None:
        return
    found = alike(case, link_rules()) if _is_present(case.report_id) else []
    ids = [case_id, *(one.case_id for one in found)]
    list(Case.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk").values_list("pk"))
    gone = Q(report__erased_at__isnull=False) | Q(report__withdrawn_at__isnull=False)
    lost = set(Case.objects.filter(gone, pk__in=ids).values_list("pk", flat=True))
    if case_id not in lost:
        _suggest(case_id, [one for one in found if one.case_id not in lost], now)
    _waiting().filter(pk=case_id).update(compared_at=now)


def _is_present(report_id: UUID) -> bool:
    return Report.objects.filter(pk=report_id, erased_at__isnull=True, withdrawn_at__isnull=True).exists()


def _suggest(case_id: UUID, found: list[Alike], now: datetime) -> None:
    rows = []
    for one in found:
        first, second = sorted((case_id, one.case_id))
        likeness = one.likeness
        row = CaseLink(first_id=first, second_id=second, kind=likeness.kind, state=LinkState.SUGGESTED)
        row.ground, row.strength, row.suggested_at = likeness.ground, likeness.strength, now
        rows.append(row)
    # In one order for all, so that two workers that meet in a pair never wait for each other crosswise.
    rows.sort(key=lambda row: (row.first_id, row.second_id, row.kind))
    CaseLink.objects.bulk_create(rows, ignore_conflicts=True)
