"""A dry run of a partner as edited, and of other settings, names exactly the cases that the real change moves."""

from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import Any

import pytest

from cases.actions.ask_job import ask_dry_run, cancel_job
from cases.actions.edit_partner import edit_partner
from cases.actions.price_places import price_places, prices_under
from cases.actions.record import Actor
from cases.actions.run_jobs import run_jobs
from cases.actions.set_routing import set_routing
from cases.errors import NotAllowed
from cases.models import Case, Job, JobRule, PartnerOrganisation, PriceList, RoutingSetting
from cases.partner_sheet import PartnerSheet, ServiceSheet
from cases.queries.partner_sheet import sheet_of
from cases.queries.remembered import forget_reference
from cases.routing.situation import terms_in_force
from cases.routing.terms import terms_of
from intake.errors import InvalidInput
from intake.models import Language
from tests.cases.random_world import CATEGORIES, LANGUAGES, REGIONS, priced_settings, random_world, some
from tests.cases.routing_world import NOW, make_case, make_partner, make_reference, make_staff
from tests.cases.test_dry_run import decided, kinds, past_case, tried
from tests.cases.test_edit_partner import contact_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def reference_rows() -> None:
    make_reference()
    Language.objects.filter(code__in=["az", "ru", "en"]).update(is_interface=True)
    JobRule.objects.create(kind="dry_run", most=50, look_back_days=365, keep_days=30)


def past_cases(rng: Random, number: int = 12) -> list[Case]:
    return [
        past_case(
            category=rng.choice(CATEGORIES),
            urgency=rng.randint(1, 4),
            region_id=rng.choice(REGIONS),
            language_id=rng.choice(LANGUAGES),
            age_band=rng.choice(["25_39", "60_plus", "14_17"]),
            child=rng.choice(["no", "yes"]),
        )
        for _ in range(number)
    ]


def moved(before: dict[str, Any], after: dict[str, Any]) -> set[str]:
    return {one for one, (mode, found) in before.items() if after[one][1] != found or (after[one][0] != mode and found)}


def decisions(cases: list[Case]) -> dict[str, Any]:
    return {case.reference: decided(case) for case in cases}


# --- a partner as it was edited ---------------------------------------------------------------------------------------
def edited_sheet(rng: Random, sheet: PartnerSheet) -> PartnerSheet:
    languages = some(rng, LANGUAGES, 1)
    service = ServiceSheet(
        age_bands=rng.choice([(), ("60_plus",)]), child_safeguarding=rng.random() < 0.5, is_specialised=True
    )
    changes: list[dict[str, Any]] = [
        {"capacity": rng.choice([0, 1, 9])},
        {"services": {code: service for code in some(rng, CATEGORIES, 1)}},
        {"areas": tuple(sorted(("RU", one, rng.random() < 0.5) for one in some(rng, REGIONS[:3], 1)))},
        {"languages": tuple(languages[:1]), "interpreter_languages": tuple(languages[1:])},
        {"around_the_clock": False, "working_hours": ((5, "09:00", "12:00"),)},
        {"closed_days": (("2026-11-23", "2026-12-20"),)},
        {"is_active": not sheet.is_active},
    ]
    for change in rng.sample(changes, 3):
        sheet = replace(sheet, **change)
    filled = {"areas": (("RU", None, False),), "languages": ("az",), "services": {"DET": ServiceSheet()}}
    return replace(sheet, **{name: value for name, value in filled.items() if not getattr(sheet, name)})


@pytest.mark.parametrize("seed", range(12))
def test_it_names_the_cases_that_the_edit_moves(seed: int) -> None:
    rng = Random(seed)
    random_world(rng, 4)
    partner = make_partner(regions=[None], languages=LANGUAGES, categories=CATEGORIES)
    priced_settings(rng)
    cases = past_cases(rng)
    before, sheet = decisions(cases), edited_sheet(rng, sheet_of(partner))
    found = kinds(tried({"kind": "sheet", "partner": partner.slug, "sheet": sheet.as_json()}))
    edit_partner(
        partner_id=partner.pk,
        sheet=sheet,
        contact=contact_of(partner),
        seen=1,
        by=Actor("staff", make_staff("partner_coordinator").pk),
        now=NOW,
    )
    assert set(found) == moved(before, decisions(cases))


