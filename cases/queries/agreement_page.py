"""One agreement as staff read it: its versions, who relies on it; and what depends on the memorandum."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import F, Q

from cases.models import Agreement, AgreementVersion, ApprovalRequest, PartnerOrganisation, Referral, User
from cases.queries.approvals import pending_for
from cases.queries.directory import AgreementState, state_of
from cases.queries.reach import reachable
from cases.workflow import LOAD, CaseState
from intake.queries import consents_in_force

MOST = 50
_COLUMNS = ("reference", "urgency", "state", "report_id", "category__labels", "received_at")
_BEFORE_OFFER = (CaseState.TRIAGE, CaseState.ROUTING, CaseState.UNROUTED)


@dataclass(frozen=True, slots=True)
class AgreementPage:
    agreement: Agreement
    state: AgreementState
    versions: Sequence[AgreementVersion]  # the newest first
    running: int  # open referrals of the reader's side that rely on it
    pending: ApprovalRequest | None

    @property
    def newest(self) -> AgreementVersion:
        return self.versions[0]


@dataclass(frozen=True, slots=True)
class Across:
    """What depends on the memorandum: cases at partners of the other side, and cases that could be offered there."""

    running: Sequence[Referral]
    could_be_offered: Sequence[Any]


def agreement_page(user: User, slug: str, now: datetime) -> AgreementPage | None:
    """Of the own side or a memorandum; four statements."""
    rows = Agreement.objects.filter(Q(side=user.side) | Q(side=""), slug=slug).select_related("partner__body")
    agreement = rows.defer("partner__phone").first()
    versions = list(agreement.versions.order_by("-number")) if agreement else []
    if agreement is None or not versions:
        return None
    for version in versions:
        version.agreement = agreement
    relies = Q(agreement_version__agreement=agreement) | Q(memorandum_version__agreement=agreement)
    running = Referral.objects.filter(relies, state__in=LOAD, case__side=user.side).count()
    return AgreementPage(agreement, state_of(versions, now), versions, running, pending_for(agreement.pk, now))


def partners_to_choose(side: str) -> list[PartnerOrganisation]:
    rows = PartnerOrganisation.objects.filter(side=side, is_active=True, is_practice=False)
    return list(rows.select_related("body").defer("phone").order_by("slug"))


def needs_memorandum(user: User) -> Across:
    """Of the own side, the most urgent first. Three statements."""
    crosses = ~Q(partner__side=F("case__side")) | Q(memorandum_version__isnull=False)
    running = Referral.objects.filter(crosses, state__in=LOAD, case__in=reachable(user), case__is_practice=False)
    running = running.select_related("case", "partner__body").defer("partner__phone", "case__summary", "note")
    waiting = reachable(user).filter(state__in=_BEFORE_OFFER, is_practice=False).order_by("urgency", "received_at")
    rows = list(waiting.select_related("category").only(*_COLUMNS)[:MOST])
    consents = consents_in_force(row.report_id for row in rows)
    allowed = [row for row in rows if consents[row.report_id].cross_border and consents[row.report_id].allows_offer]
    return Across(list(running.order_by("case__urgency", "pk")[:MOST]), allowed)
