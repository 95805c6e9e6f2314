"""Places kept for urgent cases: from whom, for how long, and never for good."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from cases.routing.prices import Price, PriceSetting
from cases.routing.propose import propose, sift
from cases.routing.reserve import ReserveSetting, is_held, kept_places, next_step
from cases.routing.snapshot import PartnerFacts, ServiceFacts
from cases.routing.terms import Terms
from tests.cases.test_ranking import BASE, CASE, NOW, like_base

SETTING = ReserveSetting(share=0.2, scarce_from=0.5, price_holds={3: 72, 4: 168}, opens_after={3: 216, 4: 456})
CAME = datetime(2026, 11, 1, tzinfo=UTC)


def held(urgency: int, *, hours: float = 0, **changes: Any) -> bool:
    place = {"capacity": 10, "free": 5, "price": 1.0, "gain": 0.9, **changes}
    return is_held(urgency, waiting_since=CAME, now=CAME + timedelta(hours=hours), setting=SETTING, **place)


@pytest.mark.parametrize("urgency", [1, 2])
def test_nothing_is_ever_kept_from_an_urgent_case(urgency: int) -> None:
    hours = dict.fromkeys((1, 2, 3, 4), 99)
    everyone = replace(SETTING, price_holds=hours, opens_after=hours)
    place = {"capacity": 10, "free": 1, "price": 99.0, "gain": 0.0}
    assert not is_held(urgency, waiting_since=CAME, now=CAME, setting=everyone, **place)


def test_an_ordinary_case_waits_while_the_place_is_worth_more_to_others() -> None:
    assert held(3)
    assert not held(3, gain=1.0)


@pytest.mark.parametrize(("urgency", "hours"), [(3, 72), (4, 168)])
def test_a_price_holds_nothing_back_after_its_hours(urgency: int, hours: int) -> None:
    assert held(urgency, hours=hours - 0.1)
    assert not held(urgency, hours=hours)


@pytest.mark.parametrize(("urgency", "hours"), [(3, 216), (4, 456)])
def test_the_last_places_are_kept_longer_and_then_open(urgency: int, hours: int) -> None:
    assert held(urgency, hours=hours - 0.1, free=2)
    assert not held(urgency, hours=hours - 0.1, free=3)
    assert not held(urgency, hours=hours, free=1, price=99.0, gain=0.0)


def test_the_last_places_are_kept_even_from_a_case_that_is_worth_the_price() -> None:
    assert held(3, free=2, gain=5.0)


def test_only_a_scarce_partner_keeps_places_and_never_all_of_them() -> None:
    assert [kept_places(capacity, 0.5, SETTING) for capacity in (0, 1, 2, 5, 6, 10)] == [0, 0, 1, 1, 2, 2]
    assert kept_places(10, 0.49, SETTING) == 0


def test_a_case_hears_when_less_will_be_kept_from_it() -> None:
    steps = [next_step(3, CAME, CAME + timedelta(hours=hours), SETTING) for hours in (0, 72, 215.9, 216)]
    assert steps == [CAME + timedelta(hours=hours) for hours in (72, 216, 216)] + [None]
    assert next_step(1, CAME, CAME, SETTING) is None


def test_there_is_no_time_at_which_a_case_is_held_without_a_next_step() -> None:
    for urgency in (1, 2, 3, 4):
        for hours in range(0, 1000, 3):
            at = CAME + timedelta(hours=hours)
            if held(urgency, hours=hours, free=1, price=99.0):
                assert next_step(urgency, CAME, at, SETTING) is not None


# --- in a proposal ----------------------------------------------------------------------------------------------------
def terms(**prices: float) -> Terms:
    priced = {UUID(int=int(name[1:])): Price(amount, free=5) for name, amount in prices.items()}
    return Terms(pricing=PriceSetting(strength=1.0), reserve=SETTING, prices=priced, version=4)


def proposed(*partners: PartnerFacts, urgency: int = 3, hours: float = 0, **prices: float) -> Any:
    case = replace(CASE, urgency=urgency, waiting_since=NOW - timedelta(hours=hours))
    return propose(case, sift(case, partners, (), NOW), NOW, records={}, terms=terms(**prices))


def test_of_two_that_are_alike_an_ordinary_case_goes_to_the_cheaper() -> None:
    assert proposed(BASE, like_base(6), p5=0.5).best(1) == [UUID(int=6)]


def test_an_urgent_case_hardly_feels_the_price_of_the_better_partner() -> None:
    better = like_base(6, service=ServiceFacts(is_specialised=True))
    assert proposed(BASE, better, urgency=1, p6=0.5).best(1) == [UUID(int=6)]
    assert proposed(BASE, better, urgency=4, p6=0.5).best(1) == [UUID(int=5)]


def test_a_held_partner_comes_last_is_not_proposed_and_says_so() -> None:
    made = proposed(BASE, like_base(6, languages=frozenset(), interpreter_languages=frozenset({"az"})), p5=9.0)
    assert made.best(3) == [UUID(int=6)]
    assert [(one["partner"], one["held"]) for one in made.stored()["ranked"]] == [
        (str(UUID(int=6)), False),
        (str(UUID(int=5)), True),
    ]
    assert made.held_until is None


def test_when_everybody_is_held_the_case_knows_until_when() -> None:
    assert proposed(BASE, p5=9.0).held_until == NOW + timedelta(hours=72)
    assert proposed(BASE, hours=80, p5=9.0).best(1) == [UUID(int=5)]
    full_but_two = like_base(5, load=8)
    assert proposed(full_but_two, hours=80, p5=9.0).held_until == NOW + timedelta(hours=216 - 80)
    assert proposed(full_but_two, hours=216, p5=9.0).best(1) == [UUID(int=5)]


def test_a_caseworkers_choice_may_be_a_held_place() -> None:
    assert proposed(BASE, p5=9.0).still_eligible([str(UUID(int=5))]) == [UUID(int=5)]


def test_the_explanation_holds_price_and_settings() -> None:
    made = proposed(BASE, p5=0.5)
    best = made.stored()["ranked"][0]
    assert (best["price"], made.settings) == (0.5, 4)
    assert best["score"] == pytest.approx(made.ranked[0].score)
