"""The directory of partners and agreements as staff read it: services, areas, languages, load, days left."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Prefetch

from cases.models import (
    Agreement,
    AgreementVersion,
    PartnerClient,
    PartnerLanguage,
    PartnerOrganisation,
    Service,
    ServiceArea,
)
from cases.queries.partners import load_column

WARN_DAYS = 90


@dataclass(frozen=True, slots=True)
class AgreementState:
    """The version that counts on this day of its own zone: the newest that has begun, else the first to begin."""

    agreement: Agreement
    version: AgreementVersion
    state: str  # valid | ending | ended | coming
    days_left: int  # until and without the last valid day; negative once ended


@dataclass(frozen=True, slots=True)
class DirectoryEntry:
    partner: PartnerOrganisation
    load: int
    is_paused: bool
    agreement: AgreementState | None

    @property
    def free(self) -> int:
        return max(0, self.partner.capacity - self.load)


def directory(*, side: str, now: datetime) -> list[DirectoryEntry]:
    """Partners that have their agreement with this side; six statements however many they are."""
    states = agreement_states(now)
    return [_entry(partner, states, now) for partner in _partners(now).filter(side=side)]


def directory_entry(*, side: str, slug: str, now: datetime) -> DirectoryEntry | None:
    partner = _partners(now).filter(side=side, slug=slug).first()
    return None if partner is None else _entry(partner, agreement_states(now), now)


def clients_of(partner: PartnerOrganisation) -> Sequence[PartnerClient]:
    return list(PartnerClient.objects.filter(partner=partner).order_by("revoked_at", "-created").defer("client_secret"))


def agreement_states(now: datetime) -> list[AgreementState]:
    """Every agreement; the memorandum first, then whatever ends soonest."""
    versions = AgreementVersion.objects.select_related("agreement__partner__body").defer("agreement__partner__phone")
    by_agreement: dict[UUID, list[AgreementVersion]] = {}
    for version in versions.order_by("agreement", "number"):
        by_agreement.setdefault(version.agreement_id, []).append(version)
    states = [state_of(rows, now) for rows in by_agreement.values()]
    return sorted(states, key=lambda one: (one.agreement.kind != Agreement.Kind.MEMORANDUM, one.days_left))


def state_of(versions: Sequence[AgreementVersion], now: datetime) -> AgreementState:
    """Of the versions of one agreement, in any order."""
    by_number = sorted(versions, key=lambda version: version.number)
    begun = [version for version in by_number if version.valid_from <= version.local_day(now)]
    return _state(begun[-1] if begun else by_number[0], now)


def memorandum_state(states: Sequence[AgreementState]) -> AgreementState | None:
    """The memorandum that reaches furthest among those in force, else the one that ended last; None without any."""
    memoranda = [one for one in states if one.agreement.kind == Agreement.Kind.MEMORANDUM]
    return max(memoranda, key=lambda one: (one.state in {"valid", "ending"}, one.days_left), default=None)


def _state(version: AgreementVersion, now: datetime) -> AgreementState:
    today = version.local_day(now)
    days = (version.valid_until - today).days
    if today < version.valid_from:
        state = "coming"
    elif days < 0:
        state = "ended"
    else:
        state = "ending" if days <= WARN_DAYS else "valid"
    return AgreementState(version.agreement, version, state, days)


def _partners(now: datetime) -> Any:
    return (
        PartnerOrganisation.objects.filter(is_practice=False)
        .select_related("body", "country")
        .defer("phone", "duty_phone")
        .annotate(load_now=load_column())
        .prefetch_related(
            Prefetch("services", Service.objects.select_related("category").order_by("category__order")),
            Prefetch("areas", ServiceArea.objects.select_related("country", "region").order_by("country", "region")),
            Prefetch(
                "languages", PartnerLanguage.objects.select_related("language").order_by("by_interpreter", "language")
            ),
        )
        .order_by("slug")
    )


def _entry(partner: Any, states: Sequence[AgreementState], now: datetime) -> DirectoryEntry:
    own = [one for one in states if one.agreement.partner_id == partner.pk]
    best = max(own, key=lambda one: (one.state in {"valid", "ending"}, one.days_left), default=None)
    return DirectoryEntry(partner, partner.load_now, is_paused(partner, now), best)


def is_paused(partner: PartnerOrganisation, now: datetime) -> bool:
    """The last day of a pause belongs to it, in the partner's own zone."""
    until = partner.paused_until
    return until is not None and now.astimezone(ZoneInfo(partner.timezone)).date() <= until
