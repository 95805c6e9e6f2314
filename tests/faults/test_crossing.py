"""R14: a refusal and an offer that cross between two partners at full speed never show anybody a deadlock."""

import os
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial

import pytest
from django.db import connection

from cases.actions.answer_referral import decline_referral
from cases.actions.record import Actor
from cases.actions.route_case import route_case, route_waiting
from cases.actions.wake_unrouted import wake_all
from cases.models import Case, PartnerOrganisation, Referral
from cases.queries.remembered import forget_reference
from cases.workflow import LOAD
from intake.errors import DomainError
from intake.queries import forget_reference_data
from tests.cases.routing_world import NOW, make_case, make_partner, make_reference
from tests.cases.test_offer import at_once

ROUNDS = 200 if os.environ.get("KORPU_FAULTS") == "full" else 8


@pytest.fixture(autouse=True)
def world(transactional_db: None) -> Iterator[None]:
    forget_reference_data()
    make_reference()
    yield
    forget_reference()


def quietly(act: Callable[[], object]) -> Callable[[], object]:
    """A refusal that the domain knows is an answer; anything else is what this test looks for."""

    def run() -> object:
        try:
            return act()
        except DomainError as refusal:
            return refusal.code

    return run


@pytest.mark.postgres
def test_a_refusal_and_an_offer_that_cross_never_deadlock_nor_exceed_a_place() -> None:
    one, two = make_partner("one", capacity=2), make_partner("two", capacity=2)
    faults: list[object] = []
    for number in range(ROUNDS):
        now = NOW + timedelta(seconds=number)
        Referral.objects.filter(state__in=LOAD).update(state="expired")
        ended = {"state": "closed", "outcome": "advice_given", "closed_at": now, "routing_wanted_at": None}
        Case.objects.exclude(state="closed").update(**ended)
        PartnerOrganisation.objects.update(paused_until=None)
        cases = [make_case(urgency=1, triaged_at=NOW) for _ in range(4)]
        for case in cases[:2]:
            route_case(case_id=case.pk, now=now)
        acts = _acts(cases[2:], now)
        results = at_once(*(quietly(act) for act in acts))
        faults += [result for result in results if isinstance(result, BaseException)]
        for partner in (one, two):
            assert Referral.objects.filter(partner=partner, state__in=LOAD).count() <= 2
    assert faults == []


def _acts(waiting: list[Case], now: datetime) -> list[Callable[[], object]]:
    refusals = [_refusal(referral, now) for referral in Referral.objects.filter(state="offered")]
    offers = [partial(route_case, case_id=case.pk, now=now) for case in waiting]
    return [*refusals, *offers, partial(route_waiting, now=now), partial(wake_all, now=now)]


def _refusal(referral: Referral, now: datetime) -> Callable[[], object]:
    return lambda: decline_referral(
        referral_id=referral.pk,
        partner_id=referral.partner_id,
        reason="no_capacity",
        by=Actor("partner", referral.partner_id),
        now=now,
    )


@pytest.mark.postgres
def test_it_runs_where_locks_are_taken_by_row() -> None:
    assert connection.vendor == "postgresql"
