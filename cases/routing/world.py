"""All partners at one moment, and a decision among them by the requirements and ranking of a real offer. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from cases.routing.propose import Proposal, propose, shortlist, sift
from cases.routing.ranking import NO_RECORD
from cases.routing.snapshot import AnswerRecord, CaseFacts, PartnerFacts, ServiceFacts
from cases.routing.terms import TERMS, Terms


@dataclass(frozen=True, slots=True)
class Known:
    """One partner: `facts` hold everything but the service, which depends on the category."""

    slug: str
    facts: PartnerFacts
    services: Mapping[str, ServiceFacts]

    def facing(self, category: str) -> PartnerFacts:
        return replace(self.facts, service=self.services.get(category))

    def works_in(self, country: str, region: str | None) -> bool:
        return any(area.covers(country, region) for area in self.facts.areas)


@dataclass(frozen=True, slots=True)
class World:
    """`agreements`: the slug of the agreement of each version."""

    partners: tuple[Known, ...]  # by id
    records: Mapping[UUID, AnswerRecord]
    agreements: Mapping[UUID, str]

    def by_slug(self, slug: str) -> Known | None:
        return next((one for one in self.partners if one.slug == slug), None)

    def of_side(self, side: str) -> "World":
        return replace(self, partners=tuple(one for one in self.partners if one.facts.side == side))

    def with_partner(self, changed: Known) -> "World":
        same = changed.facts.id
        return replace(self, partners=tuple(changed if one.facts.id == same else one for one in self.partners))


def decide_in(
    world: World, case: CaseFacts, now: datetime, *, taken: frozenset[UUID] = frozenset(), terms: Terms = TERMS
) -> Proposal:
    """As `situation.decide`, without a statement. `taken`: partners with a place that this very case takes today."""
    near = [
        _without_place(one.facing(case.category), taken)
        for one in world.partners
        if case.category in one.services and one.works_in(case.country, case.region)
    ]
    everybody = [(one.facts.id, case.category in one.services) for one in world.partners]
    sifted = sift(case, near, everybody, now)
    records = {pk: world.records.get(pk, NO_RECORD) for pk in shortlist(case, sifted, now, terms)}
    return propose(case, sifted, now, records=records, terms=terms)


def _without_place(partner: PartnerFacts, taken: frozenset[UUID]) -> PartnerFacts:
    return replace(partner, load=max(0, partner.load - 1)) if partner.id in taken else partner
