"""What the reporter reads as the state of the report; cases calls it inside its own transactions."""

from datetime import datetime
from uuid import UUID

from intake.compiled import Insert
from intake.models import PublicStatus

_replace = Insert(PublicStatus, replaces=("code", "expected_by", "organisation", "updated_at"))


def publish_status(
    *,
    report_id: UUID,
    code: str,
    expected_by: datetime | None = None,
    organisation_id: UUID | None = None,
    now: datetime,
) -> None:
    """Replaces the public status, in one statement. A step; `organisation_id` is the Body that has accepted."""
    status = PublicStatus(
        report_id=report_id,
        code=code,
        expected_by=expected_by,
        organisation_id=organisation_id,
        updated_at=now,
    )
    _replace([status])