def test_something_does_move_in_these_worlds() -> None:
    """Else the comparison above would compare nothing with nothing."""
    partner = make_partner()
    case = past_case(urgency=2)
    sheet = replace(sheet_of(partner), closed_days=(("2026-11-23", "2026-12-20"),), areas=(("RU", "RU-SPE", False),))
    job = tried({"kind": "sheet", "partner": partner.slug, "sheet": sheet.as_json()})
    assert kinds(job) == {case.reference: "finds_none"}
    assert job.result["cases"][0]["why"][0]["come"] == ["out_of_area"]


def test_a_sheet_keeps_everything_on_its_way_through_the_job() -> None:
    rng = Random(1)
    for partner in random_world(rng, 8):
        sheet = edited_sheet(rng, sheet_of(partner))
        assert PartnerSheet.stored(sheet.as_json()) == sheet


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"sheet": None},
        {"sheet": {}},
        {"sheet": {"capacity": 1}},
        {"areas": [[["RU"], None, False]]},
        {"languages": [{}]},
        {"services": {"DET": None}},
        {"timezone": ["UTC"]},
        {"working_hours": [["x", "09:00", "18:00"]]},
    ],
    ids=str,
)
def test_what_is_no_sheet_is_refused_and_asks_for_no_work(change: dict[str, Any]) -> None:
    partner = make_partner()
    sheet = sheet_of(partner).as_json() | change
    whole = change if not change or "sheet" in change else {"sheet": sheet}
    given = {"kind": "sheet", "partner": partner.slug, **whole}
    with pytest.raises(InvalidInput) as refused:
        ask_dry_run(change=given, days=30, by=Actor("staff", make_staff("supervisor").pk), now=NOW)
    assert set(refused.value.fields) == {"sheet"}
    assert not Job.objects.exists()


def test_an_impossible_sheet_is_refused_at_its_field_and_one_of_the_other_side_is_not_known() -> None:
    own, other = make_partner(), make_partner(side="RU")
    by = Actor("staff", make_staff("supervisor").pk)
    wrong = replace(sheet_of(own), working_hours=((0, "18:00", "09:00"),))
    for partner, sheet, at in ((own, wrong, "working_hours.0"), (other, sheet_of(other), "partner")):
        with pytest.raises(InvalidInput) as refused:
            ask_dry_run(
                change={"kind": "sheet", "partner": partner.slug, "sheet": sheet.as_json()}, days=30, by=by, now=NOW
            )
        assert set(refused.value.fields) == {at}


def came_in(**columns: Any) -> None:
    """A case of last month, by which the next ones are expected."""
    make_case(received_at=NOW - timedelta(days=30), state="closed", routing_wanted_at=None, **columns)


def expected(rng: Random) -> None:
    for _ in range(20):
        came_in(category=rng.choice(CATEGORIES), urgency=rng.randint(1, 3), language_id=rng.choice(LANGUAGES))


# --- other settings ---------------------------------------------------------------------------------------------------
def other_settings(rng: Random) -> dict[str, Any]:
    """A definition that can be used, drawn as the ones in force are."""
    PriceList.objects.all().delete()
    highest = RoutingSetting.objects.order_by("-version").values_list("version", flat=True).first() or 0
    priced_settings(rng, version=highest + 1)
    made = RoutingSetting.objects.get(version=highest + 1)
    definition = made.definition
    made.delete()
    PriceList.objects.all().delete()
    forget_reference()
    return dict(definition)


@pytest.mark.parametrize("seed", [0, 1, 3, 4, 5, 6, 8, 9, 11])  # worlds in which something moves
def test_it_names_the_cases_that_new_settings_move_at_their_own_prices(seed: int) -> None:
    rng = Random(seed)
    random_world(rng, 5)
    make_partner(regions=[None], languages=LANGUAGES, categories=CATEGORIES, capacity=1)
    make_partner(languages=LANGUAGES, categories=CATEGORIES, capacity=1, service={"is_specialised": True})
    wanted = other_settings(rng)
    priced_settings(rng)
    expected(rng)
    cases = past_cases(rng, 16)
    before = decisions(cases)
    found = kinds(tried({"kind": "settings", "definition": wanted}))
    set_routing(definition=wanted, based_on=7, reason="r", by=Actor("staff", make_staff("administrator").pk), now=NOW)
    price_places(now=NOW)
    assert set(found) == moved(before, decisions(cases)) != set()


