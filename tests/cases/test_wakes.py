"""Every change that may place a case has those tried again that found nobody: at once, not at the next sweep."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from cases.actions.decide_approval import approve
from cases.actions.demo_memorandum import switch_memorandum
from cases.actions.edit_partner import edit_partner
from cases.actions.pause_partner import pause_partner, resume_partner
from cases.actions.propose_agreement import propose_agreement, propose_amendment
from cases.actions.record import Actor
from cases.actions.route_case import route_case, route_waiting
from cases.actions.set_routing import set_routing
from cases.actions.wake_unrouted import SEEN_BY_ALL, wake_unrouted_step
from cases.models import Agreement, Case, Holiday, PartnerOrganisation, RoutingPolicy, RoutingSetting, WorkingHours
from cases.partner_sheet import ServiceSheet
from cases.queries.partner_sheet import sheet_of
from intake.models import Language
from seeds.reference import _json
from tests.cases.agreement_world import terms
from tests.cases.routing_world import NOW, make_agreement, make_case, make_partner, make_reference, make_staff
from tests.cases.test_edit_partner import contact_of

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(minutes=1)
WEEK = NOW.date() + timedelta(days=7)


@pytest.fixture(autouse=True)
def reference_rows() -> None:
    make_reference()
    Language.objects.filter(code__in=["az", "ru", "en"]).update(is_interface=True)


def unrouted(**columns: Any) -> Case:
    case = make_case(**columns)
    route_case(case_id=case.pk, now=NOW)
    case.refresh_from_db()
    assert case.state == "unrouted"
    return case


def coordinator() -> Actor:
    return Actor("staff", make_staff("partner_coordinator").pk)


def edit(partner: PartnerOrganisation, **changes: Any) -> None:
    partner.refresh_from_db()
    edit_partner(
        partner_id=partner.pk,
        sheet=replace(sheet_of(partner), **changes),
        contact=contact_of(partner),
        seen=partner.version,
        by=coordinator(),
        now=LATER,
    )


PARTNER_CHANGES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "capacity": ({"capacity": 0}, {"capacity": 3}),
    "active": ({"is_active": False}, {"is_active": True}),
    "service": ({"categories": ("WRK",)}, {"services": {"DET": ServiceSheet()}}),
    "age limit": ({"service": {"age_bands": ["60_plus"]}}, {"services": {"DET": ServiceSheet()}}),
    "area": ({"regions": ("RU-KAM",)}, {"areas": (("RU", None, False),)}),
    "language": ({"languages": ("en",)}, {"interpreter_languages": ("az",)}),
}


@pytest.mark.parametrize("name", PARTNER_CHANGES)
def test_an_edit_of_a_partner_places_the_case_at_once(name: str) -> None:
    before, after = PARTNER_CHANGES[name]
    partner = make_partner(**before)
    case = unrouted()
    edit(partner, **after)
    assert placed(case)


def test_the_end_of_a_pause_and_a_shorter_one_place_it_at_once() -> None:
    partner = make_partner(paused_until=WEEK)
    case = unrouted()
    yesterday_is_no_pause = NOW.date()
    pause_partner(
        partner_id=partner.pk,
        until=yesterday_is_no_pause,
        because="no_money",
        seen_until=WEEK,
        by=coordinator(),
        now=LATER,
    )
    assert Case.objects.get(pk=case.pk).routing_wanted_at == LATER
    Case.objects.update(routing_wanted_at=None)
    resume_partner(partner_id=partner.pk, seen_until=yesterday_is_no_pause, by=coordinator(), now=LATER)
    assert placed(case)


def test_an_approved_agreement_places_it_at_once() -> None:
    partner = make_partner(agreement=None)
    case = unrouted()
    given = terms(data_groups=("identity", "contact"))
    request = propose_agreement(
        kind="partner", partner_id=partner.pk, under_memorandum=False, terms=given, by=coordinator(), now=LATER
    )
    assert Case.objects.get(pk=case.pk).routing_wanted_at is None, "not before a second person has approved it"
    approve(request_id=request.pk, by=Actor("staff", make_staff("supervisor").pk), now=LATER)
    assert placed(case)


def test_an_approved_amendment_places_it_at_once() -> None:
    partner = make_partner(agreement={"categories": ["EDU"], "valid_from": date(2026, 11, 1)})
    case = unrouted()
    request = propose_amendment(
        agreement_id=Agreement.objects.get().pk,
        terms=terms(data_groups=("identity", "contact")),
        seen=1,
        by=coordinator(),
        now=LATER,
    )
    approve(request_id=request.pk, by=Actor("staff", make_staff("supervisor").pk), now=LATER)
    assert partner.pk and placed(case)


def test_a_memorandum_places_it_at_once() -> None:
    make_partner(agreement={"under_memorandum": True})
    case = unrouted()
    given = terms(data_groups=("identity", "contact"))
    request = propose_agreement(
        kind="memorandum", partner_id=None, under_memorandum=False, terms=given, by=coordinator(), now=LATER
    )
    for side in ("AZ", "RU"):
        if not request.approvals.filter(side=side).exists():
            approver = make_staff("supervisor", side=side)
            approve(request_id=request.pk, by=Actor("staff", approver.pk), now=LATER)
    assert placed(case)


def test_the_switch_of_the_demo_places_it_at_once(settings: Any) -> None:
    settings.DEMO = True
    make_partner(agreement={"under_memorandum": True})
    make_agreement(None, valid_until=date(2026, 11, 23))
    Agreement.objects.update(is_demo=True)
    case = unrouted()
    switch_memorandum(now=LATER)
    assert placed(case)


# --- what every process remembers for a minute ------------------------------------------------------------------------
def test_new_routing_settings_have_it_tried_as_soon_as_every_worker_knows_them() -> None:
    RoutingSetting.objects.create(version=1, definition=_json("routing_settings.json"))
    make_partner(languages=("en",))
    case = unrouted()
    set_routing(
        definition=_json("routing_settings.json"),
        based_on=1,
        reason="r",
        by=Actor("staff", make_staff("administrator").pk),
        now=LATER,
    )
    assert Case.objects.get(pk=case.pk).routing_wanted_at == LATER + SEEN_BY_ALL


@pytest.mark.parametrize("change", ["policy", "hours", "holiday gone", "clock"])
def test_a_change_in_the_admin_has_it_tried_as_soon_as_every_worker_knows_it(change: str, settings: Any) -> None:
    settings.SECOND_FACTOR_REQUIRED = False
    make_partner(languages=("en",))
    case = unrouted()
    client = Client()
    client.force_login(make_staff("administrator"))
    address, given = _ADMIN[change]()
    answer = client.post(address, given)
    assert answer.status_code == 302, getattr(answer, "context", None) and answer.context["errors"]
    case.refresh_from_db()
    assert case.routing_wanted_at is not None and case.woken_at is not None
    assert case.routing_wanted_at - case.woken_at == SEEN_BY_ALL


def _of_policy() -> tuple[str, dict[str, Any]]:
    row = RoutingPolicy.objects.get(category="DET", urgency=1)
    given = {"category": "DET", "urgency": 1, "mode": "propose"}
    return reverse("admin:cases_routingpolicy_change", args=[row.pk]), given


def _of_hours() -> tuple[str, dict[str, Any]]:
    row = WorkingHours.objects.filter(side="AZ").first()
    assert row is not None
    given = {"side": "AZ", "weekday": row.weekday, "start": "08:00", "end": "19:00", "timezone": "Asia/Baku"}
    return reverse("admin:cases_workinghours_change", args=[row.pk]), given


def _of_holiday() -> tuple[str, dict[str, Any]]:
    return reverse("admin:cases_holiday_delete", args=[Holiday.objects.get().pk]), {"post": "yes"}


def _of_clock() -> tuple[str, dict[str, Any]]:
    given = {"urgency": 1, "triage_hours": 1, "answer_hours": 3, "contact_hours": 4}
    return reverse("admin:cases_clocksetting_change", args=[1]), given


_ADMIN: dict[str, Callable[[], tuple[str, dict[str, Any]]]] = {
    "policy": _of_policy,
    "hours": _of_hours,
    "holiday gone": _of_holiday,
    "clock": _of_clock,
}


def test_a_case_whose_place_is_kept_until_later_is_tried_again_too_and_one_in_hand_is_not() -> None:
    partner = make_partner(languages=("en",))
    held, in_hand = unrouted(), unrouted()
    Case.objects.filter(pk=held.pk).update(routing_wanted_at=NOW + timedelta(days=1))
    Case.objects.filter(pk=in_hand.pk).update(routing_wanted_at=NOW + timedelta(seconds=90), routing_attempts=1)
    assert wake_unrouted_step([partner.pk], now=LATER) == 1
    assert Case.objects.get(pk=held.pk).routing_wanted_at == LATER
    assert Case.objects.get(pk=in_hand.pk).routing_attempts == 1


def placed(case: Case) -> bool:
    route_waiting(now=LATER)
    case.refresh_from_db()
    return case.state == "offered"
