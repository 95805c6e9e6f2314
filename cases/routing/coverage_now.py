"""The coverage of a side at one moment: which places, languages and categories count, and who its partners are."""

from collections.abc import Mapping
from datetime import datetime

from cases.routing.health import Coverage, Place, coverage, only_here, takers
from cases.routing.known_world import known_world
from cases.routing.world import World
from intake.queries import reference_data


def coverage_now(side: str, now: datetime) -> Coverage:
    """Active categories × each region of the countries of stay (and "not said") × languages of the pages and of any
    partner. Seven statements, however many partners."""
    known, world = reference_data(), known_world(now, with_records=False)
    places = [Place(row.code, code) for row in known.stay_countries() for code in (None, *_regions(row.code))]
    spoken = {code for one in world.partners for code in one.facts.languages | one.facts.interpreter_languages}
    languages = [code for code, row in known.languages.items() if row.is_interface or code in spoken]
    return coverage(world, side=side, categories=_urgencies(), places=places, languages=languages, now=now)


def nobody_takes(category: str, urgency: int, now: datetime) -> bool:
    """Whether no partner of either side could take anything of the category, wherever and in whatever language."""
    return not takers(known_world(now, with_records=False), category, urgency, _countries(), now)


def taken_by_this_one_alone(side: str, slug: str, now: datetime) -> list[str]:
    """Active categories that would be left without any partner of the side."""
    world: World = known_world(now, with_records=False).of_side(side)
    alone = only_here(world, slug, _urgencies(), _countries(), now)
    return [code for code in _urgencies() if code in alone]


def _urgencies() -> Mapping[str, int]:
    return {code: row.default_urgency for code, row in reference_data().categories.items()}


def _countries() -> list[str]:
    return [row.code for row in reference_data().stay_countries()]


def _regions(country: str) -> list[str]:
    return [row.code for row in reference_data().regions_of(country)]
