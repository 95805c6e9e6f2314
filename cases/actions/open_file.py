"""Reading a case file leaves its traces here, before anything is shown: access records, and the alarm as opened."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from cases.actions.authorise import authorise
from cases.actions.record import Actor
from cases.errors import NotFound
from cases.models import Case, DutyAlert
from cases.queries.reach import knows_person
from intake.actions.record_access import record_access
from intake.vocabulary import AccessPurpose, DataGroup, Voice


@transaction.atomic(durable=True)
def open_file(*, case: Case, by: Actor, now: datetime) -> None:
    """Records that this person read the story (once a day) and that the alarm of an urgent case was heard.

    The caller has read `case` through cases.queries.case_file.case_of, which lets nobody else's side in.
    """
    record_access(
        report_id=case.report_id,
        voice=Voice.CASEWORKER,
        by_ref=by.ref,
        body_id=None,
        purpose=AccessPurpose.STORY_READ,
        groups=[DataGroup.STORY],
        now=now,
    )
    if getattr(case, "has_alert", True):
        DutyAlert.objects.filter(case=case, opened_at__isnull=True).update(opened_at=now)


@transaction.atomic(durable=True)
def open_personal_data(*, case_id: UUID, by: Actor, now: datetime) -> UUID:
    """Records that this person saw contact, identity and family; returns the report's id.

    Raises NotFound, NotAllowed.
    """
    case = Case.objects.only("report_id", "side").filter(pk=case_id).first()
    if case is None:
        raise NotFound()
    user = authorise(by, "open_case", side=case.side)
    if knows_person(user.pk, case.pk):
        raise NotFound()
    shown = (
        (AccessPurpose.CONTACT_READ, [DataGroup.CONTACT]),
        (AccessPurpose.IDENTITY_READ, [DataGroup.IDENTITY, DataGroup.FAMILY]),
    )
    for purpose, groups in shown:
        record_access(
            report_id=case.report_id,
            voice=Voice.CASEWORKER,
            by_ref=by.ref,
            body_id=None,
            purpose=purpose,
            groups=groups,
            now=now,
        )
    return case.report_id
