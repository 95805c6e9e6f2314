"""Routing settings: a new version holds, none is edited, what is impossible is refused at its field, and the effect."""

import json
from copy import deepcopy
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cases.actions.record import Actor
from cases.actions.route_case import route_case
from cases.actions.set_routing import set_routing
from cases.errors import NotAllowed, StaleObject
from cases.models import PriceList, RoutingPolicy, RoutingSetting
from cases.queries.remembered import forget_reference
from cases.routing.effect import Effect, effect
from cases.routing.situation import terms_in_force
from cases.routing.terms import terms_of
from cases.web.routing_forms import initial_of
from intake.errors import InvalidInput
from seeds.reference import DATA
from tests.cases.routing_world import NOW, make_case, make_partner, make_reference, make_staff

pytestmark = pytest.mark.django_db(transaction=True)
SHIPPED = json.loads((DATA / "routing_settings.json").read_text(encoding="utf-8"))


@pytest.fixture(autouse=True)
def _world(db: None, settings: Any) -> None:
    settings.SECOND_FACTOR_REQUIRED = False
    make_reference()
    RoutingSetting.objects.create(version=1, definition=SHIPPED)
    forget_reference()


def changed(**parts: dict[str, Any]) -> dict[str, Any]:
    definition = deepcopy(SHIPPED)
    for name, changes in parts.items():
        definition[name].update(changes)
    return definition


def enter(definition: dict[str, Any], *, role: str = "administrator", based_on: int = 1) -> RoutingSetting:
    by = Actor("staff", make_staff(role).pk)
    return set_routing(definition=definition, based_on=based_on, reason="tried in May", by=by, now=NOW)


def signed_in(role: str, side: str = "AZ") -> Client:
    client = Client()
    client.force_login(make_staff(role, side=side))
    return client


def sent(**numbers: Any) -> dict[str, Any]:
    return {**initial_of(SHIPPED, 1), "reason": "tried in May", **numbers}


# --- the action -------------------------------------------------------------------------------------------------------
def test_a_new_version_holds_and_the_old_one_stays_as_it_was() -> None:
    made = enter(changed(prices={"strength": 0.5}))
    assert (made.version, made.reason, made.created_by.roles) == (2, "tried in May", ["administrator"])
    assert (terms_in_force().version, terms_in_force().pricing.strength) == (2, 0.5)
    assert RoutingSetting.objects.get(version=1).definition == SHIPPED


@pytest.mark.parametrize("role", ["caseworker", "supervisor", "partner_coordinator", "auditor", "working_group_member"])
def test_only_an_administrator_changes_them(role: str) -> None:
    with pytest.raises(NotAllowed):
        enter(SHIPPED, role=role)
    assert RoutingSetting.objects.count() == 1


def test_whoever_did_not_see_the_newest_version_does_not_replace_it() -> None:
    enter(SHIPPED)
    with pytest.raises(StaleObject):
        enter(changed(prices={"strength": 0.1}), based_on=1)


