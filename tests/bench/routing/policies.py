"""The rows of the table: random, best-score, least-loaded, and Körpü as it stands in `cases.routing`."""

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from functools import lru_cache
from uuid import UUID
from zoneinfo import ZoneInfo

from cases.deadlines import WorkingCalendar
from cases.queries.agreements import AgreementTerms
from cases.queries.partners import RECORD_LENGTH
from cases.routing.opportunity import Demand, place_prices
from cases.routing.prices import Kind, Price
from cases.routing.propose import propose, sift
from cases.routing.ranking import language_part, nearness, usual_fit
from cases.routing.snapshot import AnswerRecord, AreaFacts, CaseFacts, PartnerFacts, ServiceFacts
from cases.routing.surge import surge_prices
from cases.routing.terms import TERMS, Terms
from intake.queries import ConsentInForce

from .play import Standing
from .world import HOURS, MEAN_DAYS, Arrival, Helper, World, make_world

LEARNED_FROM = range(1, 21)  # seeds: nothing else may be known of what is to be expected
SURGE_HOURS = 3 * HOURS

BEGIN = datetime(2027, 1, 4, tzinfo=UTC)
ALWAYS = WorkingCalendar(hours={day: [(time(0), time(0))] for day in range(7)}, zone=ZoneInfo("UTC"))
AGREEMENT = AgreementTerms(UUID(int=1), False, frozenset(), frozenset(), frozenset())
CONSENT = ConsentInForce(share="any")


class Random:
    def __init__(self, world: World) -> None:
        self.chance = random.Random(f"random policy {world.seed}")

    def order(self, case: Arrival, free: Sequence[Standing], hour: int) -> Sequence[int]:
        numbers = [one.partner.number for one in free]
        self.chance.shuffle(numbers)
        return numbers


class LeastLoaded:
    def __init__(self, world: World) -> None:
        pass

    def order(self, case: Arrival, free: Sequence[Standing], hour: int) -> Sequence[int]:
        return [
            one.partner.number
            for one in sorted(free, key=lambda one: (one.load / one.partner.capacity, one.partner.number))
        ]


class BestScore:
    """Routing without prices and without a reserve, as it was before them."""

    def __init__(self, world: World, terms: Terms = TERMS) -> None:
        self.terms = terms
        self.facts = {one.number: partner_facts(one) for one in world.partners}

    def order(self, case: Arrival, free: Sequence[Standing], hour: int) -> Sequence[int]:
        now = BEGIN + timedelta(hours=hour)
        partners = [self._as_it_stands(one, case, now) for one in free]
        records = {UUID(int=one.partner.number + 1): _record(one.answers) for one in free}
        facts = case_facts(case)
        proposal = propose(facts, sift(facts, partners, (), now), now, records=records, terms=self.terms)
        return [partner_id.int - 1 for partner_id in proposal.best(len(free))]

    def _as_it_stands(self, one: Standing, case: Arrival, now: datetime) -> PartnerFacts:
        service = ServiceFacts(is_specialised=case.category in one.partner.specialised)
        return replace(self.facts[one.partner.number], load=one.load, opens_at=now, service=service)


class Korpu(BestScore):
    """With the settings given: usual prices from what was to be expected after seeds 1–20, surges by the hour."""

    def __init__(self, world: World, terms: Terms) -> None:
        super().__init__(world, terms)
        self.world, self.surged_at = world, -1
        self.usual = usual_prices(world, terms)
        self.takers = {kind: _takers(kind, world, terms) for kind in {kind for kind, _urgency in expected_cases()}}
        self.seen: dict[int, Standing] = {}
        self.recent: dict[int, Arrival] = {}

    def order(self, case: Arrival, free: Sequence[Standing], hour: int) -> Sequence[int]:
        self.recent[case.number] = case
        self.seen.update((one.partner.number, one) for one in free)
        if hour != self.surged_at:
            self.surged_at = hour
            self.terms = replace(self.terms, prices=self._prices(hour))
        return super().order(case, free, hour)

    def _prices(self, hour: int) -> dict[UUID, Price]:
        """One that was never among the free was never asked, and holds nothing."""
        self.recent = {number: case for number, case in self.recent.items() if case.hour > hour - SURGE_HOURS}
        recent = Counter(Kind(case.category, case.region, case.language) for case in self.recent.values())
        loads = {number: standing.load for number, standing in self.seen.items()}
        free = {UUID(int=one.number + 1): one.capacity - loads.get(one.number, 0) for one in self.world.partners}
        surges = surge_prices(recent, self.takers, usual_urgencies(), free, self.terms.pricing)
        return {one: Price(self.usual.get(one, ()), surges.get(one, 0.0)) for one in free}


