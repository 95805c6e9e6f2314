"""The page of one report shows the status of another to which its case was joined; cases calls it."""

from uuid import UUID

from intake.models import PublicStatus


def follow_status_step(*, report_id: UUID, other_id: UUID | None) -> None:
    """From now on the person reads the state of `other_id`'s report, whatever is published for it; None: their own.

    What is published for the report itself meanwhile is kept and comes back. A step of one statement; the caller has
    published a status for the report before.
    """
    PublicStatus.objects.filter(report_id=report_id).update(follows_id=other_id)
