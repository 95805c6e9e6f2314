"""How an action on the life of a case begins: the row locked, and whoever acts able to reach it."""

from uuid import UUID

from cases.actions.authorise import authorise
from cases.actions.case_row import locked_case
from cases.actions.record import Actor
from cases.errors import NotFound
from cases.models import Case, User
from cases.queries.reach import knows_person


def reached_case(case_id: UUID, by: Actor, action: str) -> tuple[Case, User]:
    """Raises NotFound (also for the other side, and for somebody who knows the person) and NotAllowed."""
    case = locked_case(case_id)
    user = authorise(by, action, side=case.side)
    if knows_person(user.pk, case.pk):
        raise NotFound()
    return case, user
