"""What partners have said of a case in hand, opened with the report's key for its caseworkers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from cases.models import Case, ReferralUpdate
from intake.errors import ReportErased
from intake.models import ReportKey


@dataclass(frozen=True, slots=True, repr=False)
class SaidByPartner:
    """`heard_by`: the caseworker to whom it was told on the telephone."""

    partner: str
    kind: str
    at: datetime
    note: str
    next_step: str
    expected_by: datetime | None
    heard_by: str


def said_by_partners(case: Case) -> Sequence[SaidByPartner]:
    """The newest first. Two statements; one where nobody has said anything; nothing of an erased report."""
    rows = ReferralUpdate.objects.filter(referral__case=case).order_by("-said_at", "-pk")
    found = list(rows.select_related("referral__partner__body", "heard_by").defer("referral__partner__phone"))
    if not found:
        return ()
    try:
        key = ReportKey.of(case.report_id)
    except ReportErased:
        return ()
    return [
        SaidByPartner(
            partner=row.referral.partner.name(),
            kind=row.kind,
            at=row.said_at,
            note=row.unseal(key, "note") or "",
            next_step=row.unseal(key, "next_step") or "",
            expected_by=row.expected_by,
            heard_by=row.heard_by.name if row.heard_by else "",
        )
        for row in found
    ]
