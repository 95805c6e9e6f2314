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

SETTING = ReserveSetting(share=0.2, scarce_from=0.5, opens_after={3: 240, 4: 480}, again_after=24)
CAME = datetime(2026, 11, 1, tzinfo=UTC)


def held(urgency: int, *, hours: float = 0, **changes: Any) -> bool:
    place = {"capacity": 10, "free": 5, "price": 1.0, "gain": 0.9, **changes}
    return is_held(urgency, waiting_since=CAME, now=CAME + timedelta(hours=hours), setting=SETTING, **place)


@pytest.mark.parametrize("urgency", [1, 2])
def test_nothing_is_ever_kept_from_an_urgent_case(urgency: int) -> None:
    hours = dict.fromkeys((1, 2, 3, 4), 99)
    everyone = replace(SETTING, opens_after=hours)
    place = {"capacity": 10, "free": 1, "price": 99.0, "gain": 0.0}
    assert not is_held(urgency, waiting_since=CAME, now=CAME, setting=everyone, **place)


def test_an_ordinary_case_waits_while_the_place_is_worth_more_to_others() -> None:
    assert held(3)
    assert not held(3, gain=1.0)


def test_what_help_is_worth_fades_while_the_case_waits() -> None:
    assert not held(3, hours=119, gain=2.0)
    assert held(3, hours=121, gain=2.0)
    assert not held(4, hours=121, gain=2.0)


@pytest.mark.parametrize(("urgency", "hours"), [(3, 240), (4, 480)])
def test_in_the_end_every_place_opens(urgency: int, hours: int) -> None:
    assert held(urgency, hours=hours - 0.1, free=2, price=0.5)
    assert held(urgency, hours=hours - 0.1, price=99.0)
    assert not held(urgency, hours=hours, free=1, price=99.0, gain=0.0)


def test_a_case_from_the_future_waits_no_less_than_one_of_now() -> None:
    assert held(3, hours=-5) and not held(3, hours=-5, gain=1.0)


def test_the_last_places_are_kept_even_from_a_case_that_is_worth_the_price() -> None:
    assert held(3, free=2, gain=5.0)


def test_only_a_scarce_partner_keeps_places_and_never_all_of_them() -> None:
    assert [kept_places(capacity, 0.5, SETTING) for capacity in (0, 1, 2, 5, 6, 10)] == [0, 0, 1, 1, 2, 2]
    assert kept_places(10, 0.49, SETTING) == 0


def test_a_held_case_is_tried_again_every_day_and_when_the_places_open() -> None:
    steps = [next_step(3, CAME, CAME + timedelta(hours=hours), SETTING) for hours in (0, 72, 230, 240)]
    assert steps == [CAME + timedelta(hours=hours) for hours in (24, 96, 240)] + [None]
    assert next_step(1, CAME, CAME, SETTING) is None


def test_there_is_no_time_at_which_a_case_is_held_without_a_next_step() -> None:
    for urgency in (1, 2, 3, 4):
        for hours in range(0, 1000, 3):
            at = CAME + timedelta(hours=hours)
            if held(urgency, hours=hours, free=1, price=99.0):
                assert next_step(urgency, CAME, at, SETTING) is not None


# --- in a proposal ----------------------------------------------------------------------------------------------------
def terms(**prices: float) -> Terms:
    priced = {UUID(int=int(name[1:])): Price((amount,)) for name, amount in prices.items()}
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
    assert made.again_at is None


def test_when_everybody_is_held_the_case_knows_when_it_is_tried_again() -> None:
    assert proposed(BASE, p5=9.0).again_at == NOW + timedelta(hours=24)
    assert proposed(BASE, hours=230, p5=9.0).again_at == NOW + timedelta(hours=10)
    assert proposed(BASE, hours=240, p5=9.0).best(1) == [UUID(int=5)]


def test_a_caseworkers_choice_may_be_a_held_place() -> None:
    assert proposed(BASE, p5=9.0).still_eligible([str(UUID(int=5))]) == [UUID(int=5)]


def test_the_explanation_holds_price_and_settings() -> None:
    made = proposed(BASE, p5=0.5)
    best = made.stored()["ranked"][0]
    assert (best["price"], made.settings) == (0.5, 4)
    assert best["score"] == pytest.approx(made.ranked[0].score)
