"""Who is responsible for a case: taking one, being given one, taking the most urgent free one."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet

from cases.actions.follow_ups import pass_on_follow_ups_step
from cases.actions.reached_case import reached_case
from cases.actions.record import Actor, Event, record_events
from cases.errors import NotAllowed, StaleObject
from cases.models import Assignment, Case, User
from cases.permissions import may
from cases.queries.people import may_have
from cases.queries.reach import reachable
from cases.workflow import ENDED_CASES, CaseState

# Where a person must do something even though triage is confirmed.
_NEEDS_A_PERSON = frozenset({CaseState.TRIAGE, CaseState.UNROUTED, CaseState.IN_PROGRESS})


@transaction.atomic(durable=True)
def take_case(*, case_id: UUID, user_id: UUID, by: Actor, now: datetime) -> Case:
    """Makes `user_id` responsible: oneself for a free case, also one whose holder left, anybody of the side
    by a supervisor. Twice is no error.

    Follow-ups go along. Timeline: assigned. Raises StaleObject when a colleague was quicker, NotFound, NotAllowed.
    """
    case, actor = reached_case(case_id, by, "take_case")
    if case.responsible_id == user_id:
        return case
    is_free_for_me = user_id == actor.pk and is_free(case)
    if not is_free_for_me and not may(actor, "assign", side=case.side):
        raise StaleObject() if user_id == actor.pk else NotAllowed()
    user = User.objects.filter(pk=user_id).first()
    if user is None or not may_have(user, case):
        raise NotAllowed()
    _assign(case, user, by, now)
    return case


@transaction.atomic(durable=True)
def unassign_case(*, case_id: UUID, by: Actor, now: datetime) -> Case:
    """A supervisor sets the case free: it is offered to whoever takes the next one. Twice is no error.

    Follow-ups stay with the case, for whoever gets it. Timeline: unassigned. Raises NotFound, NotAllowed.
    """
    case, _supervisor = reached_case(case_id, by, "assign")
    if case.responsible_id is None:
        return case
    user_id = case.responsible_id
    set_free_step(case, now)
    record_events(case, [Event("unassigned", {"user": user_id})], by=by, now=now)
    case.save()
    return case


def set_free_step(case: Case, now: datetime) -> None:
    """Nobody is responsible any more. In memory and in the history; the caller saves the case. Two statements."""
    Assignment.objects.filter(case=case, ended_at__isnull=True).update(ended_at=now)
    pass_on_follow_ups_step(case, old=case.responsible_id, new=None)
    case.responsible = None


@transaction.atomic(durable=True)
def take_next(*, user_id: UUID, now: datetime) -> Case | None:
    """The most urgent free case of the user's side in a language the user reads, now theirs; None if there is none.

    Two people never get the same: the row that one is looking at is locked and the other skips it. Timeline: assigned.
    """
    by = Actor("staff", user_id)
    user = User.objects.filter(pk=user_id).first()
    if user is None or not may(user, "take_case"):
        raise NotAllowed()
    case = _free_cases(user).select_for_update(skip_locked=True, no_key=True, of=("self",)).first()
    if case is not None:
        _assign(case, user, by, now)
    return case


def is_free(case: Case) -> bool:
    """Also where somebody has it who cannot work on it any more: the account was disabled, or has another role now. It
    comes back with them if nobody has taken it meanwhile."""
    return case.responsible is None or not may_have(case.responsible, case)


def _nobodys(side: str) -> Q:
    people = User.objects.filter(side=side, is_active=True).defer("phone")
    return Q(responsible__isnull=True) | ~Q(responsible__in=[one.pk for one in people if may(one, "take_case")])


def _free_cases(user: User) -> QuerySet[Case]:
    free = reachable(user).filter(_nobodys(user.side), is_practice=False)
    free = free.filter(Q(triaged_at__isnull=True) | Q(state__in=_NEEDS_A_PERSON)).exclude(state__in=ENDED_CASES)
    if user.languages_read:
        free = free.filter(language__in=user.languages_read)
    return free.order_by("urgency", "received_at", "pk")


def _assign(case: Case, user: User, by: Actor, now: datetime) -> None:
    Assignment.objects.filter(case=case, ended_at__isnull=True).update(ended_at=now)
    pass_on_follow_ups_step(case, old=case.responsible_id, new=user)
    Assignment.objects.create(case=case, user=user, assigned_by_id=by.ref, assigned_at=now)
    case.responsible = user
    record_events(case, [Event("assigned", {"user": user.pk})], by=by, now=now)
    case.save()