@pytest.mark.parametrize(
    ("part", "changes", "at"),
    [
        ("weights", {"free": -0.1}, "weights.free"),
        ("weights", {"free": 0.9}, "weights"),
        ("weights", dict.fromkeys(SHIPPED["weights"], 0), "weights"),
        ("prices", {"strength": 9}, "prices.strength"),
        ("prices", {"worth": {"1": 1, "2": 4, "3": 2, "4": 1}}, "prices.worth.2"),
        ("prices", {"worth": {"1": 8, "2": 4, "3": 2, "4": 0}}, "prices.worth.4"),
        ("reserve", {"share": 0.9}, "reserve.share"),
        ("reserve", {"opens_after": {"3": 9999, "4": 1}}, "reserve.opens_after.3"),
    ],
)
def test_what_is_impossible_is_refused_where_it_stands(part: str, changes: dict[str, Any], at: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        enter(changed(**{part: changes}))
    assert list(refused.value.fields) == [at]
    assert RoutingSetting.objects.count() == 1


# --- the page ---------------------------------------------------------------------------------------------------------
def test_the_page_says_the_settings_and_the_own_sides_prices() -> None:
    own, other = make_partner("Körpü Evi", capacity=3), make_partner("Other side", side="RU")
    prices = {str(own.pk): [4.25, 2.5, 1.0], str(other.pk): [7.75]}
    PriceList.objects.create(at=NOW, surged_at=NOW, settings_version=1, prices=prices, surges={str(own.pk): 0.5})
    page = signed_in("supervisor").get(reverse("console:routing_settings"))
    text = page.content.decode()
    assert [one.partner.id for one in page.context["partners"]] == [own.pk]
    assert [(one.price, one.free, one.kept) for one in page.context["partners"]] == [(1.5, 3, 1)]
    assert "7.75" not in text and "7,75" not in text
    assert reverse("console:set_routing") not in text and reverse("console:try_routing") in text


def test_a_hundred_partners_cost_as_many_statements_as_one() -> None:
    counts, client = [], signed_in("administrator")
    for number in (1, 15):
        for _ in range(number):
            make_partner()
        with CaptureQueriesContext(connection) as queries:
            client.get(reverse("console:routing_settings"))
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_an_administrator_enters_a_version_on_the_page() -> None:
    client = signed_in("administrator")
    answer = client.post(reverse("console:set_routing"), sent(prices__strength=0.5))
    assert answer.status_code == 302
    assert RoutingSetting.objects.first().definition == changed(prices={"strength": 0.5})


def test_the_page_shows_the_fault_at_its_field_and_stores_nothing() -> None:
    answer = signed_in("administrator").post(reverse("console:set_routing"), sent(reserve__share=0.9))
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == ["reserve__share"]
    assert RoutingSetting.objects.count() == 1


def test_numbers_that_are_none_are_refused_by_the_form() -> None:
    answer = signed_in("administrator").post(reverse("console:set_routing"), sent(weights__free="nan"))
    assert answer.status_code == 422 and "weights__free" in answer.context["form"].errors


def test_trying_shows_what_would_change_and_stores_nothing() -> None:
    RoutingPolicy.objects.update(mode="automatic")
    forget_reference()
    make_partner()
    route_case(case_id=make_case(urgency=2).pk, now=NOW)
    answer = signed_in("administrator").post(reverse("console:set_routing"), sent(**{"try": "1"}))
    assert answer.status_code == 200
    assert answer.context["tried"] == Effect(looked_at=1)
    assert RoutingSetting.objects.count() == 1


# --- the effect on past decisions -------------------------------------------------------------------------------------
def ranked(partner: str, price: float, **parts: float) -> dict[str, Any]:
    return {
        "partner": partner,
        "price": price,
        "closed": False,
        "parts": dict.fromkeys(SHIPPED["weights"], 0.5) | parts,
    }


def of(*rows: dict[str, Any], urgency: int = 3, hours: float = 0, **parts: dict[str, Any]) -> Effect:
    past = [(list(rows), urgency, NOW - timedelta(hours=hours), NOW)]
    return effect(past, terms_of(SHIPPED), terms_of(changed(**parts)))


def test_other_weights_put_another_partner_first() -> None:
    far, full = ranked("a", 0, area=0.3, free=1), ranked("b", 0, area=1, free=0)
    weights = {**SHIPPED["weights"], "area": 0.0, "free": SHIPPED["weights"]["free"] + SHIPPED["weights"]["area"]}
    assert of(far, full, weights=weights) == Effect(1, another=1)
    assert of(far, full) == Effect(1)


def test_a_stronger_price_holds_a_case_and_a_weaker_one_lets_it_go() -> None:
    assert of(ranked("a", 0.9), prices={"strength": 2}) == Effect(1, held=1)
    assert of(ranked("a", 1.1), prices={"strength": 0.5}) == Effect(1, released=1)


def test_an_urgent_case_and_one_that_waited_long_are_never_held() -> None:
    assert of(ranked("a", 9.0), urgency=2, prices={"strength": 5}) == Effect(1)
    assert of(ranked("a", 9.0), hours=240, prices={"strength": 5}) == Effect(1)
