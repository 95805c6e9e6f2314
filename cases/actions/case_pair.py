"""Two cases that one person wants to put in relation: both locked, both of the own side, both within reach."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from cases.actions.authorise import authorise, staff_member
from cases.actions.record import Actor, Event, record_events
from cases.errors import NotFound
from cases.models import Case, User
from cases.queries.reach import reachable
from intake.errors import InvalidInput


@dataclass(frozen=True, slots=True)
class Pair:
    """In the order in which they were asked for."""

    one: Case
    other: Case
    user: User


def locked_pair(case_id: UUID, other_id: UUID, *, by: Actor, action: str) -> Pair:
    """Locks both by id. A case of the other side, or of a person whom `by` knows, does not exist: NotFound.

    Raises NotAllowed, and InvalidInput for a case and itself or for a practice case and a real one.
    """
    if case_id == other_id:
        raise InvalidInput(fields={"reference": [_("This is the same case.")]})
    rows = Case.objects.select_for_update(no_key=True).filter(pk__in=(case_id, other_id)).order_by("pk")
    found = {case.pk: case for case in rows}
    user = staff_member(by)
    if reachable(user).filter(pk__in=found).count() != 2:
        raise NotFound()
    one, other = found[case_id], found[other_id]
    authorise(by, action, side=one.side)
    if one.is_practice != other.is_practice:
        raise InvalidInput(fields={"reference": [_("A practice case and a real one stay apart.")]})
    return Pair(one, other, user)


def record_on_both(pair: Pair, code: str, *, by: Actor, now: datetime, **details: str) -> None:
    """The same event on both timelines, each naming the other case by its id. Saves neither."""
    for mine, other in ((pair.one, pair.other), (pair.other, pair.one)):
        record_events(mine, [Event(code, {**details, "case": other.pk})], by=by, now=now)
