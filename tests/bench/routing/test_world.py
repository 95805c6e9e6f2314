"""The world is the same everywhere, the play keeps its rules, and the bound is a bound."""

import hashlib
import itertools
import os
import random
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from .bound import upper_bound
from .play import Standing, play
from .scorer import gini, score, total_value
from .world import ACCEPTS, HOURS, PUBLISHED, REFUSES, Arrival, Helper, Hidden, Size, World, make_world, value

pytestmark = pytest.mark.any_database

SMALL = Size(days=30, cases=60, partners=6)


class Everybody:
    """Asks whoever is free, in the order of their numbers."""

    def order(self, case: Arrival, free: Sequence[Standing], hour: int) -> list[int]:
        return [one.partner.number for one in free]


class Nobody:
    def order(self, case: Arrival, free: Sequence[Standing], hour: int) -> list[int]:
        return []


class Patient(Everybody):
    """Waits a day with every case that is not urgent."""

    def order(self, case: Arrival, free: Sequence[Standing], hour: int) -> list[int]:
        return super().order(case, free, hour) if case.urgency < 3 or hour >= case.hour + HOURS else []


def fingerprint() -> str:
    """Python's own hash of it would differ from process to process; the text does not."""
    world = make_world(3, 0.95)
    partners = [(one.number, sorted(one.regions), sorted(one.categories), one.capacity) for one in world.partners]
    answers = [sorted(one.items()) for one in world.hidden.answers]
    played = play(world, Everybody())
    told = (world.cases, partners, answers, world.hidden.days, played.placements, played.offers, played.busy)
    return hashlib.sha256(repr(told).encode()).hexdigest()


