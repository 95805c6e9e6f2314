"""Jobs as staff see them, and the past cases that a dry run looks at."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from django.db.models import Max

from cases.models import Case, Job, JobRule, PartnerOrganisation, Referral, RoutingDecision, User
from cases.queries.reach import reachable
from cases.queries.remembered import Remembered
from cases.workflow import LOAD

SHOWN = 20


def _read_rules() -> dict[str, JobRule]:
    return {row.kind: row for row in JobRule.objects.all()}


job_rules = Remembered(_read_rules)


def newest_jobs(*, side: str, kind: str) -> Sequence[Job]:
    """Without what they were to do and what they found."""
    rows = Job.objects.filter(side=side, kind=kind).select_related("asked_by").defer("todo", "result")
    return list(rows.order_by("-asked_at", "-pk")[:SHOWN])


def settings_jobs(*, side: str, number: int = 5) -> Sequence[Job]:
    """Dry runs of other settings, for whoever may look at them without seeing those of partners."""
    rows = Job.objects.filter(side=side, kind=JobRule.Kind.DRY_RUN, params__change__kind="settings")
    return list(rows.select_related("asked_by").defer("todo", "result").order_by("-asked_at", "-pk")[:number])


def job_of(job_id: UUID, *, side: str) -> Job | None:
    return Job.objects.filter(pk=job_id, side=side).select_related("asked_by").defer("todo").first()


def routed_cases(user: User, *, since: datetime, most: int) -> tuple[list[UUID], bool]:
    """Of the cases within the user's reach those that were routed since, the newest decision first, at most so many;
    and whether there were more."""
    decided = RoutingDecision.objects.filter(at__gte=since, case__is_practice=False)
    rows = decided.filter(case__in=reachable(user)).values("case").annotate(newest=Max("at"))
    found = [row["case"] for row in rows.order_by("-newest", "case")[: most + 1]]
    return found[:most], len(found) > most


def places_taken(case_ids: Collection[UUID]) -> dict[UUID, frozenset[UUID]]:
    """Partners with a place that the case takes now."""
    found: dict[UUID, set[UUID]] = defaultdict(set)
    rows = Referral.objects.filter(case__in=case_ids, state__in=LOAD).values_list("case", "partner")
    for case_id, partner_id in rows:
        found[case_id].add(partner_id)
    return {case_id: frozenset(partners) for case_id, partners in found.items()}


def cases_by_id(case_ids: Collection[UUID]) -> dict[UUID, Case]:
    """In the order of the ids."""
    found = Case.objects.in_bulk(list(case_ids))
    return {pk: found[pk] for pk in case_ids if pk in found}


def within_reach(user: User, references: Collection[str]) -> frozenset[str]:
    return frozenset(reachable(user).filter(reference__in=references).values_list("reference", flat=True))


def partner_labels(partner_ids: Collection[str]) -> dict[str, dict[str, str]]:
    rows = PartnerOrganisation.objects.filter(pk__in=partner_ids).values_list("pk", "body__labels")
    return {str(pk): labels for pk, labels in rows}
