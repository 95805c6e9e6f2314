"""Unrouted cases: dated, with reasons, tried again when something changed, and never beyond anybody's places."""

from collections.abc import Iterator
from datetime import date, timedelta

import pytest

from cases.actions.complete_referral import complete_referral
from cases.actions.record import Actor
from cases.actions.route_case import route_case, route_waiting
from cases.actions.wake_unrouted import wake_all, wake_unrouted_step
from cases.models import Case, ClockSetting, OutboxMessage, PartnerOrganisation, Referral, RoutingDecision, Service
from cases.queries.remembered import forget_reference
from intake.queries import forget_reference_data
from tests.cases.routing_world import NOW, fill, make_case, make_partner, make_reference, make_staff

LATER = NOW + timedelta(minutes=30)
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def world() -> Iterator[None]:
    forget_reference_data()
    make_reference()
    yield
    forget_reference()


def unrouted(**columns: object) -> Case:
    case = make_case(**({"urgency": 2, "triaged_at": NOW} | columns))
    route_case(case_id=case.pk, now=NOW)
    case.refresh_from_db()
    assert case.state == "unrouted"
    return case


def waiting() -> set[object]:
    return set(Case.objects.filter(routing_wanted_at__isnull=False).values_list("pk", flat=True))


def test_a_partner_that_can_take_it_now_wakes_what_fits_by_category_and_country_only() -> None:
    fits, other_field, other_country = unrouted(), unrouted(category="EDU"), unrouted(country_id="AZ", region_id=None)
    partner = make_partner()
    assert wake_unrouted_step([partner.pk], now=LATER) == 1
    assert waiting() == {fits.pk} and {other_field.pk, other_country.pk}.isdisjoint(waiting())
    route_waiting(now=LATER)
    fits.refresh_from_db()
    assert (fits.state, fits.referrals.get().partner) == ("offered", partner)


def test_one_change_wakes_a_case_once() -> None:
    unrouted()
    partner = make_partner()
    assert (wake_unrouted_step([partner.pk], now=LATER), wake_unrouted_step([partner.pk], now=LATER)) == (1, 0)


def test_a_completed_case_frees_a_place_for_the_most_urgent_and_no_place_is_taken_twice() -> None:
    partner = make_partner(capacity=1)
    fill(partner, 1)
    less, more = unrouted(category="WRK", urgency=2), unrouted(urgency=1)
    in_hand = Referral.objects.get(state="accepted")
    Referral.objects.update(state="in_service")
    Case.objects.filter(pk=in_hand.case_id).update(state="in_progress")
    complete_referral(
        referral_id=in_hand.pk, outcome="advice_given", summary="", by=Actor("partner", partner.pk), now=LATER
    )
    assert waiting() == {less.pk, more.pk}
    route_waiting(now=LATER)
    more.refresh_from_db(), less.refresh_from_db()
    assert (more.state, less.state) == ("offered", "unrouted")
    assert Referral.objects.filter(partner=partner, state="offered").count() == 1


def test_an_inactive_partner_and_one_beyond_the_bound_wake_nobody() -> None:
    for _ in range(3):
        unrouted()
    partner = make_partner(is_active=False)
    assert wake_unrouted_step([partner.pk], now=LATER) == 0
    PartnerOrganisation.objects.update(is_active=True)
    assert wake_unrouted_step([partner.pk], now=LATER, limit=2) == 2


def test_tried_in_vain_its_date_and_its_place_stay_and_nobody_is_told_again() -> None:
    make_staff("supervisor")
    case = unrouted()
    partner = make_partner(languages=["ru"])
    told = OutboxMessage.objects.count()
    for minutes in (10, 20):
        wake_unrouted_step([partner.pk], now=NOW + timedelta(minutes=minutes))
        route_waiting(now=NOW + timedelta(minutes=minutes))
    again = Case.objects.get(pk=case.pk)
    assert (again.due_at, again.due_kind, again.last_event) == (case.due_at, "unrouted", "unrouted")
    assert (again.event_count, OutboxMessage.objects.count()) == (case.event_count, told)
    # The first explanation knew of no partner; the second is kept once.
    assert RoutingDecision.objects.filter(case=case).count() == 2


def test_the_sweep_finds_that_a_pause_has_ended() -> None:
    make_partner(paused_until=date(2026, 11, 24))
    case = unrouted()
    assert wake_all(now=LATER) == 1
    route_waiting(now=LATER)
    assert (wake_all(now=LATER + timedelta(minutes=5)), waiting()) == (0, set())
    tomorrow = NOW + timedelta(days=1)
    assert wake_all(now=tomorrow) == 1
    route_waiting(now=tomorrow)
    case.refresh_from_db()
    assert case.state == "offered"


# --- a decision that cannot be made -----------------------------------------------------------------------------------
@pytest.mark.parametrize("broken", ["nobody", "no places", "unknown zone", "no service", "no area"])
def test_with_broken_data_a_case_ends_in_the_queue_with_its_reasons(broken: str) -> None:
    reasons = {
        "nobody": None,
        "no places": "no_free_capacity",
        "unknown zone": "closed_before_deadline",
        "no service": "no_service",
        "no area": "out_of_area",
    }[broken]
    if broken != "nobody":
        make_partner(
            **({"capacity": 0} if broken == "no places" else {}), regions=() if broken == "no area" else (None,)
        )
    if broken == "unknown zone":
        PartnerOrganisation.objects.update(timezone="Mars/Olympus")
    if broken == "no service":
        Service.objects.all().delete()
    case = make_case(urgency=3, category="WRK")
    decision = route_case(case_id=case.pk, now=NOW)
    case.refresh_from_db()
    assert (case.state, case.due_kind) == ("unrouted", "triage")
    assert decision is not None and case.due_at is not None
    assert [row["reasons"] for row in decision.rejected] == ([[reasons]] if reasons else [])


def test_without_clocks_a_person_gets_the_case_at_once() -> None:
    make_partner()
    case = make_case(urgency=2, triaged_at=NOW)
    ClockSetting.objects.all().delete()
    forget_reference()
    assert route_waiting(now=NOW) == 1
    case.refresh_from_db()
    assert (case.state, case.due_at, case.due_kind, case.routing_wanted_at) == ("unrouted", NOW, "unrouted", None)
    assert case.timeline.get(code="unrouted").details["because"] == "no_clock"
