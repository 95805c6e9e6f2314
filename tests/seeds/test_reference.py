"""Reference data: complete, safe to load again, and what an operator set stays."""

import pytest

from cases.models import ClockSetting, RoutingPolicy, UrgencyRule
from cases.urgency import CHECKS
from intake.models import Country, Direction, EmergencyNumber, ProblemCategory, ProblemSubcode, Region
from seeds.reference import load_reference

pytestmark = pytest.mark.django_db(transaction=True)


def test_everything_that_the_design_names_is_there() -> None:
    load_reference()
    assert ProblemCategory.objects.count() == 16
    assert Direction.objects.count() == 4
    assert set(UrgencyRule.objects.values_list("code", flat=True)) == set(CHECKS)
    assert RoutingPolicy.objects.count() == 16 * 4
    assert set(Country.objects.filter(is_stay=True).values_list("code", flat=True)) == {"AZ", "RU"}
    assert Region.objects.filter(country="RU").count() == 83
    assert sorted(EmergencyNumber.objects.values_list("country_id", "number")) == [
        (country, number) for country in ("AZ", "RU") for number in ("102", "103", "112")
    ]
    clocks = ClockSetting.objects.values_list("triage_hours", "answer_hours", "contact_hours")
    assert list(clocks) == [(1, 2, 4), (4, 12, 24), (24, 48, 72), (72, 96, 168)]


def test_the_exchange_programmes_belong_to_two_directions() -> None:
    load_reference()
    subcode = ProblemSubcode.objects.get(category="EDU", code="EXCHANGE")
    assert set(subcode.directions.values_list("number", flat=True)) == {1, 4}


def test_loading_again_keeps_what_an_operator_set() -> None:
    load_reference()
    ClockSetting.objects.filter(urgency=1).update(triage_hours=2)
    ProblemCategory.objects.filter(code="WRK").update(default_urgency=2)
    Country.objects.filter(code="AZ").update(neutral_url="https://example.org/")
    before = (ProblemSubcode.objects.count(), Region.objects.count())
    load_reference()
    assert ClockSetting.objects.get(urgency=1).triage_hours == 2
    assert ProblemCategory.objects.get(code="WRK").default_urgency == 2
    assert Country.objects.get(code="AZ").neutral_url == "https://example.org/"
    assert (ProblemSubcode.objects.count(), Region.objects.count()) == before
