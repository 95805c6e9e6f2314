""" "I know this person": takes a case out of a staff member's reach. No reason is asked, so that nobody hesitates."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from cases.actions import notify
from cases.actions.approval import lapse_step
from cases.actions.assign import set_free_step
from cases.actions.authorise import authorise
from cases.actions.case_row import locked_case
from cases.actions.follow_ups import pass_on_follow_ups_step
from cases.actions.open_case import sound_alarm_step
from cases.actions.record import SYSTEM, Actor, Event, record_events
from cases.models import Case, DutyAlert, Recusal, User
from cases.queries import duty


@transaction.atomic(durable=True)
def know_person(*, case_id: UUID, by: Actor, now: datetime) -> None:
    """From now on the case does not exist for this person; if they were responsible it is free again.

    There is no way back in the console: a mistake costs one pair of hands, the contrary could cost a life. Timeline:
    recused. Twice is no error. An alarm that had gone to this person goes to others (alert_sent, outbox). A yes of
    theirs to a transfer that still waits counts no more.
    Raises NotFound, NotAllowed.
    """
    case = locked_case(case_id)
    user = authorise(by, "know_person", side=case.side)
    _row, is_new = Recusal.objects.get_or_create(case=case, user=user, defaults={"at": now})
    if not is_new:
        return
    events = [Event("recused", {"user": user.pk})]
    if case.responsible_id == user.pk:
        set_free_step(case, now)
    pass_on_follow_ups_step(case, old=user.pk, new=None)
    lapse_step(case=case, user=user, now=now)
    people = duty.people_to_alert(case.side, now, case_id=case.pk) if _is_alarmed(case, user) else []
    if people:
        events.append(Event("alert_sent", {"people": [person.id for person in people]}, by=SYSTEM))
    record_events(case, events, by=by, now=now)
    case.save()
    if people:
        sound_alarm_step(notify.alarm(case, people, now, occasion=f":{case.event_count}"), case, now)


def _is_alarmed(case: Case, user: User) -> bool:
    """Since triage, which ends an alarm, or without any."""
    alert = DutyAlert.objects.filter(case=case, user=user).first()
    return alert is not None and (case.triaged_at is None or alert.sent_at > case.triaged_at)
