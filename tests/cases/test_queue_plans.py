"""Each list and sweep over cases finds its rows by an index of its own: PostgreSQL says so, over some thousands of rows
of which most have ended, as after years."""

from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial
from typing import Any

import pytest
from django.db import connection, transaction

from cases.actions.expire import expire_due
from cases.actions.route_case import route_waiting
from cases.actions.suggest_links import compare_waiting
from cases.actions.take_up import take_up_waiting
from cases.models import Case, Referral, User
from cases.queries.clocks import cases_to_look_at
from cases.queries.queue import TABS, Filters, queue
from intake.models import IntakeEvent
from tests.cases.arrange import in_state, opened, partner, referral, staff

pytestmark = [pytest.mark.postgres, pytest.mark.django_db, pytest.mark.usefixtures("reference")]
ROWS = 8000
ENDED = 10  # one case of so many goes on


@pytest.fixture
def years(now: datetime, is_postgres: bool) -> Iterator[User]:
    """What so many years leave, and somebody who looks at it. Taken away before anything is checked: to what most rows
    refer is not there."""
    assert is_postgres
    user = staff()
    case = opened(now)
    row = referral(case, partner("AZ"), now, "accepted")
    in_state(case, "closed", responsible=user, compared_at=now, triaged_at=now, due_at=None)
    Referral.objects.update(state="completed", outcome="advice_given", ended_at=now)
    event = IntakeEvent.objects.earliest("pk")
    goes_on = f"mod(n, {ENDED}) = 0"
    with transaction.atomic():
        copied(
            Case,
            case.pk,
            id="gen_random_uuid()",
            report_id="gen_random_uuid()",
            reference="'X' || n",
            urgency="1 + mod(n, 4)",
            side="CASE WHEN mod(n, 2) = 0 THEN 'AZ' ELSE 'RU' END",
            received_at="received_at - n * interval '1 hour'",
            state=f"CASE WHEN {goes_on} THEN (array['triage','unrouted','unrouted','waiting_for_reporter'])"
            f"[1 + mod(n / {ENDED}, 4)] ELSE (array['closed', 'resolved'])[1 + (mod(n, 10) = 4)::int] END",
            due_at=f"CASE WHEN {goes_on} THEN received_at + (n - 400) * interval '1 hour' END",
            responsible_id="CASE WHEN mod(n, 3) = 0 THEN responsible_id END",
        )
        copied(
            Referral,
            row.pk,
            id="gen_random_uuid()",
            case_id="gen_random_uuid()",
            state=f"CASE WHEN {goes_on} THEN (array['offered', 'accepted'])[1 + mod(n / {ENDED}, 2)] ELSE state END",
            answer_due_at="answer_due_at + n * interval '1 hour'",
            contact_due_at="contact_due_at + n * interval '1 hour'",
        )
        copied(IntakeEvent, event.pk, id="100000 + n", report_id="gen_random_uuid()", taken_up_at="now()")
        with connection.cursor() as cursor:
            cursor.execute(
                "SET LOCAL enable_bitmapscan = off"
            )  # over so few rows it is as good as the order of an index
            cursor.execute("ANALYZE cases_case, cases_referral, intake_intakeevent")
        yield user
        transaction.set_rollback(True)


def copied(model: Any, pk: Any, **changed: str) -> None:
    """Thousands of copies of one row that differ in these columns, `n` counting them."""
    columns = [field.column for field in model._meta.concrete_fields]
    values = ", ".join(changed.get(name, f'"{name}"') for name in columns)
    names = ", ".join(f'"{name}"' for name in columns)
    table = model._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f'INSERT INTO "{table}" ({names}) SELECT {values} FROM "{table}", generate_series(1, {ROWS}) AS n'
            f' WHERE "{table}"."{model._meta.pk.column}" = %s',
            [pk],
        )


def reads(act: Callable[[], Any], model: Any) -> set[str]:
    """By which of its indexes what is asked of this table finds its rows; `all` where one reads it from end to end."""
    asked: list[tuple[str, Any]] = []
    own, table = {index.name for index in model._meta.indexes}, model._meta.db_table

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        asked.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        act()
    found = set()
    for sql, params in asked:
        if sql.startswith("SELECT") and f'FROM "{table}"' in sql:
            with connection.cursor() as cursor:
                cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}", params)
                ((answer,),) = cursor.fetchall()
            for node in nodes(answer[0]["Plan"]):
                found |= {node.get("Index Name")} & own
                if node["Node Type"] == "Seq Scan" and node["Relation Name"] == table:
                    found.add("all")
    return found


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for part in plan.get("Plans", ()):
        yield from nodes(part)


def test_no_list_reads_its_way_through_the_cases_that_have_ended(years: User, now: datetime) -> None:
    def page(tab: str, after: str = "") -> Any:
        return queue(years, tab=tab, filters=Filters(), after=after, now=now, size=5)

    firsts = {tab: reads(partial(page, tab), Case) for tab in TABS}
    assert firsts == {
        "mine": {"case_mine_open"},
        "open": {"case_open"},
        "triage": {"case_queue"},
        "unrouted": {"case_queue"},
        "waiting": {"case_queue"},
        "resolved": {"case_queue"},
        "overdue": {"case_due"},
        "again": {"case_wrote_again"},
    }
    places = {tab: after for tab in TABS if (after := page(tab).after)}
    assert set(places) == set(TABS) - {"again"}
    assert {tab: reads(partial(page, tab, after), Case) for tab, after in places.items()} == {
        tab: firsts[tab] for tab in places
    }


def test_no_sweep_does(years: User, now: datetime) -> None:
    clocks = partial(cases_to_look_at, now, limit=500)
    sweeps: dict[str, tuple[Callable[[], Any], Any]] = {
        "clocks": (clocks, Case),
        "partners' clocks": (clocks, Referral),
        "routing": (partial(route_waiting, now=now), Case),
        "comparing": (partial(compare_waiting, now=now), Case),
        "expiry": (partial(expire_due, now=now), Referral),
        "take-up": (partial(take_up_waiting, now=now), IntakeEvent),
    }
    assert {name: reads(*sweep) for name, sweep in sweeps.items()} == {
        "clocks": {"case_triage_runs", "case_wait_runs"},
        "partners' clocks": {"referral_contact_due"},
        "routing": {"case_wants_routing"},
        "comparing": {"case_not_compared"},
        "expiry": {"referral_answer_due"},
        "take-up": {"event_waiting"},
    }
