"""What a place is worth to the cases still to come: high where need is large and met by nobody else."""

import os
import subprocess
import sys
from itertools import pairwise
from uuid import UUID

import pytest

from cases.routing.opportunity import MOST_PLACES, Demand, place_prices
from cases.routing.prices import Kind, Price, PriceSetting
from cases.routing.surge import surge_prices

A, B, C = (UUID(int=number) for number in (1, 2, 3))
WAGES, RAIDS = Kind("WRK", "RU RU-MOW", "az"), Kind("DET", "RU RU-MOW", "az")
SETTING = PriceSetting(strength=1.0, surge=0.5)


def only(number: float, gain: float, *partners: UUID) -> Demand:
    return Demand(number, tuple((one, gain) for one in partners))


# --- the usual price --------------------------------------------------------------------------------------------------
def test_the_price_of_an_only_place_by_hand() -> None:
    """Two cases come while it is held once, each worth 6: the next one is lost in two of three states."""
    assert place_prices([only(2, 6.0, A)], {A: 1}) == {A: (pytest.approx(4.0, abs=1e-3),)}


def test_the_prices_of_two_places_follow_from_erlangs_formula() -> None:
    """Of a load of 2, two places lose 2/5: the first costs that share of 10. Full, 12 are gained by two coming free."""
    last, last_but_one = place_prices([only(2, 10.0, A)], {A: 2})[A]
    assert (last, last_but_one) == (pytest.approx(6.0, abs=1e-3), pytest.approx(4.0, abs=1e-3))


def test_the_prices_are_those_of_the_best_rule_found_by_trying_all_rules() -> None:
    """Three places, dear and cheap cases; each rule says from how many held on the cheap ones are turned away."""
    dear, cheap = (1.5, 8.0), (3.0, 1.0)
    made = place_prices([only(*dear, A), only(*cheap, A)], {A: 3})[A]
    best = max((_gain_of_rule(dear, cheap, places=3, cheap_below=limit), limit) for limit in range(4))
    taken = [price < cheap[1] for price in reversed(made)]
    assert taken == [held < best[1] for held in range(3)]
    assert 3 * made[0] == pytest.approx(best[0], rel=1e-3)  # full: what is gained on average is what comes free


def _gain_of_rule(dear: tuple[float, float], cheap: tuple[float, float], *, places: int, cheap_below: int) -> float:
    likely, gains = [1.0], []
    for held in range(places):
        taken = [dear, cheap] if held < cheap_below else [dear]
        likely.append(likely[-1] * sum(number for number, _gain in taken) / (held + 1))
        gains.append(sum(number * gain for number, gain in taken))
    return sum(share * gain for share, gain in zip(likely, [*gains, 0.0], strict=True)) / sum(likely)


def test_a_place_is_the_dearer_the_fewer_are_free() -> None:
    made = place_prices([only(3, 8.0, A, B), only(9, 2.0, A)], {A: 8, B: 2})
    assert all(dearer > cheaper for dearer, cheaper in pairwise(made[A]))


def test_the_only_partner_for_a_kind_is_dearer_than_one_of_two() -> None:
    alone = place_prices([only(2, 8.0, A)], {A: 2, B: 2})
    beside = place_prices([only(2, 8.0, A, B)], {A: 2, B: 2})
    assert alone[A][0] > beside[A][0] > 0
    assert B not in alone


def test_whoever_has_no_place_has_no_price_and_helps_nobody() -> None:
    assert place_prices([only(2, 6.0, A, B)], {A: 1, B: 0}) == place_prices([only(2, 6.0, A)], {A: 1})


def test_where_nothing_is_expected_there_is_no_price() -> None:
    assert place_prices([], {A: 3}) == {} and place_prices([Demand(4.0, ())], {A: 3}) == {}


def test_very_many_places_are_no_number_too_large() -> None:
    assert place_prices([only(2, 6.0, A)], {A: 10**6}) == {}
    assert len(place_prices([only(900, 6.0, A)], {A: 10**6})[A]) == MOST_PLACES


def test_the_order_in_which_facts_come_changes_nothing() -> None:
    wanted = [Demand(0.3 * number, ((A, 1.0 + number), (C, 2.0))[number % 2 :]) for number in range(1, 9)]
    made = place_prices(wanted, {A: 2, B: 1, C: 3})
    assert place_prices(reversed(wanted), {C: 3, B: 1, A: 2}) == made


_ELSEWHERE = """
from uuid import UUID
from cases.routing.opportunity import Demand, place_prices
some = [UUID(int=number) for number in range(1, 8)]
wanted = [Demand(1.5, tuple((one, 3.0) for one in some[n : n + 3])) for n in range(5)]
print(sorted(place_prices(wanted, dict.fromkeys(set(some), 2)).items()))
"""


def test_another_process_finds_the_same_prices() -> None:
    def run(seed: str) -> bytes:
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        ran = subprocess.run([sys.executable, "-c", _ELSEWHERE], env=environment, capture_output=True, check=True)
        return ran.stdout

    assert run("1") == run("2") != b""


# --- the price now ----------------------------------------------------------------------------------------------------
def test_a_price_rises_as_the_own_places_fill_and_falls_as_they_come_free() -> None:
    price = Price((4.0, 2.0, 1.0))
    assert [price.now(free) for free in (0, 1, 2, 3, 4)] == [0.0, 4.0, 2.0, 1.0, 1.0]


def test_a_wave_is_added_and_a_partner_without_a_price_costs_nothing() -> None:
    assert (Price((4.0,), surge=0.5).now(1), Price(surge=0.5).now(7), Price().now(1)) == (4.5, 0.5, 0.0)


# --- waves ------------------------------------------------------------------------------------------------------------
def surges(recent: dict[Kind, int], free: dict[UUID, int]) -> dict[UUID, float]:
    takers = {kind: {A: 1.0, B: 0.5} for kind in (RAIDS, RAIDS._replace(language="ru"))}
    return surge_prices(recent, takers, {"DET": {1: 3.0, 2: 1.0}}, free, SETTING)


def test_the_surge_by_hand() -> None:
    """Four came in, two more are expected: 1.5 immediate (each 4 more than an urgent one), 2 in all, three places."""
    exact = 4 * (1.5 / 2.5) ** 3 + 4 * (2 / 3) ** 3
    assert surges({RAIDS: 4}, {A: 1, B: 2}) == {A: round(exact, 4), B: round(exact / 2, 4)}


def test_one_case_is_no_wave_but_two_in_different_languages_are() -> None:
    assert surges({RAIDS: 1}, {A: 1, B: 1}) == {}
    assert surges({RAIDS: 1, RAIDS._replace(language="ru"): 1}, {A: 1, B: 1})


def test_where_many_places_are_free_a_wave_adds_nothing() -> None:
    assert surges({RAIDS: 4}, {A: 60, B: 60}) == {}


def test_a_wave_that_nobody_could_take_or_of_an_unknown_category_adds_nothing() -> None:
    assert surge_prices({RAIDS: 9}, {}, {"DET": {1: 1.0}}, {A: 1}, SETTING) == {}
    assert surge_prices({RAIDS: 9}, {RAIDS: {A: 1.0}}, {}, {A: 1}, SETTING) == {}
