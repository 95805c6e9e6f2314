"""A complaint: about an organisation that has or had the report, or about us. A supervisor reads it, nobody else."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from intake.errors import InvalidInput
from intake.models import Complaint, ReportKey
from intake.queries.organisations import organisations_of
from intake.vocabulary import IntakeEventKind

from .hand_over import hand_over
from .locked_report import locked_report
from .messages import checked_words
from .once_only import act_hash

LENGTH = 5_000  # characters
MOST = 50  # of one report


@transaction.atomic(durable=True)
def complain(*, report_id: UUID, about: UUID | None, text: str, submission_key: str, now: datetime) -> Complaint:
    """`about`: the organisation, which has to be one that this report has met; None: us. A repeat changes nothing.

    Writes IntakeEvent COMPLAINT. Raises InvalidInput (empty, too long, another organisation, far too many),
    ReportErased.
    """
    clean = checked_words(text, limit=LENGTH)
    report = locked_report(report_id)
    digest = act_hash(report_id, "complaint", submission_key)
    earlier = Complaint.objects.filter(submission_key=digest).first() if digest else None
    if earlier is not None:
        return earlier
    _check(report.pk, about)
    complaint = Complaint(report_id=report.pk, about_id=about, submission_key=digest, made_at=now)
    complaint.seal(ReportKey.of(report.pk), text=clean)
    complaint.save(force_insert=True)
    hand_over(report_id=report.pk, kind=IntakeEventKind.COMPLAINT, subject=complaint.pk, now=now)
    return complaint


def _check(report_id: UUID, about: UUID | None) -> None:
    if about is not None and about not in organisations_of(report_id):
        raise InvalidInput(fields={"about": [_("Please choose one of these.")]})
    if Complaint.objects.filter(report_id=report_id).count() >= MOST:
        raise InvalidInput(fields={"text": [_("We have your complaints. Please wait for our answer.")]})
