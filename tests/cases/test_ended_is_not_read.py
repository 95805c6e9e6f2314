"""What has ended is not read again, however much of it there is: the plan says which rows were touched."""

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction

from cases.models import Case, Referral
from cases.queries.clocks import cases_to_look_at
from cases.queries.directory import directory
from cases.queries.referrals import access_ends
from cases.queries.remembered import forget_reference
from cases.queries.routing_settings import partner_places
from cases.queries.standing import standing
from intake.references import new_id
from tests.cases.routing_world import NOW, make_case, make_partner, make_reference, make_referral

pytestmark = [pytest.mark.postgres, pytest.mark.django_db]
LATE = NOW + timedelta(days=90)


@pytest.fixture(autouse=True)
def world() -> Iterator[None]:
    make_reference()
    yield
    forget_reference()


def test_the_clocks_of_cases_that_ended_are_not_read() -> None:
    for _ in range(30):
        make_case(state="in_progress", triaged_at=NOW)  # no clock runs: nobody looks at them either
    case = make_case(state="in_progress", wait_due_at=NOW, wait_kind="review", triaged_at=None, triage_due_at=NOW)
    assert rows_read(lambda: cases_to_look_at(LATE, limit=9)) > 0
    Case.objects.filter(pk=case.pk).update(state="duplicate")
    assert rows_read(lambda: cases_to_look_at(LATE, limit=9)) == 0


def test_referrals_whose_access_was_ended_are_not_read() -> None:
    referral = make_referral(make_case(state="resolved"), make_partner(), state="completed", ended_at=NOW)
    assert rows_read(lambda: access_ends(LATE, 9)) > 0
    Referral.objects.filter(pk=referral.pk).update(access_ended_at=LATE)
    assert rows_read(lambda: access_ends(LATE, 9)) == 0


def test_a_partners_load_is_counted_without_what_it_had_before() -> None:
    partner = make_partner()
    one = make_referral(make_case(state="resolved"), partner, state="completed", ended_at=NOW)
    rows = [{**_columns(one), "round": number, "pk": new_id()} for number in range(10, 500)]
    Referral.objects.bulk_create(Referral(**row) for row in rows)
    make_referral(make_case(state="offered"), partner, state="offered")
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE cases_referral")
    asks = (
        lambda: standing(partner.pk, NOW),
        lambda: partner_places(partner.side),
        lambda: directory(side=partner.side, now=NOW),
    )
    assert [rows_read(ask) for ask in asks] == [1, 1, 1]
    assert standing(partner.pk, NOW).load == partner_places(partner.side)[0].load == 1
    assert [entry.load for entry in directory(side=partner.side, now=NOW)] == [1]


def _columns(row: Referral) -> dict[str, Any]:
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields if field.name != "id"}


def rows_read(ask: Callable[[], object]) -> int:
    """By all statements together, those that did not pass a filter too. Small tables are read as large ones are."""
    plans: list[dict[str, Any]] = []

    def explain(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        if not many and sql.startswith("SELECT"):
            with connection.connection.cursor() as cursor:
                cursor.execute("SET LOCAL enable_seqscan = off")
                cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {sql}", params)
                told = cursor.fetchone()[0]
                plans.append((json.loads(told) if isinstance(told, str) else told)[0]["Plan"])
        return execute(sql, params, many, context)

    with connection.cursor() as cursor:  # what other tests left is not what the planner should reckon with
        cursor.execute("ANALYZE cases_case, cases_referral, cases_casedate, cases_clockpause")
    with transaction.atomic(), connection.execute_wrapper(explain):
        ask()
    return sum(map(_touched, plans))


def _touched(plan: dict[str, Any]) -> int:
    own = 0
    if plan.get("Relation Name") in {"cases_case", "cases_referral"}:
        removed = sum(rows for what, rows in plan.items() if what.startswith("Rows Removed"))
        own = int(plan["Actual Rows"] + removed) * int(plan["Actual Loops"])
    return own + sum(map(_touched, plan.get("Plans", ())))
