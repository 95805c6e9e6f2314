"""A proposed change of what routing decides on, and the partners as they would be then. Pure.

A new kind of change is one class here and one reader in read_change.py.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from cases.models import RoutingPolicy
from cases.partner_sheet import Area, PartnerSheet
from cases.queries.agreements import AgreementTerms
from cases.routing.situation import Hours
from cases.routing.snapshot import AreaFacts, PartnerFacts, ServiceFacts
from cases.routing.terms import Terms
from cases.routing.world import Known, World


class Change:
    """What it does not override stays as it is today."""

    __slots__ = ()

    def apply(self, world: World) -> World:
        """The partners as they would be."""
        return world

    def is_automatic(self, category: str, urgency: int, today: bool) -> bool:
        """Whether the system would offer by itself; `today`: whether it does."""
        return today

    def ranked_by(self, today: Terms) -> Terms:
        """By which partners would be ranked."""
        return today


@dataclass(frozen=True, slots=True)
class PartnerChange(Change):
    """What is None or empty stays as it is."""

    slug: str
    capacity: int | None = None
    is_active: bool | None = None
    paused_until: date | None = None
    unpause: bool = False
    add_services: frozenset[str] = frozenset()
    drop_services: frozenset[str] = frozenset()
    add_areas: tuple[Area, ...] = ()
    drop_areas: frozenset[tuple[str, str | None]] = frozenset()
    add_languages: frozenset[str] = frozenset()
    drop_languages: frozenset[str] = frozenset()

    def apply(self, world: World) -> World:
        one = world.by_slug(self.slug)
        return (
            world if one is None else world.with_partner(replace(one, facts=self._facts(one), services=self._of(one)))
        )

    def _of(self, one: Known) -> Mapping[str, ServiceFacts]:
        added = {code: one.services.get(code, ServiceFacts()) for code in self.add_services}
        kept = {code: facts for code, facts in one.services.items() if code not in self.drop_services}
        return kept | added

    def _facts(self, one: Known) -> PartnerFacts:
        old = one.facts
        kept = [area for area in old.areas if (area.country, area.region) not in self.drop_areas]
        there = {(area.country, area.region) for area in kept}
        added = [AreaFacts(*area) for area in self.add_areas if area[:2] not in there]
        return replace(
            old,
            capacity=old.capacity if self.capacity is None else self.capacity,
            is_active=old.is_active if self.is_active is None else self.is_active,
            paused_until=None if self.unpause else self.paused_until or old.paused_until,
            areas=(*kept, *added),
            languages=(old.languages - self.drop_languages) | self.add_languages,
            interpreter_languages=old.interpreter_languages - self.drop_languages - self.add_languages,
        )


@dataclass(frozen=True, slots=True)
class AgreementEnds(Change):
    """As on the day after its last one. With a memorandum's slug: nobody has one any more."""

    slug: str

    def apply(self, world: World) -> World:
        versions = frozenset(pk for pk, slug in world.agreements.items() if slug == self.slug)
        return replace(
            world, partners=tuple(replace(one, facts=_without(one.facts, versions)) for one in world.partners)
        )


@dataclass(frozen=True, slots=True)
class AgreementBegins(Change):
    """One more agreement with the partner, in force now. No countries or categories: all."""

    slug: str  # of the partner
    terms: AgreementTerms

    def apply(self, world: World) -> World:
        one = world.by_slug(self.slug)
        if one is None:
            return world
        return world.with_partner(
            replace(one, facts=replace(one.facts, agreements=(*one.facts.agreements, self.terms)))
        )


@dataclass(frozen=True, slots=True)
class AgreementScope(Change):
    """Other countries and categories for an agreement that is in force."""

    slug: str
    countries: frozenset[str]
    categories: frozenset[str]

    def apply(self, world: World) -> World:
        versions = frozenset(pk for pk, slug in world.agreements.items() if slug == self.slug)

        def amended(terms: AgreementTerms) -> AgreementTerms:
            is_it = terms.version_id in versions
            return replace(terms, countries=self.countries, categories=self.categories) if is_it else terms

        def facts(old: PartnerFacts) -> PartnerFacts:
            memorandum = None if old.memorandum is None else amended(old.memorandum)
            return replace(old, agreements=tuple(map(amended, old.agreements)), memorandum=memorandum)

        return replace(world, partners=tuple(replace(one, facts=facts(one.facts)) for one in world.partners))


@dataclass(frozen=True, slots=True)
class PolicyChange(Change):
    """Who decides, for one category and urgency."""

    category: str
    urgency: int
    mode: str

    def is_automatic(self, category: str, urgency: int, today: bool) -> bool:
        is_it = (category, urgency) == (self.category, self.urgency)
        return self.mode == RoutingPolicy.Mode.AUTOMATIC if is_it else today


@dataclass(frozen=True, slots=True)
class SheetChange(Change):
    """A partner as somebody has it on the page where it is edited: all of its sheet. `hours`: as the sheet's are."""

    slug: str
    sheet: PartnerSheet
    hours: Hours

    def apply(self, world: World) -> World:
        one = world.by_slug(self.slug)
        if one is None:
            return world
        services = {
            code: ServiceFacts(
                subcodes=frozenset(service.subcodes),
                age_bands=frozenset(service.age_bands),
                genders=frozenset(service.genders),
                child_safeguarding=service.child_safeguarding,
                is_specialised=service.is_specialised,
            )
            for code, service in self.sheet.services.items()
        }
        facts = replace(
            one.facts,
            capacity=self.sheet.capacity,
            is_active=self.sheet.is_active,
            calendar=self.hours.calendar,
            opens_at=self.hours.opens_at,
            areas=tuple(AreaFacts(*area) for area in self.sheet.areas),
            languages=frozenset(self.sheet.languages),
            interpreter_languages=frozenset(self.sheet.interpreter_languages),
        )
        return world.with_partner(replace(one, facts=facts, services=services))


@dataclass(frozen=True, slots=True)
class SettingsChange(Change):
    """Other weights, worths, strength or reserve. `tried` carries the prices that places would have then."""

    tried: Terms

    def ranked_by(self, today: Terms) -> Terms:
        return replace(self.tried, version=today.version)


def _without(facts: PartnerFacts, versions: frozenset[UUID]) -> PartnerFacts:
    agreements = tuple(terms for terms in facts.agreements if terms.version_id not in versions)
    ends = facts.memorandum is not None and facts.memorandum.version_id in versions
    return replace(facts, agreements=agreements, memorandum=None if ends else facts.memorandum)