def usual_prices(world: World, terms: Terms) -> dict[UUID, tuple[float, ...]]:
    demand = []
    for (kind, urgency), number in expected_cases().items():
        fits, worth = _takers(kind, world, terms), terms.pricing.worth[urgency]
        demand.append(Demand(number, tuple((one, worth * fit) for one, fit in fits.items())))
    return place_prices(demand, {UUID(int=one.number + 1): one.capacity for one in world.partners})


@lru_cache(maxsize=1)
def expected_cases() -> dict[tuple[Kind, int], float]:
    """Of each kind and urgency, while a place is held once: as counted in the seeds to learn from."""
    counted: Counter[tuple[Kind, int]] = Counter()
    days = 0
    for seed in LEARNED_FROM:
        world = make_world(seed, 0.95)
        days += world.size.days
        counted.update((Kind(case.category, case.region, case.language), case.urgency) for case in world.cases)
    return {key: number * MEAN_DAYS / days for key, number in counted.items()}


@lru_cache(maxsize=1)
def usual_urgencies() -> dict[str, dict[int, float]]:
    usual: dict[str, dict[int, float]] = {}
    for (kind, urgency), number in expected_cases().items():
        of_category = usual.setdefault(kind.category, {})
        of_category[urgency] = of_category.get(urgency, 0.0) + number
    return usual


def _takers(kind: Kind, world: World, terms: Terms) -> dict[UUID, float]:
    return {
        UUID(int=one.number + 1): usual_fit(
            terms.weights,
            specialised=kind.category in one.specialised,
            near=nearness(is_remote=one.is_remote, by_name=bool(one.regions)),
            language=language_part(by_interpreter=kind.language not in one.languages),
        )
        for one in world.partners
        if one.fits(Arrival(0, 0, *kind, urgency=4))
    }


def _record(answers: Sequence[bool]) -> AnswerRecord:
    newest = answers[-RECORD_LENGTH:]
    return AnswerRecord(sum(newest), len(newest))


# --- the world in the words of production -----------------------------------------------------------------------------
def case_facts(case: Arrival) -> CaseFacts:
    arrived = BEGIN + timedelta(hours=case.hour)
    return CaseFacts(
        side="AZ",
        category=case.category,
        subcode="",
        urgency=case.urgency,
        country="RU",
        region=case.region,
        language=case.language,
        age_band="25_39",
        child="no",
        consent=CONSENT,
        answer_due_by=BEGIN + timedelta(days=10_000),
        waiting_since=arrived,
    )


def partner_facts(partner: Helper) -> PartnerFacts:
    """Its service is filled in for the case in hand: whoever is asked about has one for its category."""
    return PartnerFacts(
        id=UUID(int=partner.number + 1),
        body_id=UUID(int=partner.number + 1001),
        side="AZ",
        is_active=True,
        paused_until=None,
        calendar=ALWAYS,
        opens_at=BEGIN,
        service=None,
        areas=tuple(AreaFacts("RU", region, partner.is_remote) for region in sorted(partner.regions) or [None]),
        languages=partner.languages,
        interpreter_languages=partner.interpreted,
        capacity=partner.capacity,
        load=0,
        agreements=(AGREEMENT,),
        memorandum=None,
    )
