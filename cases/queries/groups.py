"""A group as the staff of its side see it: the cases they can reach, as references and codes, and the shared note."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet

from cases.models import Case, CaseGroup, GroupMember, GroupNote, Recusal, User
from cases.permissions import may
from cases.queries.reach import reachable
from intake.models import ReportKey


@dataclass(frozen=True, slots=True)
class NotePart:
    author: str
    text: str
    written_at: Any


@dataclass(frozen=True, slots=True)
class GroupFile:
    """`notes` newest first; a part whose key was destroyed is not among them, but counted in `lost`."""

    group: CaseGroup
    cases: Sequence[Any]
    notes: Sequence[NotePart]
    lost: int


def visible_groups(user: User) -> QuerySet[CaseGroup]:
    """The own side's, with at least one case that the user can reach, and none of a person they know: its note can
    speak of everybody in it."""
    members = GroupMember.objects.filter(group=OuterRef("pk"))
    open_members = members.filter(removed_at__isnull=True, case__in=reachable(user).values("pk"))
    known = members.filter(case__in=Recusal.objects.filter(user=user).values("case"))
    return CaseGroup.objects.filter(Exists(open_members), ~Exists(known), side=user.side)


def group_of(user: User, group_id: UUID) -> CaseGroup | None:
    return visible_groups(user).filter(pk=group_id).first()


def group_file(group: CaseGroup, user: User) -> GroupFile:
    """Three statements, whatever the group holds."""
    notes = list(GroupNote.objects.filter(group=group).select_related("author").order_by("-written_at", "-pk"))
    keys = {row.report_id: row.open() for row in ReportKey.objects.filter(report_id__in=[note.pk for note in notes])}
    parts = [
        NotePart(note.author.name, note.unseal(keys[note.pk], "text") or "", note.written_at)
        for note in notes
        if note.pk in keys
    ]
    return GroupFile(group, group_cases(group, user), parts, len(notes) - len(parts))


def group_cases(group: CaseGroup, user: User) -> list[Case]:
    """Its open members, the most urgent first. One statement."""
    ids = GroupMember.objects.filter(group=group, removed_at__isnull=True).values("case")
    rows = reachable(user).filter(pk__in=ids).select_related("category", "region", "responsible")
    return list(rows.order_by("urgency", "received_at", "pk"))


def colleagues(user: User) -> QuerySet[User]:
    """Active people of the side who may be made responsible; whether for this case, the action decides."""
    rows = User.objects.filter(side=user.side, is_active=True).order_by("name", "pk")
    able = [row.pk for row in rows if may(row, "take_case")]
    return rows.filter(pk__in=able)
