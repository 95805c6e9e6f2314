"""Agreements as they stand at one moment: which version is in force, and what it covers (domain.md §7)."""

import logging
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.db.models import F, Q

from cases.models import Agreement, AgreementVersion

logger = logging.getLogger(__name__)
_IS_MEMORANDUM = Q(agreement__kind=Agreement.Kind.MEMORANDUM)


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
    # A partner belongs to the side with which it has its agreement: one with the other side is not its own.
    its_own = Q(agreement__partner__in=partner_ids, agreement__side=F("agreement__partner__side"))
    by_partner: dict[UUID, list[AgreementTerms]] = defaultdict(list)
    memoranda = []
    for version in _in_force(its_own | _IS_MEMORANDUM, now):
        if version.partner_id is None:
            memoranda.append(version)
        else:
            by_partner[version.partner_id].append(_terms(version))
    return AgreementsInForce(
        memorandum=_newest(memoranda), by_partner={partner: tuple(terms) for partner, terms in by_partner.items()}
    )


def memorandum_in_force(now: datetime) -> AgreementTerms | None:
    """The memorandum between the two bodies, on this day of its own time zone; None when there is none or it lapsed."""
    return _newest(_in_force(_IS_MEMORANDUM, now))


def lets_data_flow(in_force: AgreementsInForce, partner_id: UUID, *, crosses: bool) -> bool:
    """Whether some chain to this partner is whole; `crosses`: from a case of the other side."""
    own = in_force.by_partner.get(partner_id, ())
    return any(in_force.memorandum or not (crosses or terms.under_memorandum) for terms in own)


class _Version(NamedTuple):
    agreement_id: UUID
    partner_id: UUID | None
    under_memorandum: bool
    id: UUID
    valid_from: date
    valid_until: date
    timezone: str
    countries: list[str]
    categories: list[str]
    data_groups: list[str]


def _in_force(wanted: Q, now: datetime) -> list[_Version]:
    """Per agreement the newest version that has begun, if it has not ended.

    An amendment replaces what it amends: when it ends early, the longer date of the version before does not come back.
    """
    columns = ("agreement", "agreement__partner", "agreement__under_memorandum", *_Version._fields[3:])
    rows = AgreementVersion.objects.filter(wanted).order_by("agreement", "-number").values_list(*columns)
    decided: set[UUID] = set()
    in_force = []
    for version in map(_Version._make, rows):
        today = _today(version, now)
        if version.agreement_id in decided or today is None or today < version.valid_from:
            continue
        decided.add(version.agreement_id)
        if today <= version.valid_until:
            in_force.append(version)
    return in_force


def _today(version: _Version, now: datetime) -> date | None:
    """In the version's own time zone. A zone that nobody knows puts this version out of force and stops no other."""
    try:
        return now.astimezone(ZoneInfo(version.timezone)).date()
    except (ValueError, ZoneInfoNotFoundError):
        logger.error("time zone of agreement version %s cannot be read", version.id)
        return None


def _newest(memoranda: list[_Version]) -> AgreementTerms | None:
    newest = max(memoranda, key=lambda version: (version.valid_from, version.id), default=None)
    return None if newest is None else _terms(newest)


def _terms(version: _Version) -> AgreementTerms:
    return AgreementTerms(
        version_id=version.id,
        under_memorandum=version.under_memorandum,
        countries=frozenset(version.countries),
        categories=frozenset(version.categories),
        data_groups=frozenset(version.data_groups),
    )
