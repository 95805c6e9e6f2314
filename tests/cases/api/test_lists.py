"""Lists: filters, pages without gaps or repeats, and the same number of queries for one row as for twenty."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from cases.actions.record import record_changes
from cases.models import PartnerOrganisation, Referral
from tests.cases import arrange
from tests.cases.api.calling import Api, bulk_referrals, referred

pytestmark = pytest.mark.django_db
LISTS = ("referrals/", "cases/")


def pages(caller: Api, path: str) -> Iterator[list[dict[str, Any]]]:
    following: str | None = path
    while following:
        answer = caller.get(following)
        assert answer.status_code == 200, answer.content
        following = answer.json()["next"]
        yield answer.json()["results"]


def owner(caller: Api) -> PartnerOrganisation:
    assert caller.partner is not None
    return caller.partner


@pytest.mark.parametrize("size", [1, 2, 3, 7, 200])
def test_following_next_shows_every_row_once_and_in_order(caller: Api, size: int) -> None:
    made = bulk_referrals(owner(caller), 20)
    seen = [row["id"] for rows in pages(caller, f"referrals/?limit={size}") for row in rows]
    assert seen == [str(row.pk) for row in sorted(made, key=lambda row: (row.updated_at, row.pk))]


def test_a_row_that_comes_or_changes_meanwhile_is_shown_at_the_end(caller: Api) -> None:
    made = [str(row.pk) for row in bulk_referrals(owner(caller), 9)]
    reading = pages(caller, "referrals/?limit=3")
    seen = [row["id"] for row in next(reading)]
    changed = next(pk for pk in made if pk not in seen)
    Referral.objects.filter(pk=changed).update(updated_at=timezone.now())
    new = str(referred(caller).pk)
    seen += [row["id"] for rows in reading for row in rows]
    assert len(seen) == len(set(seen)) == 10
    assert set(seen[-2:]) == {changed, new}


def test_the_next_page_keeps_the_filters(caller: Api) -> None:
    bulk_referrals(owner(caller), 4)
    following = caller.get("referrals/?limit=2&state=offered&category=WRK").json()["next"]
    assert "state=offered" in following and "category=WRK" in following and "limit=2" in following


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize(
    ("query", "is_found"),
    [
        ("state=accepted", True),
        ("state=completed", False),
        ("urgency=U3", True),
        ("urgency=U1", False),
        ("category=WRK", True),
        ("category=DET", False),
        ("updated_after=2020-01-01T00:00:00Z", True),
        ("updated_after=2099-01-01T00:00:00%2B04:00", False),
        ("state=accepted&urgency=U3&category=WRK", True),
    ],
)
def test_filters_choose(caller: Api, path: str, query: str, is_found: bool) -> None:
    referred(caller, "accepted")
    assert bool(caller.get(f"{path}?{query}").json()["results"]) is is_found


def test_cases_can_be_chosen_by_language(caller: Api) -> None:
    referred(caller, "accepted")
    assert len(caller.get("cases/?language=az").json()["results"]) == 1
    assert caller.get("cases/?language=ru").json()["results"] == []


@pytest.mark.parametrize("path", [*LISTS, "changes/"])
@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("nothing=1", "nothing"),
        ("waits=5", "waits"),
        ("format=xml", "format"),
        ("limit=0", "limit"),
        ("limit=201", "limit"),
        ("limit=", "limit"),
        ("limit=1e1", "limit"),
        ("limit=-1", "limit"),
        ("limit=%D9%A3", "limit"),
        ("limit=99999999999999999999", "limit"),
        ("limit=1&limit=2", "limit"),
        ("after=x", "after"),
        ("after=", "after"),
        ("after=%00", "after"),
        ("after=" + "A" * 300, "after"),
    ],
)
def test_what_a_query_should_not_hold_is_named(caller: Api, path: str, query: str, name: str) -> None:
    answer = caller.get(f"{path}?{query}")
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_query")
    assert list(answer.json()["errors"]) == [name]


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize(
    "query",
    [
        "state=nothing",
        "state=",
        "urgency=1",
        "urgency=U5",
        "category=XXX",
        "category=wrk",
        "updated_after=yesterday",
        "updated_after=2026-11-24",
        "updated_after=2026-11-24T08:00:00",
        "updated_after=2026-02-30T08:00:00Z",
        "updated_after=0001-01-01T00:00:00%2B14:00",
    ],
)
def test_an_unknown_filter_value_is_refused_not_ignored(caller: Api, path: str, query: str) -> None:
    answer = caller.get(f"{path}?{query}")
    assert (answer.status_code, list(answer.json()["errors"])) == (400, [query.partition("=")[0]])


def test_a_cursor_of_another_list_is_refused(caller: Api) -> None:
    bulk_referrals(owner(caller), 3, "offered")
    following = caller.get("referrals/?limit=1").json()["next"]
    cursor = following.partition("after=")[2]
    assert caller.get(f"cases/?after={cursor}").status_code == 400
    assert caller.get(f"changes/?after={cursor}").status_code == 400
    assert caller.get(f"referrals/?after={cursor[:-1]}").status_code == 400


def test_a_plus_that_was_not_encoded_is_still_a_plus(caller: Api) -> None:
    referred(caller, "accepted")
    at = (timezone.now() - timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%S+00:00")
    assert len(caller.get(f"cases/?updated_after={at}").json()["results"]) == 1


def make_rows(caller: Api, path: str, count: int) -> None:
    partner = owner(caller)
    if path == "webhooks/":
        for number in range(count):
            arrange.webhook(partner, timezone.now()).__class__.objects.update(url=f"https://example.org/{number}")
        return
    made = bulk_referrals(partner, count, "accepted" if path == "cases/" else "offered")
    for referral in made if path == "changes/" else ():
        record_changes([referral], now=timezone.now())


@pytest.mark.parametrize("path", [*LISTS, "changes/", "webhooks/"])
def test_a_list_costs_the_same_queries_for_one_row_and_for_twenty(caller: Api, path: str) -> None:
    def queries(rows: int) -> int:
        caller.get(path)  # numbers changes, notes the use of the client
        with CaptureQueriesContext(connection) as counted:
            assert len(caller.get(path).json()["results"]) == rows
        return len(counted)

    make_rows(caller, path, 1)
    one = queries(1)
    make_rows(caller, path, 19)
    assert queries(20) == one <= 5


def test_a_page_says_how_moments_are_written(caller: Api) -> None:
    referred(caller)
    (row,) = caller.get("referrals/").json()["results"]
    stored = Referral.objects.get()
    assert row["updated_at"].endswith("Z")
    assert row["updated_at"] == caller.get(f"referrals/{stored.pk}/").json()["updated_at"]
