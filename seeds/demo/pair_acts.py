"""What a caseworker of the demo does with two cases at once: links, merges, groups."""

from datetime import datetime

from cases.actions.give_back import unmerge_case
from cases.actions.group_cases import group_cases, write_group_note
from cases.actions.link_cases import decide_link
from cases.actions.merge_cases import merge_cases
from cases.errors import NotFound
from cases.models import GroupMember

from .stage import Stage


def link(stage: Stage, at: datetime, *, other: str, kind: str, state: str = "confirmed") -> None:
    to = stage.other(other).case_id
    decide_link(case_id=stage.case_id, other_id=to, kind=kind, state=state, by=stage.worker, now=at)


def merge(stage: Stage, at: datetime, *, into: str) -> None:
    merge_cases(case_id=stage.case_id, into_id=stage.other(into).case_id, by=stage.worker, now=at)


def give_back(stage: Stage, at: datetime, *, reason: str) -> None:
    unmerge_case(case_id=stage.case_id, reason=reason, by=stage.worker, now=at)


def group(stage: Stage, at: datetime, *, other: str) -> None:
    group_cases(case_id=stage.case_id, other_id=stage.other(other).case_id, by=stage.worker, now=at)


def group_note(stage: Stage, at: datetime, *, text: str) -> None:
    member = GroupMember.objects.filter(case=stage.case_id, removed_at=None).first()
    if member is None:
        raise NotFound()
    write_group_note(group_id=member.group_id, text=text, by=stage.worker, now=at)
