"""Erases what is past its time (domain.md §4): reports by the rules that the operator set, and old access records."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from cases.queries.retention import due_access_records, due_cases, hold_of, retention_days
from intake.actions.erase_report import erase_report_step
from intake.models import AccessRecord, Report
from intake.vocabulary import ErasedBecause

AT_ONCE = 1000  # access records in one statement


@dataclass(frozen=True, slots=True)
class Erased:
    reports: int
    access_records: int


def erase_due(*, now: datetime, limit: int = 500) -> Erased:
    """Erases up to `limit` reports, each in a transaction of its own, then access records in batches.

    A failure rises after what was done before it: the next night goes on from there.
    """
    due = list(due_cases(retention_days(), now=now).values_list("report_id", flat=True)[:limit])
    reports = sum(_erase(report_id, now) for report_id in due)
    records = 0
    while forgotten := _forget_records(now):
        records += forgotten
    return Erased(reports, records)


def count_due(*, now: datetime) -> Erased:
    """What `erase_due` would erase, if it had no limit."""
    days = retention_days()
    return Erased(due_cases(days, now=now).count(), due_access_records(days, now=now).count())


@transaction.atomic(durable=True)
def _erase(report_id: UUID, now: datetime) -> bool:
    """Under the report's lock everything is asked again: somebody may have set a hold or reopened the case since."""
    Report.objects.select_for_update(no_key=True).only("pk").get(pk=report_id)
    still_due = due_cases(retention_days(), now=now).filter(report_id=report_id).exists()
    if not still_due or hold_of(report_id, now=now) is not None:
        return False
    return erase_report_step(report_id=report_id, because=ErasedBecause.RETENTION, now=now)


def _forget_records(now: datetime) -> int:
    keys = list(due_access_records(retention_days(), now=now).order_by().values_list("pk", flat=True)[:AT_ONCE])
    return AccessRecord.objects.filter(pk__in=keys).delete()[0] if keys else 0
