"""What the reporter reads as the state of the report; cases calls it inside its own transactions."""

from datetime import datetime
from uuid import UUID

from intake.compiled import Insert
from intake.models import PublicStatus, ReportKey

_replace = Insert(PublicStatus, replaces=("code", "expected_by", "organisation", "next_step", "updated_at"))


def publish_status(
    *,
    report_id: UUID,
    code: str,
    expected_by: datetime | None = None,
    organisation_id: UUID | None = None,
    next_step: str = "",
    now: datetime,
) -> None:
    """Replaces the public status, in one statement. A step; `organisation_id` is the Body that has accepted.

    `next_step`: what happens next in that organisation's own words, sealed (one statement more; raises ReportErased).
    """
    status = PublicStatus(
        report_id=report_id,
        code=code,
        expected_by=expected_by,
        organisation_id=organisation_id,
        updated_at=now,
    )
    if next_step:
        status.seal(ReportKey.of(report_id), next_step=next_step)
    _replace([status])
