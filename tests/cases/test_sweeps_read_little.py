"""What has ended is read by no sweep again, however much of it there is: the plan says which rows were touched."""

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction

from cases.models import Case, Referral
from cases.queries.clocks import cases_to_look_at
from cases.queries.referrals import access_ends
from cases.queries.remembered import forget_reference
from tests.cases.routing_world import NOW, make_case, make_partner, make_reference, make_referral

pytestmark = [pytest.mark.postgres, pytest.mark.django_db]
LATE = NOW + timedelta(days=90)


@pytest.fixture(autouse=True)
def world() -> Iterator[None]:
    make_reference()
    yield
    forget_reference()


def test_the_clocks_of_cases_that_ended_are_not_read() -> None:
    case = make_case(state="in_progress", wait_due_at=NOW, wait_kind="review", triaged_at=None, triage_due_at=NOW)
    assert rows_read(lambda: cases_to_look_at(LATE, limit=9)) > 0
    Case.objects.filter(pk=case.pk).update(state="duplicate")
    assert rows_read(lambda: cases_to_look_at(LATE, limit=9)) == 0


def test_referrals_whose_access_was_ended_are_not_read() -> None:
    referral = make_referral(make_case(state="resolved"), make_partner(), state="completed", ended_at=NOW)
    assert rows_read(lambda: access_ends(LATE, 9)) > 0
    Referral.objects.filter(pk=referral.pk).update(access_ended_at=LATE)
    assert rows_read(lambda: access_ends(LATE, 9)) == 0


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

    with transaction.atomic(), connection.execute_wrapper(explain):
        ask()
    return sum(map(_touched, plans))


def _touched(plan: dict[str, Any]) -> int:
    own = 0
    if plan.get("Relation Name") in {"cases_case", "cases_referral"}:
        removed = sum(rows for what, rows in plan.items() if what.startswith("Rows Removed"))
        own = int(plan["Actual Rows"] + removed) * int(plan["Actual Loops"])
    return own + sum(map(_touched, plan.get("Plans", ())))