def test_a_place_that_would_be_kept_for_urgent_cases_is_the_reason() -> None:
    partner = make_partner(capacity=1)
    priced_settings(Random(3))
    PriceList.objects.update(prices={}, surges={})
    forget_reference()
    case = past_case(urgency=4, category="WRK")
    for _ in range(15):  # what is expected makes the one place dear
        came_in(urgency=1, category="DET")
    given = dict(RoutingSetting.objects.get().definition)
    given["prices"] = {"strength": 5.0, "surge": 5.0, "worth": {"1": 100, "2": 50, "3": 2, "4": 0.1}}
    job = tried({"kind": "settings", "definition": given})
    row = next(one for one in job.result["cases"] if one["reference"] == case.reference)
    assert row["kind"] == "finds_none"
    assert row["why"] == [{"partner": str(partner.pk), "place": [1, 1], "held": [False, True], "gone": [], "come": []}]


def test_prices_under_the_settings_in_force_are_those_of_the_night() -> None:
    rng = Random(5)
    random_world(rng, 5)
    priced_settings(rng)
    expected(rng)
    made = price_places(now=NOW)
    assert made is not None and any(any(price) for price in made.prices.values())
    tried_prices = prices_under(terms_of(RoutingSetting.objects.get().definition), now=NOW)
    assert tried_prices == terms_in_force().prices


@pytest.mark.parametrize(
    ("part", "changes", "at"),
    [
        ("weights", {"free": 2}, "weights.free"),
        ("reserve", {"share": 0.9}, "reserve.share"),
        ("prices", {"strength": "x"}, "definition"),
    ],
)
def test_impossible_settings_are_refused_at_their_number(part: str, changes: dict[str, Any], at: str) -> None:
    definition = other_settings(Random(1))
    definition[part] = definition[part] | changes
    with pytest.raises(InvalidInput) as refused:
        ask_dry_run(
            change={"kind": "settings", "definition": definition},
            days=30,
            by=Actor("staff", make_staff("supervisor").pk),
            now=NOW,
        )
    assert set(refused.value.fields) == {at}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("role", ["supervisor", "partner_coordinator", "administrator"])
def test_whoever_may_read_the_settings_may_try_others_and_a_worker_does_it(role: str) -> None:
    make_partner(), past_case()
    by = Actor("staff", make_staff(role).pk)
    job = ask_dry_run(change={"kind": "settings", "definition": other_settings(Random(2))}, days=30, by=by, now=NOW)
    run_jobs(now_fn=lambda: NOW)
    job.refresh_from_db()
    assert (job.state, job.done, job.total) == ("done", 1, 1)


def test_an_administrator_tries_settings_and_no_partner_and_stops_only_those() -> None:
    partner, by = make_partner(), Actor("staff", make_staff("administrator").pk)
    with pytest.raises(NotAllowed):
        ask_dry_run(
            change={"kind": "sheet", "partner": partner.slug, "sheet": sheet_of(partner).as_json()},
            days=30,
            by=by,
            now=NOW,
        )
    other = make_staff("supervisor")
    change = {"kind": "partner", "partner": partner.slug, "capacity": 1}
    job = ask_dry_run(change=change, days=30, by=Actor("staff", other.pk), now=NOW)
    with pytest.raises(NotAllowed):
        cancel_job(job_id=job.pk, by=by, now=NOW)


def test_trying_changes_no_partner_and_no_settings() -> None:
    partner = make_partner()
    past_case()
    priced_settings(Random(4))
    tried({"kind": "settings", "definition": dict(RoutingSetting.objects.get().definition)})
    tried({"kind": "sheet", "partner": partner.slug, "sheet": replace(sheet_of(partner), capacity=0).as_json()})
    assert (RoutingSetting.objects.count(), PriceList.objects.count()) == (1, 1)
    assert PartnerOrganisation.objects.get().capacity == 5
