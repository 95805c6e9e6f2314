"""From facts to a proposal: who is eligible and in which order, and why not each other one. Pure; changes nothing."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from cases.routing.ranking import WEIGHTS, Ranked, Weights, rank
from cases.routing.requirements import check
from cases.routing.snapshot import AnswerRecord, CaseFacts, PartnerFacts

RULES_VERSION = "routing-1"  # changes with every change of a requirement or of the ranking
STORED_RANKED = 20
PROPOSED = 3  # to a caseworker
PAIR = 2  # a U1 case is offered to two partners at once


@dataclass(frozen=True, slots=True)
class Rejected:
    partner_id: UUID
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sifted:
    eligible: tuple[PartnerFacts, ...]
    rejected: tuple[Rejected, ...]


@dataclass(frozen=True, slots=True)
class Proposal:
    ranked: tuple[Ranked, ...]
    rejected: tuple[Rejected, ...]

    def best(self, number: int) -> list[UUID]:
        return [one.partner_id for one in self.ranked[:number]]

    def still_eligible(self, chosen: Iterable[str]) -> list[UUID]:
        """Of these, in their order, the partners that still pass every requirement."""
        eligible = {str(one.partner_id): one.partner_id for one in self.ranked}
        return [eligible[partner_id] for partner_id in chosen if partner_id in eligible]

    def stored(self) -> dict[str, list[dict[str, Any]]]:
        """For RoutingDecision: codes, ids and numbers only."""
        return {
            "ranked": [
                {"partner": str(one.partner_id), "score": one.score, "parts": dict(one.parts), "closed": one.is_closed}
                for one in self.ranked[:STORED_RANKED]
            ],
            "rejected": [{"partner": str(one.partner_id), "reasons": list(one.reasons)} for one in self.rejected],
        }


def sift(case: CaseFacts, partners: Iterable[PartnerFacts], without_service: Collection[UUID], now: datetime) -> Sifted:
    """Splits the partners by the hard requirements. `without_service` are known to have nothing for the category."""
    eligible, rejected = [], []
    for partner in partners:
        reasons = check(case, partner, now)
        if reasons:
            rejected.append(Rejected(partner.id, reasons))
        else:
            eligible.append(partner)
    rejected.extend(Rejected(partner_id, ("no_service",)) for partner_id in without_service)
    return Sifted(tuple(eligible), tuple(sorted(rejected, key=lambda one: one.partner_id)))


def propose(
    case: CaseFacts,
    sifted: Sifted,
    now: datetime,
    *,
    records: Mapping[UUID, AnswerRecord],
    weights: Weights = WEIGHTS,
) -> Proposal:
    return Proposal(rank(case, sifted.eligible, now, records=records, weights=weights), sifted.rejected)


def offers_at_once(urgency: int) -> int:
    return PAIR if urgency == 1 else 1
