"""Which cases may belong together: candidates by equal hashes, judged by cases.likeness. Reads no story and no name."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from cases.likeness import Facts, Likeness, Terms, likenesses
from cases.models import Case, LinkRule
from cases.queries.remembered import Remembered
from cases.workflow import LinkKind
from intake.models import BlindIndex, Report, ReportKey
from intake.queries.same_person import reports_naming_same_actor, shared_marks
from intake.queries.words import answers_of

LOOKED_AT = 50  # cases with the same actor, place and kind of matter that are compared: the newest
_NEEDED = ("id", "report_id", "country_id", "region_id", "category_id", "actor_kind", "citizenship", "received_at")


@dataclass(frozen=True, slots=True)
class Alike:
    case_id: UUID
    likeness: Likeness


def _read_rules() -> dict[str, Terms]:
    rows = LinkRule.objects.filter(is_active=True)
    return {
        row.kind: Terms(row.most, row.look_back_days, row.shared_by_at_most, row.apart_days, row.families)
        for row in rows
    }


link_rules = Remembered(_read_rules)


def alike(case: Case, rules: Mapping[str, Terms]) -> list[Alike]:
    """What may be suggested for this case, the strongest of each kind first and no more than its rule allows.

    Cases of the other side, and of people who took their report back, are never among them.
    """
    marks = _marks(case, rules)
    same_place = set(_same_place(case, rules).values_list("report_id", flat=True)[:LOOKED_AT])
    others = list(_others(case).filter(report_id__in=[*marks, *same_place]).only(*_NEEDED))
    days = _days([case, *others] if same_place else [])
    mine = _facts(case, days)
    found = [
        Alike(other.pk, likeness)
        for other in sorted(others, key=lambda row: (row.received_at, row.pk), reverse=True)
        for likeness in likenesses(
            mine, _facts(other, days), marks.get(other.report_id, ()), other.report_id in same_place, rules
        )
        if abs(other.received_at - case.received_at) <= timedelta(days=rules[likeness.kind].look_back_days)
    ]
    return _strongest(found, rules)


def _strongest(found: Sequence[Alike], rules: Mapping[str, Terms]) -> list[Alike]:
    kept = []
    for kind, terms in rules.items():
        of_kind = [one for one in found if one.likeness.kind == kind]
        kept += sorted(of_kind, key=lambda one: -one.likeness.strength)[: terms.most]
    return kept


def _marks(case: Case, rules: Mapping[str, Terms]) -> dict[UUID, set[str]]:
    kinds: dict[str, int] = {}
    if person := rules.get(LinkKind.SAME_PERSON):
        kinds |= dict.fromkeys((BlindIndex.Kind.PHONE, BlindIndex.Kind.EMAIL, BlindIndex.Kind.NAME), 0)
        kinds = dict.fromkeys(kinds, person.shared_by_at_most)
    if actor := rules.get(LinkKind.SAME_ACTOR):
        kinds[BlindIndex.Kind.ACTOR] = actor.shared_by_at_most
    return shared_marks(case.report_id, at_most=kinds) if kinds else {}


def _others(case: Case) -> QuerySet[Case]:
    present = Q(report__erased_at__isnull=True, report__withdrawn_at__isnull=True)
    return Case.objects.filter(present, side=case.side, is_practice=case.is_practice).exclude(pk=case.pk)


def _same_place(case: Case, rules: Mapping[str, Terms]) -> QuerySet[Case]:
    """Cases that may be the same incident but for the day, on which `likenesses` decides."""
    terms = rules.get(LinkKind.SAME_INCIDENT)
    if terms is None or case.region_id is None:
        return Case.objects.none()
    within = timedelta(days=terms.look_back_days)
    return (
        _others(case)
        .filter(
            report_id__in=reports_naming_same_actor(case.report_id),
            country=case.country_id,
            region=case.region_id,
            category__in=terms.family(case.category_id),
            received_at__range=(case.received_at - within, case.received_at + within),
        )
        .order_by("-received_at", "-pk")
    )


def _days(cases: Sequence[Case]) -> dict[UUID, date]:
    """Since when the person is held, where somebody said so: opened by the system, shown to nobody."""
    reports = {row.pk: row for row in Report.objects.filter(pk__in=[case.report_id for case in cases]).only("answers")}
    days = {}
    for key in ReportKey.objects.filter(report_id__in=list(reports)):
        day = _as_day(answers_of(reports[key.report_id], key.open()).get("held_since"))
        if day is not None:
            days[key.report_id] = day
    return days


def _as_day(value: Any) -> date | None:
    try:
        return date.fromisoformat(str(value)[:10]) if value else None
    except ValueError:
        return None


def _facts(case: Case, days: Mapping[UUID, date]) -> Facts:
    return Facts(
        case_id=case.pk,
        country=case.country_id,
        region=case.region_id,
        category=case.category_id,
        actor_kind=case.actor_kind,
        citizenship=case.citizenship,
        day=days.get(case.report_id, case.received_at.date()),
    )
