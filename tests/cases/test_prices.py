"""What a place is worth to the cases still to come: high where need is large and met by nobody else."""

from uuid import UUID

import pytest

from cases.routing.prices import COUNTED, Kind, Pool, Price, PriceSetting, expected_worth, pools, price_list, price_now

A, B, C = (UUID(int=number) for number in (1, 2, 3))
WAGES, RAIDS = Kind("WRK", "RU RU-MOW", "az"), Kind("DET", "RU RU-MOW", "az")
HALVES = PriceSetting(strength=1.0, fade=0.5)


def test_what_is_expected_is_worth_its_number_times_its_urgency() -> None:
    cases = {(WAGES, 3): 10.0, (WAGES, 4): 1.0, (RAIDS, 1): 2.0}
    assert expected_worth(cases, HALVES) == {WAGES: 21.0, RAIDS: 16.0}


def test_ordinary_cases_count_for_as_much_as_the_setting_says() -> None:
    half = PriceSetting(strength=1.0, counted={1: 1.0, 2: 1.0, 3: 0.5, 4: 0.0})
    assert expected_worth({(WAGES, 3): 10.0, (WAGES, 4): 7.0}, half) == {WAGES: 10.0}


def test_the_price_by_hand() -> None:
    pooled = (Pool((A, B), 16.0), Pool((A,), 4.0))
    made = price_list(pooled, {A: 1, B: 2, C: 9}, HALVES)
    assert made == {A: Price(16 * 0.5**3 + 4 * 0.5, 1), B: Price(16 * 0.5**3, 2), C: Price(0.0, 9)}


def test_kinds_with_the_same_takers_fall_together_and_those_of_nobody_fall_away() -> None:
    alone = Kind("EDU", "RU RU-KAM", "lez")
    made = pools({WAGES: 1.0, RAIDS: 2.0, alone: 5.0}, {WAGES: {B, A}, RAIDS: [A, B], alone: ()})
    assert made == (Pool((A, B), 3.0),)


def test_the_only_partner_for_a_kind_is_dearer_than_one_of_two() -> None:
    alone = price_list([Pool((A,), 10.0)], {A: 2, B: 2}, HALVES)[A]
    beside = price_list([Pool((A, B), 10.0)], {A: 2, B: 2}, HALVES)[A]
    assert alone.amount > beside.amount > 0


def test_a_price_rises_as_the_own_places_fill_and_falls_as_they_come_free() -> None:
    price = Price(1.0, free=3)
    assert [price_now(price, free, HALVES) for free in (1, 2, 3, 4)] == [4.0, 2.0, 1.0, 0.5]


def test_a_partner_without_a_price_costs_nothing() -> None:
    assert price_now(None, 1, HALVES) == 0.0


def test_a_load_above_capacity_makes_no_place_of_nothing() -> None:
    over = price_list([Pool((A, B), 10.0)], {A: -3, B: 1}, HALVES)
    assert over[B].amount == pytest.approx(5.0)


def test_very_many_free_places_are_no_number_too_large_or_too_small() -> None:
    made = price_list([Pool((A,), 10.0)], {A: 10**6}, HALVES)
    assert made[A].amount == pytest.approx(0, abs=1e-9)
    assert price_now(made[A], 0, HALVES) == 0.0 and price_now(Price(1.0, 10**6), 0, HALVES) == 2.0**COUNTED


def test_the_order_in_which_facts_come_changes_nothing() -> None:
    worth = {Kind("WRK", f"RU {number}", "az"): 0.1 * number for number in range(50)}
    takers = {kind: [A, C, B][number % 2 :] for number, kind in enumerate(worth)}
    one = price_list(pools(worth, takers), {A: 1, B: 2, C: 3}, HALVES)
    backwards = dict(reversed(worth.items()))
    turned = {kind: set(who) for kind, who in takers.items()}
    assert price_list(pools(backwards, turned), {C: 3, B: 2, A: 1}, HALVES) == one
