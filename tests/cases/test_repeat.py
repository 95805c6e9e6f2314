"""The third report by the same person in 30 days is one step more urgent (domain.md §3, rule `repeat`)."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases.actions.take_up import take_up_report_events
from cases.models import Case
from intake.actions.submit_report import ContactEntry
from tests.cases.arrange import opened, submitted

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]
DAY = timedelta(days=1)
MAIL = ContactEntry(method="email", value="someone@example.org", timezone="Europe/Moscow")


def fired(case: Case) -> bool:
    return "repeat" in [reason["code"] for reason in case.urgency_reasons]


def test_the_third_report_is_one_step_more_urgent(now: datetime) -> None:
    cases = [opened(now - days * DAY, contact=MAIL) for days in (20, 10, 0)]
    assert [case.urgency for case in cases] == [3, 3, 2]
    assert [fired(case) for case in cases] == [False, False, True]


def test_reports_of_a_month_ago_do_not_count(now: datetime) -> None:
    assert not fired([opened(now - days * DAY, contact=MAIL) for days in (31, 10, 0)][-1])


def test_other_people_do_not_count(now: datetime) -> None:
    for number in range(3):
        other = ContactEntry(method="email", value=f"other{number}@example.org", timezone="UTC")
        assert not fired(opened(now, contact=other))


def test_people_without_contact_are_never_taken_for_one(now: datetime) -> None:
    assert not any(fired(opened(now, identity={"name": "Əliyev Vüqar"})) for _ in range(4))


def test_it_costs_a_statement_only_where_there_is_a_contact(now: datetime) -> None:
    def cost(**values: Any) -> int:
        report_id = submitted(now, **values)
        with CaptureQueriesContext(connection) as captured:
            take_up_report_events(report_id=report_id, now=now)
        return len(captured)

    cost()
    plain = cost()
    assert cost(identity={"name": "Əliyev Vüqar"}) == plain
    assert cost(contact=MAIL) == plain + 1
