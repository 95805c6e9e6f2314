"""The person takes the report back: nobody goes on with it, nothing is passed on. The words stay until erased."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from intake.models import Report
from intake.vocabulary import IntakeEventKind

from .change_consent import close_consent_requests
from .hand_over import hand_over
from .locked_report import locked_report


@transaction.atomic(durable=True)
def withdraw_report(*, report_id: UUID, now: datetime) -> bool:
    """False when it was taken back before. Disclosure reads this live: access of partners ends with this commit.

    Writes IntakeEvent WITHDRAWN: cases withdraws what is running and asks partners to erase. Raises ReportErased.
    """
    report = locked_report(report_id)
    if report.withdrawn_at is not None:
        return False
    Report.objects.filter(pk=report_id).update(withdrawn_at=now)
    close_consent_requests(report_id=report_id, body_id=None, now=now)
    hand_over(report_id=report_id, kind=IntakeEventKind.WITHDRAWN, now=now)
    return True
