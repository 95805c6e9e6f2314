"""The health check of coverage equals routing every cell, and says which category is left without anybody."""

from dataclasses import replace
from datetime import timedelta
from random import Random

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases.models import PartnerLanguage, Service
from cases.routing.health import Coverage, Mark, Place, any_case, coverage, only_here, takers
from cases.routing.known_world import known_world
from cases.routing.situation import case_facts, decide
from cases.routing.snapshot import CaseFacts
from cases.routing.world import decide_in
from tests.cases.random_world import CATEGORIES, LANGUAGES, REGIONS, priced_settings, random_world
from tests.cases.routing_world import NOW, fill, make_case, make_partner, make_reference

pytestmark = pytest.mark.django_db
URGENCIES = {"DET": 1, "WRK": 3, "EDU": 3}
PLACES = [Place("RU", region) for region in REGIONS] + [Place("AZ", "AZ-BA"), Place("AZ", None)]


@pytest.fixture(autouse=True)
def reference_rows() -> None:
    make_reference()


def covered(side: str = "AZ") -> Coverage:
    world = known_world(NOW, with_records=False)
    return coverage(world, side=side, categories=URGENCIES, places=PLACES, languages=LANGUAGES, now=NOW)


def routed(facts: CaseFacts) -> Mark:
    """By asking routing itself, one cell at a time: as it stands, for one of its kinds, with a place more each."""
    case = make_case(side=facts.side)
    for mark, subcode in ((Mark.COVERED, ""), (Mark.PARTLY, "POLICE")):
        found = decide(case, replace(facts, subcode=subcode), NOW)
        if any(_is_of(one.partner_id, facts.side) for one in found.ranked):
            return mark
    full = [
        one
        for subcode in ("", "POLICE")
        for one in decide(case, replace(facts, subcode=subcode), NOW).rejected
        if one.reasons == ("no_free_capacity",) and _is_of(one.partner_id, facts.side)
    ]
    return Mark.FULL if full else Mark.NOBODY


def _is_of(partner_id: object, side: str) -> bool:
    return any(one.facts.id == partner_id for one in known_world(NOW, with_records=False).of_side(side).partners)


@pytest.mark.parametrize("seed", range(4))
def test_each_cell_is_what_routing_a_case_of_it_finds(seed: int) -> None:
    rng = Random(seed)
    random_world(rng)
    found = covered()
    cells = [(code, place, language) for code in CATEGORIES for place in PLACES for language in LANGUAGES]
    for category, place, language in rng.sample(cells, 30):
        any_one = any_case("AZ", category, URGENCIES[category], place.country, NOW)
        facts = replace(any_one, region=place.region, language=language)
        assert found.mark(category, place, language) == routed(facts), (category, place, language)
    assert found.holes() == sum(found.mark(*cell) == Mark.NOBODY for cell in cells)


@pytest.mark.parametrize("seed", range(6))
def test_a_decision_in_the_world_is_the_decision_of_routing(seed: int) -> None:
    rng = Random(100 + seed)
    random_world(rng)
    world, terms = known_world(NOW), priced_settings(rng)
    for _ in range(6):
        case = make_case(
            category=rng.choice(CATEGORIES),
            urgency=rng.randint(1, 4),
            region_id=rng.choice(REGIONS),
            language_id=rng.choice(LANGUAGES),
            child=rng.choice(["yes", "no"]),
            cross_border=rng.random() < 0.5,
            actor_name=rng.choice(["", "Зорро Строй"]),
        )
        facts = case_facts(case, NOW)
        found = decide(case, facts, NOW)
        assert found.settings == 7
        assert decide_in(world, facts, NOW, terms=terms) == found


def test_a_full_partner_is_another_hole_than_nobody() -> None:
    fill(make_partner(capacity=1), 1)
    found, moscow = covered(), Place("RU", "RU-MOW")
    assert found.mark("DET", moscow, "az") == Mark.FULL
    assert found.mark("EDU", moscow, "az") == Mark.NOBODY
    assert found.mark("DET", Place("RU", None), "az") == Mark.NOBODY, "a region that is not known is not Moscow"


def test_the_other_sides_partners_cover_nothing_of_ours() -> None:
    make_partner(side="RU")
    assert covered("AZ").holes() == covered("AZ").holes()
    assert not covered("AZ").marks
    assert covered("RU").marks


def test_it_costs_the_same_few_statements_for_one_partner_and_for_many() -> None:
    counted = []
    for _ in range(2):
        make_partner()
        covered()
        with CaptureQueriesContext(connection) as queries:
            covered()
        counted.append(len(queries))
        for _ in range(8):
            make_partner(regions=["RU-MOW", "RU-SPE"], languages=LANGUAGES)
    assert counted[0] == counted[1] <= 6


def test_a_category_has_takers_also_where_they_are_full_and_none_where_they_are_paused() -> None:
    partner = make_partner(capacity=0)
    assert takers(known_world(NOW), "DET", 1, ["RU"], NOW) == {partner.slug}
    assert only_here(known_world(NOW), partner.slug, URGENCIES, ["RU"], NOW) == {"DET", "WRK"}
    other = make_partner(categories=["WRK"])
    assert only_here(known_world(NOW), partner.slug, URGENCIES, ["RU"], NOW) == {"DET"}
    partner.paused_until = NOW.date() + timedelta(days=1)
    partner.save()
    assert takers(known_world(NOW), "WRK", 3, ["RU"], NOW) == {other.slug}
    PartnerLanguage.objects.filter(partner=other).delete()
    Service.objects.filter(partner=partner).delete()
    assert not takers(known_world(NOW), "WRK", 3, ["RU"], NOW)
