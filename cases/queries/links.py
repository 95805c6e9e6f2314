"""What the case file says of other cases: links, merges, the group. References and codes only, and only cases that the
reader can reach: a case of the other side or of a person they know is not there, whatever it is linked with."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, IntegerField, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from cases.models import Case, CaseLink, GroupMember, Merge, User
from cases.queries.groups import visible_groups
from cases.queries.likeness import link_rules
from cases.queries.reach import reachable
from cases.workflow import LinkState
from intake.models import Message
from intake.vocabulary import Voice

_PRESENT = ("report__erased_at", "report__withdrawn_at")
_SHOWN = (*(f"{end}__{name}" for end in ("first", "second") for name in ("category", "region")), "decided_by")


@dataclass(frozen=True, slots=True)
class Linked:
    kind: str
    state: str
    ground: str
    other: Case
    decided_by: str
    decided_at: datetime | None


@dataclass(frozen=True, slots=True)
class Relations:
    """`hidden`: suggestions beyond what the rules show for one case. `into`: the merge into another case,
    if this one is merged. `merged_here`: merges into this one, with `unread`: messages nobody has read."""

    suggested: Sequence[Linked] = ()
    decided: Sequence[Linked] = ()
    hidden: int = 0
    into: Merge | None = None
    merged_here: Sequence[Merge] = ()
    group: GroupMember | None = None


def relations(case: Case, user: User) -> Relations:
    """Three statements, however many there are."""
    links = _links(case, user)
    suggested = [link for link in links if link.state == LinkState.SUGGESTED]
    shown = _as_the_rules_allow(suggested)
    merges = _merges(case, user)
    members = GroupMember.objects.filter(case=case, removed_at__isnull=True, group__in=visible_groups(user))
    return Relations(
        suggested=shown,
        decided=[link for link in links if link.state != LinkState.SUGGESTED],
        hidden=len(suggested) - len(shown),
        into=next((merge for merge in merges if merge.case_id == case.pk), None),
        merged_here=[merge for merge in merges if merge.into_id == case.pk],
        group=members.first(),
    )


def _links(case: Case, user: User) -> list[Linked]:
    """The strongest first; without those of people who took their report back."""
    others = reachable(user).filter(**{f"{name}__isnull": True for name in _PRESENT}).values("pk")
    rows = CaseLink.objects.filter(Q(first=case, second__in=others) | Q(second=case, first__in=others))
    rows = rows.exclude(state=LinkState.UNDONE).select_related(*_SHOWN)
    return [
        Linked(
            kind=row.kind,
            state=row.state,
            ground=row.ground,
            other=row.second if row.first_id == case.pk else row.first,
            decided_by=row.decided_by.name if row.decided_by else "",
            decided_at=row.decided_at,
        )
        for row in rows.order_by("-strength", "-suggested_at", "-pk")
    ]


def _as_the_rules_allow(suggested: Sequence[Linked]) -> list[Linked]:
    rules, counted = link_rules(), dict[str, int]()
    shown = []
    for link in suggested:
        counted[link.kind] = counted.get(link.kind, 0) + 1
        if link.kind in rules and counted[link.kind] <= rules[link.kind].most:
            shown.append(link)
    return shown


def _merges(case: Case, user: User) -> list[Merge]:
    unread = Message.objects.filter(
        report_id=OuterRef("case__report_id"), voice=Voice.REPORTER, read_at__isnull=True, organisation__isnull=True
    )
    count = unread.order_by().values("report_id").annotate(n=Count("pk")).values("n")
    within_reach = reachable(user).values("pk")
    rows = Merge.objects.in_force().filter(Q(case=case, into__in=within_reach) | Q(into=case, case__in=within_reach))
    rows = rows.select_related("case__category", "case__region", "into__category", "into__region", "merged_by")
    return list(
        rows.annotate(unread=Coalesce(Subquery(count, output_field=IntegerField()), 0)).order_by("merged_at", "pk")
    )


def name_other_cases(events: Sequence[Any], user: User) -> None:
    """Adds `other_case`, its reference, to timeline events about another case which the reader can reach."""
    ids = {event["details"]["case"] for event in events if event["details"].get("case")}
    if not ids:
        return
    found = reachable(user).filter(pk__in=ids).values_list("pk", "reference")
    references = {str(pk): reference for pk, reference in found}
    for event in events:
        event["other_case"] = references.get(str(event["details"].get("case", "")), "")
