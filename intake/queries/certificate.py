"""What is certified about an erasure. It names nobody but the organisations that were told."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import cast
from uuid import UUID

from intake.models import Body, PartnerErasure, Report


@dataclass(frozen=True, slots=True)
class Told:
    """A partner that had data of the report and was told to erase its copies."""

    organisation: Body
    asked_at: datetime
    confirmed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Certificate:
    """`complete_on`: the day on which no snapshot of ours holds it any more."""

    reference: str
    erased_at: datetime
    complete_on: date
    told: tuple[Told, ...] = ()


def certificate(report_id: UUID) -> Certificate:
    """Of a report that was erased. Raises Report.DoesNotExist where it was not. Two statements."""
    erased = Report.objects.filter(pk=report_id, erased_at__isnull=False)
    row = erased.values_list("reference", "erased_at", "erased_everywhere_on").get()
    reference, erased_at, complete_on = cast("tuple[str, datetime, date | None]", row)
    told = PartnerErasure.objects.filter(report_id=report_id).select_related("body").order_by("asked_at", "pk")
    return Certificate(
        reference=reference,
        erased_at=erased_at,
        complete_on=complete_on or erased_at.date(),
        told=tuple(Told(row.body, row.asked_at, row.confirmed_at) for row in told),
    )
