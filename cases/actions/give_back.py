"""Ends a merge: the case is triaged anew, with a new round and clocks, and its reporter reads its own status again."""

from datetime import datetime
from uuid import UUID

from django.core.cache import cache
from django.db import transaction
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from cases.actions import notify
from cases.actions.apart import apart
from cases.actions.authorise import authorise
from cases.actions.case_row import move, set_due
from cases.actions.record import SYSTEM, Actor, Event, record_events
from cases.deadlines import due_at
from cases.errors import MoveNotAllowed, NotFound
from cases.models import Case, Merge, User
from cases.queries.calendars import side_calendar
from cases.queries.reach import knows_person
from cases.queries.rules import rule_book
from cases.workflow import CaseState, SeparationReason
from intake.actions.follow_status import follow_status_step
from intake.actions.publish_status import publish_status
from intake.errors import InvalidInput

BY_HAND = frozenset(SeparationReason) - {SeparationReason.GONE}
LOOKED_AT = 500  # merges in one run: thirty thousand, of a million cases, take ten minutes
_LAST = "merge-looked-at"
_RESTING = frozenset({CaseState.DUPLICATE, CaseState.CLOSED})
_NEVER_WORKED_ON = frozenset({CaseState.WITHDRAWN, CaseState.DUPLICATE})


@transaction.atomic(durable=True)
def unmerge_case(*, case_id: UUID, reason: str, by: Actor, now: datetime) -> Case:
    """Gives a merged case back, for one of `BY_HAND`. The other case goes on as it is.

    Timeline: unmerged here, unmerged_from_this there. Publishes the public status; outbox: the reporter who opted in.
    Raises NotFound, NotAllowed, InvalidInput (reason), MoveNotAllowed (it is not merged).
    """
    if reason not in BY_HAND:
        raise InvalidInput(fields={"reason": [_("Please choose one of these.")]})
    merge = Merge.objects.in_force().filter(case=case_id).first()
    if merge is None:
        raise MoveNotAllowed(state="not_merged") if Case.objects.filter(pk=case_id).exists() else NotFound()
    case, into = _lock(merge)
    user = authorise(by, "merge_cases", side=case.side)
    if knows_person(user.pk, case.pk):
        raise NotFound()
    if not Merge.objects.in_force().filter(pk=merge.pk).exists():
        raise MoveNotAllowed(state=str(case.state))
    _end_step(merge, case, into, reason, by=by, user=user, now=now)
    notify.write_outbox(notify.status_changed(case, now))
    return case


def give_back_waiting(*, now: datetime, limit: int = 50) -> int:
    """The sweep behind it: merges that nothing holds any more. Returns how many were ended.

    The report of the other case was taken back, or that case went to the other side: the merged one is triaged anew and
    the side's people are told, as the person in it must not be forgotten with somebody else's report. The merged case
    itself was taken back or reopened: only the merge ends.

    Merges stay for years: each run looks at the next `LOOKED_AT` of them, in turn, and gives back at most `limit`.
    """
    gone = Q(into__report__erased_at__isnull=False) | Q(into__report__withdrawn_at__isnull=False)
    itself = Q(case__report__erased_at__isnull=False) | Q(case__report__withdrawn_at__isnull=False)
    moved = ~Q(case__state__in=_RESTING) | Q(into__state__in=_NEVER_WORKED_ON) | ~Q(case__side=F("into__side"))
    some = _next_merges(cache.get(_LAST, 0))
    waiting = list(Merge.objects.in_force().filter(gone | itself | moved, pk__in=some))
    waiting = sorted(waiting, key=lambda merge: some.index(merge.pk))
    if some:
        cache.set(_LAST, some[-1] if len(waiting) <= limit else waiting[limit - 1].pk, timeout=None)
    return sum(_give_back(merge, now) for merge in waiting[:limit])


def _next_merges(last: int) -> list[int]:
    """Those after the last one that was looked at, then from the beginning again."""
    ids = Merge.objects.in_force().order_by("pk").values_list("pk", flat=True)
    after = list(ids.filter(pk__gt=last)[:LOOKED_AT])
    return [*after, *ids.filter(pk__lte=last)[: LOOKED_AT - len(after)]]


@apart("the case of merge %s cannot be given back")
def _give_back(merge: Merge, now: datetime) -> int:
    case, into = _lock(merge)
    if not Merge.objects.in_force().filter(pk=merge.pk).exists():
        return 0
    if _end_step(merge, case, into, SeparationReason.GONE, by=SYSTEM, user=None, now=now):
        notify.write_outbox([*notify.given_back(case, now), *notify.status_changed(case, now)])
    return 1


def _lock(merge: Merge) -> tuple[Case, Case]:
    rows = Case.objects.select_for_update(no_key=True).filter(pk__in=(merge.case_id, merge.into_id)).order_by("pk")
    found = {case.pk: case for case in rows}
    return found[merge.case_id], found[merge.into_id]


def _end_step(
    merge: Merge, case: Case, into: Case, reason: str, *, by: Actor, user: User | None, now: datetime
) -> bool:
    """Whether the case is worked on again: not when its own report was taken back, or somebody reopened it."""
    Merge.objects.filter(pk=merge.pk).update(ended_at=now, ended_by=user, ended_because=reason)
    is_resting = case.state in _RESTING and case.report.withdrawn_at is None and case.report.erased_at is None
    if is_resting:
        _begin_again(case, now)
    record_events(case, [Event("unmerged", {"case": into.pk, "reason": reason})], by=by, now=now)
    record_events(into, [Event("unmerged_from_this", {"case": case.pk, "reason": reason})], by=by, now=now)
    case.save()
    into.save()
    if is_resting:
        publish_status(report_id=case.report_id, code=case.state, expected_by=case.due_at, now=now)
    follow_status_step(report_id=case.report_id, other_id=None)
    return is_resting


def _begin_again(case: Case, now: datetime) -> None:
    """As a report that has just come in: nobody has looked at it as a case of its own."""
    move(case, CaseState.TRIAGE)
    case.round += 1
    case.outcome, case.closed_at = "", None
    case.triaged_at, case.triage_missed = None, False
    hours = rule_book().clocks[case.urgency].triage
    case.triage_due_at = due_at(now, hours, case.urgency, side_calendar(case.side))
    set_due(case)
