"""The price list is made of what partners declare, how full they are and what came in, and routing goes by it."""

import json
from copy import deepcopy
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases.actions.price_places import KEPT, price_places, price_surges
from cases.actions.route_case import route_case
from cases.models import OutboxMessage, PriceList, Referral, RoutingPolicy, RoutingSetting
from cases.queries.remembered import forget_reference
from cases.routing.ranking import USUAL_RECORD
from cases.routing.situation import case_facts, decide, terms_in_force
from cases.routing.terms import TERMS, faults_of, terms_of
from seeds.reference import DATA
from tests.cases.routing_world import NOW, make_case, make_partner, make_reference, make_staff

pytestmark = pytest.mark.django_db(transaction=True)
SHIPPED = json.loads((DATA / "routing_settings.json").read_text(encoding="utf-8"))


@pytest.fixture(autouse=True)
def _world(db: None) -> None:
    make_reference()


def settings_row(version: int = 1, **parts: dict[str, Any]) -> None:
    definition = deepcopy(SHIPPED)
    for name, changes in parts.items():
        definition[name].update(changes)
    RoutingSetting.objects.create(version=version, definition=definition)
    forget_reference()


def earlier(number: int, **columns: Any) -> None:
    """Cases that came in last month and are not routed any more."""
    for _ in range(number):
        make_case(received_at=NOW - timedelta(days=30), state="closed", routing_wanted_at=None, **columns)


def automatic(category: str = "WRK", urgency: int = 3) -> None:
    RoutingPolicy.objects.filter(category_id=category, urgency=urgency).delete()
    RoutingPolicy.objects.create(category_id=category, urgency=urgency, mode="automatic")
    forget_reference()


# --- the list ---------------------------------------------------------------------------------------------------------
def test_without_stored_settings_there_is_no_list_and_the_starting_values_hold() -> None:
    make_partner()
    assert price_places(now=NOW) is None
    assert terms_in_force() == TERMS


def test_a_partner_has_a_price_where_cases_are_to_be_expected_and_none_where_not() -> None:
    settings_row()
    wanted, elsewhere = make_partner(), make_partner(regions=["RU-SPE"])
    unspoken, idle = make_partner(languages=["ru"]), make_partner(categories=["EDU"])
    earlier(20)
    made = price_places(now=NOW)
    assert set(made.prices) == {str(wanted.pk)}
    assert not {str(one.pk) for one in (elsewhere, unspoken, idle)} & set(made.prices)


def test_the_price_by_hand() -> None:
    """2 detentions (U1) are to be expected in 24 days, each worth 8 × fit: of an only place 2/3 of that is lost."""
    settings_row()
    partner = make_partner(capacity=1)
    earlier(15)
    (price,) = price_places(now=NOW).prices[str(partner.pk)]
    weights = SHIPPED["weights"]
    fit = 1 - weights["specialised"] - weights["record"] * (1 - USUAL_RECORD) - weights["free"] / 2
    assert price == pytest.approx(8 * fit * 2 / 3, abs=1e-3)


def test_a_wave_is_added_within_the_quarter_of_an_hour_and_passes() -> None:
    settings_row()
    partner = make_partner(capacity=2)
    earlier(15)
    made = price_places(now=NOW)
    assert made.surges == {}
    for _ in range(3):
        make_case(received_at=NOW + timedelta(hours=1), state="closed", routing_wanted_at=None)
    price_surges(now=NOW + timedelta(hours=2))
    made.refresh_from_db()
    assert made.surges[str(partner.pk)] > 1 and made.surged_at == NOW + timedelta(hours=2)
    assert terms_in_force().prices[partner.pk].surge == made.surges[str(partner.pk)]
    price_surges(now=NOW + timedelta(days=4))
    made.refresh_from_db()
    assert made.surges == {}


def test_new_settings_have_their_list_within_the_quarter_of_an_hour() -> None:
    settings_row()
    make_partner()
    earlier(9)
    price_places(now=NOW)
    settings_row(version=2)
    price_surges(now=NOW)
    assert PriceList.objects.first().settings_version == 2
    assert terms_in_force().prices


def test_only_the_last_half_year_counts_and_practice_does_not() -> None:
    settings_row()
    make_partner(), make_partner(is_practice=True)
    earlier(5, is_practice=True)
    make_case(received_at=NOW - timedelta(days=181), state="closed", routing_wanted_at=None)
    assert price_places(now=NOW).prices == {}


def test_a_region_that_is_not_known_is_covered_by_whole_countries_only() -> None:
    settings_row()
    make_partner()
    country = make_partner(regions=[None])
    earlier(9, region_id=None)
    assert set(price_places(now=NOW).prices) == {str(country.pk)}


def test_old_lists_go() -> None:
    settings_row()
    for day in range(KEPT + 3):
        price_places(now=NOW + timedelta(days=day))
    assert PriceList.objects.count() == KEPT
    assert PriceList.objects.first().at == NOW + timedelta(days=KEPT + 2)


def test_the_list_of_other_settings_is_not_used() -> None:
    settings_row()
    make_partner()
    earlier(9)
    assert price_places(now=NOW).prices
    settings_row(version=2)
    assert (terms_in_force().version, dict(terms_in_force().prices)) == (2, {})


