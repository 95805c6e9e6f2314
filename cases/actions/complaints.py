"""Complaints of reporters: read and answered by supervisors of the responsible side, and by nobody else.

One about us does not exist for those whom it concerns (queries/complained_of.py), also after they gave the case away.
"""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from cases.actions import notify
from cases.actions.add_note import checked_note
from cases.actions.authorise import authorise
from cases.actions.case_row import locked_case
from cases.actions.record import Actor, Event, record_events
from cases.errors import NotFound, StaleObject
from cases.models import Case, User
from cases.queries.complained_of import concerned
from cases.queries.reach import knows_person
from intake.actions.messages import write_to_reporter_step
from intake.actions.record_access import record_access
from intake.models import Complaint, ReportKey
from intake.vocabulary import AccessPurpose, Voice


@transaction.atomic(durable=True)
def read_complaint(*, complaint_id: UUID, by: Actor, now: datetime) -> str:
    """The words of the complaint, after an access record was written. Raises NotFound, NotAllowed, ReportErased."""
    case, complaint, _user = _found(complaint_id, by)
    text = complaint.unseal(ReportKey.of(case.report_id), "text") or ""
    record_access(
        report_id=case.report_id,
        voice=Voice.CASEWORKER,
        by_ref=by.ref,
        body_id=None,
        purpose=AccessPurpose.COMPLAINT_READ,
        groups=[],
        now=now,
    )
    return str(text)


@transaction.atomic(durable=True)
def answer_complaint(*, complaint_id: UUID, text: str, by: Actor, now: datetime) -> None:
    """A message on the person's page, from us and never from the organisation concerned; then it is answered.

    Timeline: complaint_answered. Outbox: the reporter, who opted in. Raises NotFound, NotAllowed, InvalidInput,
    StaleObject (answered meanwhile), ReportErased.
    """
    answer = checked_note(text)
    case, complaint, _user = _found(complaint_id, by)
    if complaint.answered_at is not None:
        raise StaleObject()
    write_to_reporter_step(
        report_id=case.report_id, voice=Voice.CASEWORKER, by_ref=by.ref, body_id=None, text=answer, now=now
    )
    complaint.answered_at, complaint.answered_by_ref = now, by.ref
    complaint.save(update_fields=["answered_at", "answered_by_ref"])
    record_events(case, [Event("complaint_answered", {"subject": complaint.pk})], by=by, now=now)
    case.save()
    notify.write_outbox(notify.message_waiting(case, now))


def _found(complaint_id: UUID, by: Actor) -> tuple[Case, Complaint, User]:
    """Under the case's lock, so that two supervisors do not both answer; one about us, not by those it concerns."""
    report_id = Complaint.objects.filter(pk=complaint_id).values_list("report", flat=True).first()
    case_id = Case.objects.filter(report=report_id).values_list("pk", flat=True).first() if report_id else None
    if case_id is None:
        raise NotFound()
    case = locked_case(case_id)
    user = authorise(by, "answer_complaint", side=case.side)
    if knows_person(user.pk, case.pk):
        raise NotFound()
    complaint = Complaint.objects.get(pk=complaint_id)
    if user.pk in concerned([complaint]).get(complaint.pk, ()):
        raise NotFound()
    return case, complaint, user
