"""A report that was taken back goes on, because the person has written again. Nothing of it is passed on by that."""

from datetime import datetime

from intake.models import Message, Report
from intake.vocabulary import Voice

from .change_consent import refuse_sharing_step


def resume_report_step(report: Report, *, now: datetime) -> bool:
    """False, and nothing has changed, while the person has not written since they took it back. A step: the report is
    locked by the caller.

    Taking it back was a no to everybody: it stands as the person's answer until they give another one on their page.
    """
    asked = Message.objects.filter(report_id=report.pk, voice=Voice.REPORTER, sent_at__gt=report.withdrawn_at)
    if not asked.exists():
        return False
    refuse_sharing_step(report, given_at=report.withdrawn_at or now)
    report.withdrawn_at = None
    report.save(update_fields=["withdrawn_at"])
    return True
