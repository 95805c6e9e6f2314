"""Requests that wait for a second person, as each reader may see them: of another side's case an offer's facts only."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet

from cases.models import Agreement, Approval, ApprovalRequest, Case, PartnerOrganisation, Recusal, User
from cases.models.approval import ApprovalKind, Needs
from cases.permissions import may
from cases.queries.second_person import sides_without_approver
from cases.workflow import ENDED_CASES
from intake.encryption import DataKey
from intake.vocabulary import Side

MOST = 200
_FACTS = ("reference", "urgency", "category__labels", "region__labels", "country__labels", "language__labels", "side")
# What a person must be allowed on the own side for the yes to count.
APPROVING: Mapping[str, str] = {
    ApprovalKind.MEMORANDUM: "approve_agreement",
    ApprovalKind.PARTNER_AGREEMENT: "approve_agreement",
    ApprovalKind.CASE_TRANSFER: "approve_transfer",
}


@dataclass(frozen=True, slots=True)
class Waiting:
    """`facts` of a case, whichever side it is of: what an offer to a partner would show, and nothing more."""

    request: ApprovalRequest
    approvals: Sequence[Approval]
    agreement: Agreement | None
    partner: PartnerOrganisation | None
    facts: dict[str, Any] | None
    may_approve: bool  # this reader's yes would count and is not given yet
    is_own: bool  # this reader asked
    is_own_case: bool
    lacking: Sequence[Side] = ()  # sides on which nobody is left who could agree


def waiting_approvals(user: User, now: datetime) -> list[Waiting]:
    """What waits and concerns this reader, the oldest first. Seven statements, however many they are."""
    rows = list(_visible(user, now).order_by("asked_at", "pk")[:MOST])
    agreements = {row.pk: row for row in Agreement.objects.filter(pk__in=[row.subject for row in rows])}
    partners = _partners(rows, agreements)
    cases = {row["pk"]: row for row in Case.objects.filter(pk__in=_cases(rows)).values("pk", *_FACTS)}
    people = list(User.objects.filter(is_active=True).only("pk", "side", "roles", "is_active")) if rows else []
    out = _stepped_back(rows)
    return [
        replace(
            _waiting(row, user, agreements, partners, cases),
            lacking=sides_without_approver(
                row, APPROVING[row.kind], list(row.approvals.all()), people, out.get(row.case_id, ())
            ),
        )
        for row in rows
    ]


def pending_for(subject: UUID, now: datetime) -> ApprovalRequest | None:
    """The open request about this agreement or case."""
    rows = ApprovalRequest.objects.filter(subject=subject, state="open").exclude(expires_at__lte=now)
    return rows.select_related("asked_by").defer("asked_by__phone").first()


def stated_transfer(case: Case, key: DataKey | None, now: datetime) -> tuple[ApprovalRequest, str] | None:
    """The open transfer of the case with its reason opened, for the side that asked. Two statements."""
    found = ApprovalRequest.objects.filter(case=case, state="open").exclude(expires_at__lte=now)
    request = found.select_related("asked_by").defer("asked_by__phone").prefetch_related("approvals").first()
    if request is None:
        return None
    return request, (request.unseal(key, "reason") or "") if key else ""


def _visible(user: User, now: datetime) -> QuerySet[ApprovalRequest]:
    kinds = [kind for kind, action in APPROVING.items() if may(user, action)]
    of_side = ~Q(kind=ApprovalKind.PARTNER_AGREEMENT) | Q(side=user.side)
    known = Exists(Recusal.objects.filter(case=OuterRef("case"), user=user))
    given = Prefetch("approvals", Approval.objects.filter(lapsed_at__isnull=True).select_related("user"))
    rows = ApprovalRequest.objects.filter(of_side, kind__in=kinds, state=ApprovalRequest.State.OPEN)
    rows = rows.exclude(expires_at__lte=now).exclude(known)
    rows = rows.exclude(case__state__in=ENDED_CASES)  # of a person who took it back, say, the other side learns no more
    return rows.select_related("asked_by").defer("asked_by__phone", "reason").prefetch_related(given)


def _waiting(row: ApprovalRequest, user: User, agreements: Any, partners: Any, cases: Any) -> Waiting:
    given = list(row.approvals.all())
    has_agreed = any(
        one.user_id == user.pk or (row.needs == Needs.EACH_SIDE and one.side == user.side) for one in given
    )
    agreement = agreements.get(row.subject)
    named = row.change.get("partner") or (str(agreement.partner_id) if agreement else "")
    return Waiting(
        request=row,
        approvals=given,
        agreement=agreement,
        partner=partners.get(named),
        facts=cases.get(row.case_id),
        may_approve=not has_agreed,
        is_own=row.asked_by_id == user.pk,
        is_own_case=row.case_id is not None and cases[row.case_id]["side"] == user.side,
    )


def _stepped_back(rows: Sequence[ApprovalRequest]) -> dict[UUID | None, set[UUID]]:
    found: dict[UUID | None, set[UUID]] = {}
    for case_id, user_id in Recusal.objects.filter(case__in=_cases(rows)).values_list("case", "user"):
        found.setdefault(case_id, set()).add(user_id)
    return found


def _cases(rows: Sequence[ApprovalRequest]) -> list[UUID]:
    return [row.case_id for row in rows if row.case_id is not None]


def _partners(rows: Sequence[ApprovalRequest], agreements: Any) -> dict[str, PartnerOrganisation]:
    wanted = {row.change["partner"] for row in rows if row.change.get("partner")}
    wanted |= {str(one.partner_id) for one in agreements.values() if one.partner_id}
    found = PartnerOrganisation.objects.filter(pk__in=wanted).select_related("body").defer("phone")
    return {str(partner.pk): partner for partner in found}
