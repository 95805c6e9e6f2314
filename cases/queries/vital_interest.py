"""Vital interests as staff see them: of one case with the reasons, and all that wait for a supervisor's decision."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import Q

from cases.models import Case, User, VitalInterest
from cases.queries.reach import reachable
from intake.encryption import DataKey
from intake.models import Consent
from intake.vocabulary import ConsentAnswer

MOST = 200  # lines of the page: more waiting than this is a fault of its own


@dataclass(frozen=True, slots=True, repr=False)
class Stated:
    """One of a case, with its reason opened. Printing it shows nothing."""

    row: VitalInterest
    reason: str
    is_in_force: bool
    has_said_no: bool  # the person, after having been told: two people decide again

    @property
    def is_waiting(self) -> bool:
        return self.row.approved_at is None and self.row.refused_at is None and self.row.ended_at is None


def vital_interests_of(case: Case, key: DataKey | None) -> Sequence[Stated]:
    """The newest first. One statement, two when one is in force and the person was told."""
    rows = VitalInterest.objects.filter(case=case).select_related("partner__body", "asked_by", "approved_by")
    found = list(rows.defer("partner__phone").order_by("-asked_at", "-pk"))
    told = [row.told_at for row in found if _is_in_force(row) and row.told_at]
    said_no_at = _newest_no(case.report_id) if told else None
    return [
        Stated(
            row,
            (row.unseal(key, "reason") or "") if key else "",
            _is_in_force(row),
            bool(_is_in_force(row) and row.told_at and said_no_at and said_no_at > row.told_at),
        )
        for row in found
    ]


def waiting_vital_interests(user: User, today: date) -> list[VitalInterest]:
    """Of the own side: asked and undecided, and those whose person is still to be told. No reason is opened here."""
    untold = Q(pk__in=VitalInterest.objects.in_force().filter(told_at__isnull=True))
    rows = VitalInterest.objects.filter(Q(pk__in=VitalInterest.objects.waiting()) | untold)
    rows = rows.filter(case__in=reachable(user)).select_related("case", "partner__body", "asked_by")
    return list(rows.defer("partner__phone", "reason").order_by("asked_at", "pk")[:MOST])


def untold_since(side: str, today: date) -> int:
    """How many people were to be told by now and were not."""
    return VitalInterest.objects.in_force().filter(case__side=side, told_at__isnull=True, tell_on__lte=today).count()


def _is_in_force(row: VitalInterest) -> bool:
    return row.approved_at is not None and row.refused_at is None and row.ended_at is None


def _newest_no(report_id: UUID) -> datetime | None:
    rows = Consent.objects.filter(report_id=report_id, question=Consent.Question.SHARE, answer=ConsentAnswer.NONE.value)
    return rows.order_by("-given_at").values_list("given_at", flat=True).first()
