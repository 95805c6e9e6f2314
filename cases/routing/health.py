"""Which category, in which place and language, nobody could take now: before anyone's report falls into the hole. Pure.

The requirements are those of routing, asked of a case of which nothing is known but these; a partner is asked once for
a category and country, not once for each cell.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import IntEnum

from cases.routing.requirements import check
from cases.routing.snapshot import CaseFacts
from cases.routing.world import Known, World
from intake.queries import ConsentInForce

_ANY_DAY = timedelta(days=60)  # the hour of asking is not to count: only who never opens is closed
_OF_THE_PLACE = frozenset({"out_of_area", "no_common_language"})


class Mark(IntEnum):
    """From the worst to the best."""

    NOBODY = 0
    FULL = 1  # somebody would, and has no free place
    PARTLY = 2  # only for some kinds of it
    COVERED = 3


@dataclass(frozen=True, slots=True)
class Place:
    """`region` None: the person did not say it, so only a whole country counts."""

    country: str
    region: str | None


Cell = tuple[str, Place, str]  # category, place, language


@dataclass(frozen=True, slots=True)
class Coverage:
    categories: Sequence[str]
    places: Sequence[Place]
    languages: Sequence[str]
    marks: Mapping[Cell, Mark] = field(repr=False)  # a cell that is not there: nobody

    def mark(self, category: str, place: Place, language: str) -> Mark:
        return self.marks.get((category, place, language), Mark.NOBODY)

    def holes(self) -> int:
        """Cells with nobody at all."""
        return len(self.categories) * len(self.places) * len(self.languages) - sum(
            mark > Mark.NOBODY for mark in self.marks.values()
        )


def coverage(
    world: World,
    *,
    side: str,
    categories: Mapping[str, int],
    places: Sequence[Place],
    languages: Collection[str],
    now: datetime,
) -> Coverage:
    """By the partners of one side. `categories`: the default urgency of each."""
    marks: dict[Cell, Mark] = {}
    wanted = frozenset(languages)
    for partner in world.of_side(side).partners:
        for category, mark, country in _takes(partner, categories, {place.country for place in places}, now):
            here = [one for one in places if one.country == country and partner.works_in(country, one.region)]
            for language in _spoken(partner) & wanted:
                for place in here:
                    cell = (category, place, language)
                    marks[cell] = max(mark, marks.get(cell, Mark.NOBODY))
    return Coverage(tuple(categories), tuple(places), tuple(languages), marks)


def takers(world: World, category: str, urgency: int, countries: Collection[str], now: datetime) -> set[str]:
    """Slugs of the partners that could take something of the category somewhere in some language, full or not."""
    return {
        partner.slug
        for partner in world.partners
        if _spoken(partner) and any(_takes(partner, {category: urgency}, countries, now))
    }


def only_here(
    world: World, slug: str, categories: Mapping[str, int], countries: Collection[str], now: datetime
) -> set[str]:
    """Categories which this partner alone could take: without it, there is nobody."""
    return {code for code, urgency in categories.items() if takers(world, code, urgency, countries, now) == {slug}}


def _takes(
    partner: Known, categories: Mapping[str, int], countries: Collection[str], now: datetime
) -> Iterator[tuple[str, Mark, str]]:
    for category, service in partner.services.items():
        if category not in categories:
            continue
        for country in sorted({area.country for area in partner.facts.areas} & set(countries)):
            subcode = min(service.subcodes, default="")
            case = any_case(partner.facts.side, category, categories[category], country, now)
            mark = _mark(partner, replace(case, subcode=subcode), now)
            if mark > Mark.NOBODY:
                yield category, mark, country


def _mark(partner: Known, case: CaseFacts, now: datetime) -> Mark:
    reasons = set(check(case, partner.facing(case.category), now)) - _OF_THE_PLACE
    if reasons:
        return Mark.FULL if reasons == {"no_free_capacity"} else Mark.NOBODY
    return Mark.PARTLY if case.subcode else Mark.COVERED


def any_case(side: str, category: str, urgency: int, country: str, now: datetime) -> CaseFacts:
    """A case of which nothing stands in the way: consent is given, nothing is known of the person."""
    return CaseFacts(
        side=side,
        category=category,
        subcode="",
        urgency=urgency,
        country=country,
        region=None,
        language="",
        age_band="",
        child="",
        consent=ConsentInForce(share="any"),
        answer_due_by=now + _ANY_DAY,
    )


def _spoken(partner: Known) -> frozenset[str]:
    return partner.facts.languages | partner.facts.interpreter_languages