def test_a_hundred_partners_cost_as_many_statements_as_ten() -> None:
    settings_row()
    counts = []
    for number in (10, 90):
        for _ in range(number):
            make_partner()
        with CaptureQueriesContext(connection) as queries:
            price_places(now=NOW)
        counts.append(len(queries))
    assert counts[0] == counts[1]


# --- routing by it ----------------------------------------------------------------------------------------------------
def test_an_ordinary_case_waits_for_the_reserve_in_the_sight_of_a_person_and_is_tried_again() -> None:
    settings_row(prices={"strength": 5})
    automatic()
    make_staff("supervisor")
    partner = make_partner(capacity=2)
    earlier(30)
    price_places(now=NOW)
    case = make_case(category="WRK", urgency=3)
    decision = route_case(case_id=case.pk, now=NOW)
    case.refresh_from_db()
    assert (case.state, decision.chosen, decision.rules_version) == ("unrouted", [], "routing-3.1")
    assert [(one["partner"], one["held"]) for one in decision.ranked] == [(str(partner.pk), True)]
    assert case.routing_wanted_at == NOW + timedelta(hours=24)
    assert case.due_at is not None and OutboxMessage.objects.get().kind == "unrouted"
    later = case.timeline.order_by("sequence").last()
    assert later.details["because"] == "held"


def test_the_reserve_opens_and_the_case_is_offered() -> None:
    settings_row(prices={"strength": 5})
    automatic()
    make_partner(capacity=2)
    earlier(30)
    price_places(now=NOW)
    case = make_case(category="WRK", urgency=3)
    for hours in (0, 24, 240):
        route_case(case_id=case.pk, now=NOW + timedelta(hours=hours))
    case.refresh_from_db()
    assert case.state == "offered"
    assert Referral.objects.filter(case=case).count() == 1


def test_an_urgent_case_gets_the_kept_place_at_once() -> None:
    settings_row(prices={"strength": 5})
    make_partner(capacity=1)
    earlier(30)
    price_places(now=NOW)
    case = make_case(urgency=2)
    assert route_case(case_id=case.pk, now=NOW).chosen


# --- settings that cannot be used -------------------------------------------------------------------------------------
def test_the_shipped_settings_can_be_used() -> None:
    assert faults_of(SHIPPED) == []
    assert terms_of(SHIPPED, version=1).version == 1


@pytest.mark.parametrize(
    ("part", "changes"),
    [
        ("weights", {"free": 0.9}),
        ("weights", {"fame": 0.0}),
        ("weights", {"free": -0.1}),
        ("weights", {"free": "much"}),
        ("prices", {"strength": -1}),
        ("prices", {"strength": True}),
        ("prices", {"surge": -0.1}),
        ("prices", {"surge": None}),
        ("prices", {"worth": {"1": 8, "2": 4, "3": 2}}),
        ("prices", {"worth": {"1": 1, "2": 4, "3": 2, "4": 1}}),
        ("prices", {"worth": {"1": 8, "2": 4, "3": 2, "4": 0}}),
        ("prices", {"worth": [8, 4, 2, 1]}),
        ("reserve", {"share": 0.6}),
        ("reserve", {"share": float("nan")}),
        ("reserve", {"scarce_from": -1}),
        ("reserve", {"opens_after": {"3": 721, "4": 100}}),
        ("reserve", {"opens_after": {"3": 216}}),
        ("reserve", {"opens_after": {"1": 5, "3": 216, "4": 456}}),
        ("reserve", {"again_after": 0}),
    ],
)
def test_settings_that_make_no_sense_are_told_apart(part: str, changes: dict[str, Any]) -> None:
    definition = deepcopy(SHIPPED)
    definition[part].update(changes)
    assert faults_of(definition)
    with pytest.raises(ValueError, match=f"{part}|cannot be read"):
        terms_of(definition)


@pytest.mark.parametrize("definition", [None, {}, [], "x", {"weights": {}}, {"weights": None, "prices": 1}])
def test_what_is_no_settings_at_all_is_a_fault_and_no_exception(definition: Any) -> None:
    assert faults_of(definition)


def test_settings_that_cannot_be_used_stop_no_case() -> None:
    make_partner()
    RoutingSetting.objects.create(version=1, definition={"weights": "none"})
    forget_reference()
    assert route_case(case_id=make_case(urgency=2).pk, now=NOW).chosen
    assert terms_in_force() == TERMS


def test_a_price_list_that_cannot_be_read_stops_no_case() -> None:
    settings_row()
    PriceList.objects.create(at=NOW, settings_version=1, surged_at=NOW, prices={"nobody": ["x"]})
    forget_reference()
    make_partner()
    assert route_case(case_id=make_case(urgency=2).pk, now=NOW).chosen


def test_a_dry_run_goes_by_its_own_terms_also_when_these_are_not_stored() -> None:
    settings_row(prices={"strength": 5})
    make_partner(capacity=2)
    earlier(30)
    price_places(now=NOW)
    case = make_case(urgency=3)
    facts = case_facts(case, NOW)
    assert decide(case, facts, NOW).best(1) == []
    assert decide(case, facts, NOW, terms=terms_of(SHIPPED)).best(1) != []
