"""The tab of cases without a partner: since when, why, and when they are tried again."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases.actions.route_case import route_waiting
from cases.models import Case, RoutingDecision
from cases.queries.queue import Filters, queue
from tests.cases.arrange import in_state, opened, staff
from tests.cases.web.conftest import signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]


def without_partner(now: datetime, **columns: Any) -> Case:
    return in_state(opened(now), "unrouted", unrouted_at=now, **columns)


def decision(case: Case, at: datetime, ranked: Any = (), rejected: Any = ()) -> None:
    rows = [{"partner": str(uuid4()), "reasons": reasons} for reasons in rejected]
    RoutingDecision.objects.create(
        case=case, round=1, at=at, mode="automatic", rules_version="x", ranked=list(ranked), rejected=rows
    )


def test_a_case_without_a_partner_says_since_when_why_and_when_it_is_tried_again(now: datetime) -> None:
    case = without_partner(now, routing_wanted_at=None, woken_at=now)
    decision(case, now - timedelta(hours=1), rejected=[["out_of_area"]])  # an older one says nothing any more
    decision(case, now, rejected=[["no_service"], ["no_free_capacity"], ["no_free_capacity"], ["partner_paused", "x"]])
    (row,) = queue(staff(), tab="unrouted", filters=Filters(), after="", now=now).rows
    assert (row["unrouted_at"], row["why"]) == (now, [("no_free_capacity", 2)])
    assert row["next_try"] == now + timedelta(minutes=15)
    page = signed_in(staff(language="en")).get("/console/queue/?tab=unrouted").text
    assert "No free places (2)" in page and "Without a partner since" in page


def test_where_no_partner_offers_it_at_all_that_is_the_reason(now: datetime) -> None:
    case = without_partner(now, routing_wanted_at=now + timedelta(days=1))
    decision(case, now, rejected=[["no_service"], ["no_service"], ["out_of_area"]])
    (row,) = queue(staff(), tab="unrouted", filters=Filters(), after="", now=now).rows
    assert row["why"] == [("no_service", 2), ("out_of_area", 1)]
    assert row["next_try"] == now + timedelta(days=1)


def test_places_that_are_kept_for_urgent_cases_are_a_reason_of_their_own(now: datetime) -> None:
    case = without_partner(now)
    decision(case, now, ranked=[{"partner": "x", "held": True}], rejected=[["no_service"]])
    without_partner(now)
    rows = queue(staff(), tab="unrouted", filters=Filters(), after="", now=now).rows
    assert {row["reference"]: row["why"] for row in rows}[case.reference] == [("held", 1)]
    page = signed_in(staff(language="en")).get("/console/queue/?tab=unrouted").text
    assert "Places are kept for urgent cases (1)" in page and "No decision could be made" in page


def test_the_most_urgent_stands_first_and_of_those_the_oldest(now: datetime) -> None:
    late, urgent, early = without_partner(now), without_partner(now, urgency=1), without_partner(now)
    Case.objects.filter(pk=early.pk).update(received_at=now - timedelta(days=2))
    rows = queue(staff(), tab="unrouted", filters=Filters(), after="", now=now).rows
    assert [row["reference"] for row in rows] == [urgent.reference, early.reference, late.reference]


def test_a_page_of_them_costs_as_many_statements_as_one(now: datetime) -> None:
    first, counted = without_partner(now), []
    for _ in range(2):
        decision(first, now, rejected=[["no_service"]])
        with CaptureQueriesContext(connection) as queries:
            queue(staff(), tab="unrouted", filters=Filters(), after="", now=now)
        counted.append(len(queries))
        for _ in range(9):
            decision(without_partner(now), now, rejected=[["no_service"]])
    assert counted[0] == counted[1]


def test_when_every_case_has_a_partner_the_page_says_what_would_stand_there() -> None:
    page = signed_in(staff(language="en")).get("/console/queue/?tab=unrouted").text
    assert "Every case has found a partner" in page


def test_routing_that_finds_nobody_says_since_when(now: datetime) -> None:
    case = opened(now, category="DET", subcode="")
    route_waiting(now=now + timedelta(minutes=1))
    case.refresh_from_db()
    assert (case.state, case.unrouted_at) == ("unrouted", now + timedelta(minutes=1))