def test_the_world_and_a_play_are_the_same_in_another_process() -> None:
    code = "from tests.bench.routing.test_world import fingerprint; print(fingerprint())"
    told = subprocess.run(
        [sys.executable, "-c", code],
        cwd=Path(__file__).parents[3],
        env={**os.environ, "PYTHONHASHSEED": "4242"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout.strip() == fingerprint()


def test_the_published_world_has_the_published_size() -> None:
    world = make_world(1, 0.95)
    assert (len(world.cases), len(world.partners), PUBLISHED.days) == (1500, 40, 180)
    assert len({case.region for case in world.cases}) == 20
    assert len({case.category for case in world.cases}) == 16
    assert len({case.language for case in world.cases}) == 5
    assert [case.hour for case in world.cases] == sorted(case.hour for case in world.cases)


@pytest.mark.parametrize("load", [0.70, 0.95])
def test_the_load_is_the_work_of_the_placeable_cases_over_all_places(load: float) -> None:
    world = make_world(2, load)
    work = sum(1 for fitting in world.fitting if fitting) * 24 / 180
    assert work / sum(one.capacity for one in world.partners) == pytest.approx(load, abs=0.005)


def test_load_changes_capacity_and_nothing_else() -> None:
    calm, full = make_world(2, 0.70), make_world(2, 0.95)
    assert (calm.cases, calm.hidden) == (full.cases, full.hidden)
    assert sum(one.capacity for one in calm.partners) > sum(one.capacity for one in full.partners)


def test_another_seed_is_another_world() -> None:
    assert make_world(1, 0.95).cases != make_world(2, 0.95).cases
    assert make_world(1, 0.95).partners != make_world(2, 0.95).partners


# --- the play ---------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("policy", [Everybody(), Patient()])
@pytest.mark.parametrize("seed", range(4))
def test_no_partner_ever_holds_more_than_its_places(policy: Everybody, seed: int) -> None:
    world = make_world(seed, 0.95, SMALL)
    for partner in world.partners:
        held = [
            (one.hour, one.hour + world.hidden.days[one.case] * HOURS)
            for one in play(world, policy).placements
            if one.partner == partner.number
        ]
        for moment in {start for start, _end in held}:
            assert sum(1 for start, end in held if start <= moment < end) <= partner.capacity


def test_only_who_fits_and_accepts_gets_a_case_once_and_in_time() -> None:
    world = make_world(5, 0.95)
    placements = play(world, Everybody()).placements
    assert len({one.case for one in placements}) == len(placements) > 1000
    for one in placements:
        case = world.cases[one.case]
        assert world.partners[one.partner].fits(case)
        assert world.hidden.answers[one.case][one.partner] == ACCEPTS
        assert case.hour <= one.hour and one.hour // HOURS <= case.last_day


def test_a_policy_that_asks_nobody_places_nothing() -> None:
    played = play(make_world(1, 0.70, SMALL), Nobody())
    assert (played.placements, played.offers, score(played).value) == ((), 0, 0.0)


def test_an_immediate_case_costs_two_offers_where_two_are_free() -> None:
    asked: list[tuple[int, int]] = []

    class Counting(Everybody):
        def order(self, case: Arrival, free: Sequence[Standing], hour: int) -> list[int]:
            asked.append((case.urgency, len(free)))
            return super().order(case, free, hour)

    played = play(make_world(1, 0.70, SMALL), Counting())
    assert played.offers == sum(min(number, 2 if urgency == 1 else 1) for urgency, number in asked)


def test_what_waits_is_tried_again_when_a_place_comes_free() -> None:
    placements = play(make_world(1, 0.95), Everybody()).placements
    hours = {case.number: case.hour for case in make_world(1, 0.95).cases}
    late = [one for one in placements if one.hour > hours[one.case]]
    assert len(late) > 100 and any(one.hour % HOURS != 6 for one in late)


# --- the figures ------------------------------------------------------------------------------------------------------
def test_gini_by_hand() -> None:
    assert gini([1, 1, 1, 1]) == pytest.approx(0)
    assert gini([0, 0, 0, 1]) == pytest.approx(0.75)
    assert gini([1, 2, 3]) == pytest.approx(2 / 9)
    assert gini([0, 0]) == 0


def test_the_score_by_hand() -> None:
    world = make_world(1, 0.95, SMALL)
    played = play(world, Everybody())
    by_hand = sum(
        value(world.cases[one.case], world.partners[one.partner], one.hour // HOURS) for one in played.placements
    )
    assert score(played).value == pytest.approx(by_hand) and by_hand > 0


# --- the bound --------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("load", [0.70, 0.95])
def test_no_play_is_worth_more_than_the_bound(load: float) -> None:
    for seed in range(10):
        world = make_world(seed, load, SMALL)
        bound = upper_bound(world)
        for policy in (Everybody(), Patient()):
            assert total_value(play(world, policy)) <= bound + 1e-6


def test_the_bound_is_the_best_of_all_plans_in_worlds_small_enough_to_try_them_all() -> None:
    contested = equal = 0
    for seed in range(40):
        world = crowded(seed)
        best, bound = best_of_all(world), upper_bound(world)
        assert bound >= best - 1e-6
        equal += bound == pytest.approx(best)
        contested += best < alone(world) - 1e-6
    assert contested >= 30, "hardly any world in which places are short: this proves little"
    assert equal >= 36  # a programme may split a case where no plan can


def crowded(seed: int) -> World:
    """Four cases within three days and two partners with one place each, who may take most of them."""
    chance = random.Random(f"crowded {seed}")
    helper = Helper(0, frozenset(), False, frozenset({"WRK"}), frozenset(), frozenset({"az"}), frozenset(), capacity=1)
    partners = (helper, replace(helper, number=1, is_remote=True))
    hours = sorted(chance.randrange(72) for _ in range(4))
    cases = [Arrival(number, hour, "WRK", "R00", "az", chance.randint(1, 3)) for number, hour in enumerate(hours)]
    answers = tuple({one: ACCEPTS if chance.random() < 0.8 else REFUSES for one in (0, 1)} for _ in cases)
    hidden = Hidden(tuple(chance.randint(1, 4) for _ in cases), answers)
    return World(seed, 1.0, Size(days=7, cases=4, partners=2), tuple(cases), partners, hidden)


def alone(world: World) -> float:
    """If every case had all partners to itself."""
    return sum(max((worth for _, worth in plans(world, case) if worth), default=0.0) for case in world.cases)


def plans(world: World, case: Arrival) -> Iterator[tuple[tuple[int, int] | None, float]]:
    yield None, 0.0
    for partner in world.partners:
        if world.hidden.answers[case.number].get(partner.number) == ACCEPTS:
            for day in range(case.day, min(case.last_day, world.size.days - 1) + 1):
                yield (partner.number, day), value(case, partner, day)


def best_of_all(world: World) -> float:
    best = 0.0
    for chosen in itertools.product(*(list(plans(world, case)) for case in world.cases)):
        worth = sum(one for _, one in chosen)
        if worth > best and _fits([place for place, _ in chosen], world):
            best = worth
    return best


def _fits(places: Sequence[tuple[int, int] | None], world: World) -> bool:
    for partner, day in itertools.product(world.partners, range(world.size.days)):
        held = sum(
            1
            for number, place in enumerate(places)
            if place and place[0] == partner.number and place[1] <= day < place[1] + world.hidden.days[number]
        )
        if held > partner.capacity:
            return False
    return True


def test_the_bound_knows_that_a_place_is_held_while_the_work_lasts() -> None:
    """Taking the length of the work away must raise the bound: otherwise it would not be one of this world."""
    world = make_world(1, 0.95, SMALL)
    quick = replace(world, hidden=replace(world.hidden, days=(1,) * len(world.cases)))
    assert upper_bound(quick) > upper_bound(world) * 1.02
