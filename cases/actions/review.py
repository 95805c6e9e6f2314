"""Looking again at a case that our own people work on: no partner's clock runs there, so it has one of its own."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from cases.actions.case_row import set_due
from cases.actions.reached_case import reached_case
from cases.actions.record import Actor, Event, record_events
from cases.deadlines import due_at
from cases.errors import MoveNotAllowed
from cases.models import Case, Referral
from cases.queries.calendars import side_calendar
from cases.queries.life_rules import life_rules
from cases.queries.rules import rule_book
from cases.workflow import ASSIGNED, CaseState
from intake.actions.publish_status import publish_status


def review_clock(case: Case, now: datetime) -> tuple[datetime, str]:
    """When somebody looks at it next, in hours by urgency; where the operator set none, as long as a first contact."""
    hours = life_rules().review_hours.get(case.urgency) or rule_book().clocks[case.urgency].contact
    return due_at(now, hours, case.urgency, side_calendar(case.side)), "review"


@transaction.atomic(durable=True)
def review_case(*, case_id: UUID, by: Actor, now: datetime) -> Case:
    """Somebody has looked at it: the review clock begins anew, and the person reads by when we look again.

    Timeline: reviewed. Raises NotFound, NotAllowed, MoveNotAllowed (no work of our own: a partner has it, it ended, it
    waits).
    """
    case, _user = reached_case(case_id, by, "review")
    if case.state != CaseState.IN_PROGRESS or Referral.objects.filter(case=case, state__in=ASSIGNED).exists():
        raise MoveNotAllowed(state=str(case.state))
    set_due(case, review_clock(case, now))
    record_events(case, [Event("reviewed", {"due_at": case.due_at})], by=by, now=now)
    case.save()
    publish_status(report_id=case.report_id, code=case.state, expected_by=case.due_at, now=now)
    return case
