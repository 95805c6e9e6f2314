""" "I know this person": takes a case out of a staff member's reach. No reason is asked, so that nobody hesitates."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from cases.actions.assign import set_free_step
from cases.actions.authorise import authorise
from cases.actions.case_row import locked_case
from cases.actions.follow_ups import pass_on_follow_ups_step
from cases.actions.record import Actor, Event, record_events
from cases.models import Recusal


@transaction.atomic(durable=True)
def know_person(*, case_id: UUID, by: Actor, now: datetime) -> None:
    """From now on the case does not exist for this person; if they were responsible it is free again.

    There is no way back in the console: a mistake costs one pair of hands, the contrary could cost a life. Timeline:
    recused. Twice is no error. Raises NotFound, NotAllowed.
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
    record_events(case, events, by=by, now=now)
    case.save()
