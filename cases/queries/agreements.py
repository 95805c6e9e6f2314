"""Agreements as they stand at one moment: which version is in force, and what it covers (domain.md §7)."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q

from cases.models import Agreement, AgreementVersion


@dataclass(frozen=True, slots=True)
class AgreementTerms:
    """The version of an agreement in force. No countries or categories: all. Data groups are named one by one."""

    version_id: UUID
    under_memorandum: bool
    countries: frozenset[str]
    categories: frozenset[str]
    data_groups: frozenset[str]

    def covers(self, country: str, category: str) -> bool:
        return (not self.countries or country in self.countries) and (
            not self.categories or category in self.categories
        )

    def covers_data(self, groups: frozenset[str]) -> bool:
        return groups <= self.data_groups


@dataclass(frozen=True, slots=True)
class AgreementsInForce:
    memorandum: AgreementTerms | None
    by_partner: Mapping[UUID, tuple[AgreementTerms, ...]]


def agreements_in_force(partner_ids: Collection[UUID], now: datetime) -> AgreementsInForce:
    """The links of the chain for these partners, in one query. A partner without any has no key."""
    wanted = Q(agreement__kind=Agreement.Kind.MEMORANDUM) | Q(agreement__partner__in=partner_ids)
    by_partner: dict[UUID, list[AgreementTerms]] = defaultdict(list)
    memoranda: list[AgreementVersion] = []
    for version in _in_force(_versions(wanted, now), now):
        partner = version.agreement.partner
        if partner is None:
            memoranda.append(version)
        elif version.agreement.side == partner.side:  # a partner belongs to the side with which it has its agreement
            by_partner[partner.pk].append(_terms(version))
    return AgreementsInForce(
        memorandum=_newest(memoranda), by_partner={partner: tuple(terms) for partner, terms in by_partner.items()}
    )


def memorandum_in_force(now: datetime) -> AgreementTerms | None:
    """The memorandum between the two bodies, on this day of its own time zone; None when there is none or it lapsed."""
    return _newest(_in_force(_versions(Q(agreement__kind=Agreement.Kind.MEMORANDUM), now), now))


def _versions(wanted: Q, now: datetime) -> Iterable[AgreementVersion]:
    return (
        AgreementVersion.objects.filter(wanted)
        .select_related("agreement__partner")
        .only(
            "number",
            "valid_from",
            "valid_until",
            "timezone",
            "countries",
            "categories",
            "data_groups",
            "agreement__under_memorandum",
            "agreement__side",
            "agreement__partner__side",
        )
        .order_by("agreement", "-number")
    )


def _in_force(versions: Iterable[AgreementVersion], now: datetime) -> list[AgreementVersion]:
    """Per agreement the newest version that has begun, if it has not ended.

    An amendment replaces what it amends: when it ends early, the longer date of the version before does not come back.
    """
    decided: set[UUID] = set()
    in_force = []
    for version in versions:
        if version.agreement_id in decided or version.local_day(now) < version.valid_from:
            continue
        decided.add(version.agreement_id)
        if version.is_valid(now):
            in_force.append(version)
    return in_force


def _newest(memoranda: list[AgreementVersion]) -> AgreementTerms | None:
    newest = max(memoranda, key=lambda version: (version.valid_from, version.pk), default=None)
    return None if newest is None else _terms(newest)


def _terms(version: AgreementVersion) -> AgreementTerms:
    return AgreementTerms(
        version_id=version.pk,
        under_memorandum=version.agreement.under_memorandum,
        countries=frozenset(version.countries),
        categories=frozenset(version.categories),
        data_groups=frozenset(version.data_groups),
    )
