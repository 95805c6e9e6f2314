"""Groups: cases of one incident, worked on together. No member's person, and no partner, ever learns of one."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from cases.actions.add_note import checked_note
from cases.actions.authorise import authorise, staff_member
from cases.actions.case_pair import locked_pair
from cases.actions.case_row import locked_case
from cases.actions.record import Actor, Event, record_events
from cases.errors import InAnotherGroup, MoveNotAllowed, NotFound
from cases.models import Case, CaseGroup, GroupMember, GroupNote, User
from cases.queries.groups import group_of
from cases.queries.reach import knows_person
from intake.models import ReportKey


@transaction.atomic(durable=True)
def group_cases(*, case_id: UUID, other_id: UUID, by: Actor, now: datetime) -> CaseGroup:
    """Puts `case_id` into the group of the other case, which gets one if it has none.

    Changes neither report, key, consent nor referral. Timeline of each case that is new in it: grouped, with the
    group's id. Twice is no error. Raises NotFound, NotAllowed, InvalidInput (the same case, practice), InAnotherGroup.
    """
    pair = locked_pair(case_id, other_id, by=by, action="group_cases")
    theirs = _membership(pair.other)
    group = theirs.group if theirs else None
    if group is None and (mine := _membership(pair.one)):
        group = mine.group
    if group is None:
        group = CaseGroup.objects.create(side=pair.one.side, made_by=pair.user, made_at=now, updated_at=now)
    for case in (pair.one, pair.other):
        _add(group, case, pair.user, by, now)
    _touch(group, now)
    return group


def _membership(case: Case) -> GroupMember | None:
    return GroupMember.objects.filter(case=case, removed_at__isnull=True).select_related("group").first()


def _add(group: CaseGroup, case: Case, user: User, by: Actor, now: datetime) -> None:
    present = _membership(case)
    if present is not None:
        if present.group_id != group.pk:
            raise InAnotherGroup()
        return
    GroupMember.objects.create(group=group, case=case, added_by=user, added_at=now)
    record_events(case, [Event("grouped", {"group": group.pk})], by=by, now=now)
    case.save()


@transaction.atomic(durable=True)
def leave_group(*, case_id: UUID, by: Actor, now: datetime) -> None:
    """Takes the case out of its group; the row stays as history. Timeline: ungrouped.

    Raises NotFound, NotAllowed, MoveNotAllowed (it is in no group).
    """
    case = locked_case(case_id)
    user = authorise(by, "group_cases", side=case.side)
    if knows_person(user.pk, case.pk):
        raise NotFound()
    member = _membership(case)
    if member is None:
        raise MoveNotAllowed(state="not_in_a_group")
    member.removed_by, member.removed_at = user, now
    member.save(update_fields=["removed_by", "removed_at"])
    _touch(member.group, now)
    record_events(case, [Event("ungrouped", {"group": member.group_id})], by=by, now=now)
    case.save()


@transaction.atomic(durable=True)
def write_group_note(*, group_id: UUID, text: str, by: Actor, now: datetime) -> GroupNote:
    """Adds a part to the shared note, sealed under a key of its own.

    The erasure of a person whose case is in the group now destroys that key: nobody can say that the words hold
    nothing of theirs. Raises InvalidInput (empty, too long), NotFound, NotAllowed.
    """
    cleaned = checked_note(text)
    user = staff_member(by)
    group = group_of(user, group_id)
    if group is None:
        raise NotFound()
    authorise(by, "group_cases", side=group.side)
    # The members' lock keeps an erasure, which takes it too, from passing by a note that is being written.
    list(Case.objects.select_for_update(no_key=True).filter(pk__in=_case_ids(group)).order_by("pk").values_list("pk"))
    note = GroupNote(group=group, author=user, written_at=now)
    row, key = ReportKey.make(note.pk)
    row.save(force_insert=True)
    note.seal(key, text=cleaned)
    note.save(force_insert=True)
    _touch(group, now)
    return note


def _case_ids(group: CaseGroup) -> list[UUID]:
    return list(GroupMember.objects.filter(group=group, removed_at__isnull=True).values_list("case", flat=True))


def _touch(group: CaseGroup, now: datetime) -> None:
    CaseGroup.objects.filter(pk=group.pk).update(updated_at=now)
