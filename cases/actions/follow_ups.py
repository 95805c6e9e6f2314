"""Follow-ups: made, moved, done, removed, passed on with the case, and the reminder at their hour."""

from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from cases.actions import notify
from cases.actions.add_note import checked_note
from cases.actions.apart import apart
from cases.actions.case_row import lock_case
from cases.actions.reached_case import reached_case
from cases.actions.record import Actor, Event, record_events
from cases.errors import MoveNotAllowed, NotFound, StaleObject
from cases.models import Case, FollowUp, User
from cases.queries.follow_ups import NO_MORE, due_follow_ups
from cases.queries.people import assignable_people, may_have
from intake.errors import InvalidInput
from intake.models import ReportKey
from intake.references import new_id

FARTHEST = timedelta(days=3 * 365)  # beyond that it is a slip of the finger


@transaction.atomic(durable=True)
def add_follow_up(
    *, case_id: UUID, text: str, local: datetime, user_id: UUID | None = None, by: Actor, now: datetime
) -> FollowUp:
    """Reminds `user_id` (None: whoever is responsible by then) at `local`, day and hour without a zone: it is the zone
    of the one who is reminded. The text is sealed.

    Timeline: follow_up_added. Raises NotFound, NotAllowed, MoveNotAllowed (it ended), InvalidInput (text, at, user),
    ReportErased.
    """
    clean = checked_note(text)
    case, maker = reached_case(case_id, by, "follow_up")
    if case.state in NO_MORE:
        raise MoveNotAllowed(state=str(case.state))
    user = _checked_user(case, user_id)
    due_at = _checked_moment(local, user or maker, now)
    row = FollowUp(id=new_id(), case=case, user=user, due_at=due_at, made_by=maker, made_at=now)
    row.seal(ReportKey.of(case.report_id), text=clean)
    row.save(force_insert=True)
    _record(case, "follow_up_added", row, by, now, due_at=due_at)
    return row


@transaction.atomic(durable=True)
def move_follow_up(*, follow_up_id: UUID, local: datetime, by: Actor, now: datetime) -> FollowUp:
    """To another day or hour, at which it reminds again. Timeline: follow_up_moved. Raises NotFound, NotAllowed,
    StaleObject (done or removed), InvalidInput (at)."""
    case, actor, row = _locked(follow_up_id, by)
    if row.done_at or row.removed_at:
        raise StaleObject()
    row.due_at, row.reminded_at = _checked_moment(local, row.user or case.responsible or actor, now), None
    row.save(update_fields=["due_at", "reminded_at"])
    _record(case, "follow_up_moved", row, by, now, due_at=row.due_at)
    return row


@transaction.atomic(durable=True)
def finish_follow_up(*, follow_up_id: UUID, is_done: bool, by: Actor, now: datetime) -> FollowUp:
    """Done, or no longer wanted. Twice is no error. Timeline: follow_up_done, follow_up_removed. Raises NotFound,
    NotAllowed, StaleObject (it has ended the other way)."""
    case, _actor, row = _locked(follow_up_id, by)
    ended, other = (row.done_at, row.removed_at) if is_done else (row.removed_at, row.done_at)
    if other:
        raise StaleObject()
    if ended:
        return row
    column = "done_at" if is_done else "removed_at"
    setattr(row, column, now)
    row.save(update_fields=[column])
    _record(case, "follow_up_done" if is_done else "follow_up_removed", row, by, now)
    return row


def pass_on_follow_ups_step(case: Case, *, old: UUID | None, new: User | None) -> None:
    """They go along with the case: those of the one who had it, and those that were for nobody. One statement."""
    whose = Q(user=old) if new is None else Q(user=old) | Q(user=None)
    FollowUp.objects.open().filter(whose, case=case).update(user=new)


def end_follow_ups_step(case: Case, now: datetime) -> None:
    """The case is closed: nobody is reminded of it any more. One statement."""
    FollowUp.objects.open().filter(case=case).update(removed_at=now)


def remind_due(*, now: datetime, limit: int = 200) -> int:
    """Reminds of every follow-up whose hour has come, once; returns how many.

    Safe to run twice and in two processes: a case that somebody else has locked is left to the next run. Whoever may no
    longer have the case is not written to: then the responsible caseworker is, or the person on duty. Outbox: staff.
    """
    due = due_follow_ups(now).values_list("pk", "case_id")[:limit]
    return sum(_remind(pk, case_id, now) for pk, case_id in due)


@apart("follow-up %s cannot be reminded of")
def _remind(follow_up_id: UUID, case_id: UUID, now: datetime) -> int:
    case = lock_case(case_id, skip_locked=True)
    row = due_follow_ups(now).filter(pk=follow_up_id).first() if case else None
    if case is None or row is None:
        return 0
    FollowUp.objects.filter(pk=row.pk).update(reminded_at=now)
    user = row.user if row.user and may_have(row.user, case) else None
    notify.write_outbox(notify.follow_up(case, row.pk, row.due_at, user, now))
    return 1


def _locked(follow_up_id: UUID, by: Actor) -> tuple[Case, User, FollowUp]:
    """The case's lock first, then the row as it stands under it."""
    case_id = FollowUp.objects.filter(pk=follow_up_id).values_list("case", flat=True).first()
    if case_id is None:
        raise NotFound()
    case, actor = reached_case(case_id, by, "follow_up")
    return case, actor, FollowUp.objects.select_related("user").get(pk=follow_up_id)


def _checked_user(case: Case, user_id: UUID | None) -> User | None:
    if user_id is None:
        return case.responsible
    user = next((person for person in assignable_people(case) if person.pk == user_id), None)
    if user is None:
        raise InvalidInput(fields={"user": [_("Please choose one of these.")]})
    return user


def _checked_moment(local: datetime, user: User, now: datetime) -> datetime:
    at = local.replace(tzinfo=ZoneInfo(user.timezone))
    if not now < at <= now + FARTHEST:
        raise InvalidInput(fields={"at": [_("Please give a day and an hour that are still to come.")]})
    return at


def _record(case: Case, code: str, row: FollowUp, by: Actor, now: datetime, **details: datetime) -> None:
    record_events(case, [Event(code, {"follow_up": row.pk, **details})], by=by, now=now)
    case.save()
