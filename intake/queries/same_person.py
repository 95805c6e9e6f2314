"""Other reports of the same person, found by keyed hashes. Says which reports, never whose."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import QuerySet, Subquery

from intake.models import BlindIndex, Report

# A name alone is not enough: strangers share names, and two spellings of two names can share a skeleton.
SURE = (BlindIndex.Kind.PHONE, BlindIndex.Kind.EMAIL)


def reports_of_same_person(report_id: UUID, *, since: datetime) -> list[UUID]:
    """Reports received since then under the same telephone number or e-mail address, oldest first, without this one.

    A number can be shared (a shelter, a family), so this is "probably the same", fit for asking and for more urgency,
    never for joining reports by itself. One statement.
    """
    found = _others(report_id).filter(received_at__gte=since)
    return list(found.order_by("received_at", "pk").values_list("pk", flat=True))


def earlier_reports(report: Report, *, within: timedelta) -> int:
    """How many came from the same person in that time before this report. One statement."""
    oldest = report.received_at - within
    return _others(report.pk).filter(received_at__gte=oldest, received_at__lte=report.received_at).count()


def _others(report_id: UUID) -> QuerySet[Report]:
    mine = BlindIndex.objects.filter(report_id=report_id, kind__in=SURE)
    shared = BlindIndex.objects.filter(kind__in=SURE, digest__in=Subquery(mine.values("digest")))
    return Report.objects.filter(pk__in=Subquery(shared.values("report_id"))).exclude(pk=report_id)
