"""From facts to a proposal: who is eligible and in which order, and why not each other one. Pure; changes nothing."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import Any, NamedTuple
from uuid import UUID

from cases.routing.ranking import Ranked, rank
from cases.routing.requirements import check
from cases.routing.reserve import next_step
from cases.routing.snapshot import AnswerRecord, CaseFacts, PartnerFacts
from cases.routing.terms import TERMS, Terms

RULES_VERSION = "routing-3"  # changes with every change of a requirement or of the ranking
STORED_RANKED = 20
SHORTLIST = 50  # among whom the answer record decides
PROPOSED = 3  # to a caseworker
PAIR = 2  # a U1 case is offered to two partners at once


_ELSEWHERE, _NO_SERVICE = ("out_of_area",), ("no_service",)


class Rejected(NamedTuple):
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

    settings: int = 0  # the version of the settings it was ranked by
    again_at: datetime | None = None  # somebody could take it, but every place is kept for urgent cases

    def best(self, number: int) -> list[UUID]:
        """Those whose places are kept for urgent cases are not among them."""
        return [one.partner_id for one in self.ranked if not one.is_held][:number]

    def still_eligible(self, chosen: Iterable[str]) -> list[UUID]:
        """Of these, in their order, the partners that still pass every requirement."""
        eligible = {str(one.partner_id): one.partner_id for one in self.ranked}
        return [eligible[partner_id] for partner_id in chosen if partner_id in eligible]

    def stored(self) -> dict[str, list[dict[str, Any]]]:
        """For RoutingDecision: codes, ids and numbers only."""
        return {
            "ranked": [
                {
                    "partner": str(one.partner_id),
                    "score": one.score,
                    "parts": dict(one.parts),
                    "closed": one.is_closed,
                    "price": one.price,
                    "held": one.is_held,
                }
                for one in self.ranked[:STORED_RANKED]
            ],
            "rejected": [{"partner": str(one.partner_id), "reasons": list(one.reasons)} for one in self.rejected],
        }


def sift(
    case: CaseFacts, partners: Iterable[PartnerFacts], everybody: Iterable[tuple[UUID, bool]], now: datetime
) -> Sifted:
    """Splits by the hard requirements. `everybody`: each partner, and whether it has a service for the category.

    Whoever of them is not among `partners` works elsewhere or has no such service, and needs no closer look.
    """
    eligible, reasons = [], {}
    for partner in partners:
        reasons[partner.id] = check(case, partner, now)
        if not reasons[partner.id]:
            eligible.append(partner)
    rejected = [Rejected(partner_id, why) for partner_id, why in reasons.items() if why]
    rejected += [
        Rejected(partner_id, _ELSEWHERE if offers else _NO_SERVICE)
        for partner_id, offers in everybody
        if partner_id not in reasons
    ]
    rejected.sort(key=_number)
    return Sifted(tuple(eligible), tuple(rejected))


def _number(one: Rejected) -> int:
    return one.partner_id.int  # of a thousand partners: comparing numbers is twenty times faster than comparing UUIDs


def shortlist(case: CaseFacts, sifted: Sifted, now: datetime, terms: Terms = TERMS) -> list[UUID]:
    """Of whom the answer record is looked up: those that fit best without it."""
    if len(sifted.eligible) <= SHORTLIST:
        return [partner.id for partner in sifted.eligible]
    return [one.partner_id for one in rank(case, sifted.eligible, now, records={}, terms=terms)[:SHORTLIST]]


def propose(
    case: CaseFacts,
    sifted: Sifted,
    now: datetime,
    *,
    records: Mapping[UUID, AnswerRecord],
    terms: Terms = TERMS,
) -> Proposal:
    """`records`: of the shortlist; whoever is not on it comes after whoever is."""
    known = [partner for partner in sifted.eligible if partner.id in records]
    unknown = [partner for partner in sifted.eligible if partner.id not in records]
    in_turn = (rank(case, some, now, records=records, terms=terms) for some in (known, unknown))
    ranked = tuple(chain.from_iterable(in_turn))
    return Proposal(ranked, sifted.rejected, terms.version, _again_at(case, ranked, now, terms))


def _again_at(case: CaseFacts, ranked: Sequence[Ranked], now: datetime, terms: Terms) -> datetime | None:
    if not ranked or case.waiting_since is None or not all(one.is_held for one in ranked):
        return None
    return next_step(case.urgency, case.waiting_since, now, terms.reserve)


def offers_at_once(urgency: int) -> int:
    return PAIR if urgency == 1 else 1
