"""Other reports of the same person, found by keyed hashes. Says which reports, never whose."""

from collections.abc import Mapping
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


def later_reports(report_id: UUID, *, within: timedelta) -> list[UUID]:
    """Those of the same person that came after this report, no later than that time, oldest first. Two statements."""
    received_at = Report.objects.values_list("received_at", flat=True).get(pk=report_id)
    found = _others(report_id).filter(received_at__gt=received_at, received_at__lte=received_at + within)
    return list(found.order_by("received_at", "pk").values_list("pk", flat=True))


def shared_marks(report_id: UUID, *, at_most: Mapping[str, int]) -> dict[UUID, set[str]]:
    """Other reports with the same hash, and of which kinds, for the kinds of BlindIndex in `at_most`.

    A hash that more than `at_most` other reports share says nothing and is left out: a hotline's number, the word for
    police, a name that thousands bear. One statement, and one for each hash of this report.
    """
    found: dict[UUID, set[str]] = {}
    mine = BlindIndex.objects.filter(report_id=report_id, kind__in=list(at_most))
    for kind, digest in mine.values_list("kind", "digest"):
        same = BlindIndex.objects.filter(kind=kind, digest=digest).exclude(report_id=report_id)
        others = list(same.values_list("report_id", flat=True)[: at_most[kind] + 1])
        for other in others if len(others) <= at_most[kind] else ():
            found.setdefault(other, set()).add(kind)
    return found


def reports_naming_same_actor(report_id: UUID) -> QuerySet[BlindIndex, UUID]:
    """Ids of reports which name an alleged actor that sounds like one named in this report, itself included."""
    mine = BlindIndex.objects.filter(report_id=report_id, kind=BlindIndex.Kind.ACTOR)
    same = BlindIndex.objects.filter(kind=BlindIndex.Kind.ACTOR, digest__in=Subquery(mine.values("digest")))
    return same.values_list("report_id", flat=True)


def _others(report_id: UUID) -> QuerySet[Report]:
    mine = BlindIndex.objects.filter(report_id=report_id, kind__in=SURE)
    shared = BlindIndex.objects.filter(kind__in=SURE, digest__in=Subquery(mine.values("digest")))
    return Report.objects.filter(pk__in=Subquery(shared.values("report_id"))).exclude(pk=report_id)
