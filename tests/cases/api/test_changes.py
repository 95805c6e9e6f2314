"""The feed: every change once and in order, also those of slow transactions; tombstones included."""

import threading
from itertools import pairwise
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from cases.actions.number_feed import number_changes
from cases.actions.record import record_changes
from cases.models import PartnerChange, Referral
from tests.cases.api.calling import Api, api, referred


def poll(caller: Api, cursor: str = "", limit: int = 200) -> Any:
    answer = caller.get(f"changes/?limit={limit}" + (f"&after={cursor}" if cursor else ""))
    assert answer.status_code == 200, answer.content
    return answer.json()


def happened(referral: Referral, kind: str) -> None:
    record_changes([referral], kind, now=timezone.now())


@pytest.mark.django_db
def test_changes_come_in_order_and_once(caller: Api) -> None:
    referral = referred(caller)
    for number in range(7):
        happened(referral, f"referral.step{number}")
    seen, cursor = [], ""
    while rows := (page := poll(caller, cursor, limit=3))["results"]:
        seen += [row["type"] for row in rows]
        cursor = page["cursor"]
    assert seen == [f"referral.step{number}" for number in range(7)]


@pytest.mark.django_db
def test_the_cursor_of_an_empty_page_goes_on_later(caller: Api) -> None:
    cursor = poll(caller)["cursor"]
    happened(referred(caller), "referral.offered")
    page = poll(caller, cursor)
    assert [row["type"] for row in page["results"]] == ["referral.offered"]
    assert poll(caller, page["cursor"])["results"] == []


@pytest.mark.django_db
def test_next_leads_to_the_end(caller: Api) -> None:
    referral = referred(caller)
    for _ in range(5):
        happened(referral, "referral.offered")
    page, count = poll(caller, limit=2), 0
    while True:
        count += len(page["results"])
        if page["next"] is None:
            break
        page = caller.get(page["next"]).json()
    assert count == 5


@pytest.mark.django_db
def test_each_change_carries_its_own_cursor(caller: Api) -> None:
    referral = referred(caller)
    for number in range(3):
        happened(referral, f"referral.step{number}")
    first, second, third = poll(caller)["results"]
    assert [row["type"] for row in poll(caller, second["cursor"])["results"]] == [third["type"]]
    assert len({first["cursor"], second["cursor"], third["cursor"]}) == 3


@pytest.mark.django_db
def test_a_withdrawal_is_a_tombstone_with_its_reason(caller: Api) -> None:
    referral = referred(caller, "accepted")
    referral.state, referral.withdrawal_reason = "withdrawn", "consent_withdrawn"
    referral.save()
    record_changes([referral], now=timezone.now())
    (change,) = poll(caller)["results"]
    assert (change["type"], change["data"]["reason"], change["data"]["is_tombstone"]) == (
        "referral.withdrawn",
        "consent_withdrawn",
        True,
    )
    assert caller.get(change["data"]["url"]).json()["is_tombstone"] is True


@pytest.mark.django_db
def test_nobody_elses_change_is_shown(caller: Api) -> None:
    other = api()
    happened(referred(other), "referral.offered")
    assert poll(caller)["results"] == []
    assert len(poll(other)["results"]) == 1


@pytest.mark.django_db
def test_a_poll_with_nothing_new_takes_three_statements(caller: Api) -> None:
    happened(referred(caller), "referral.offered")
    cursor = poll(caller)["cursor"]
    with CaptureQueriesContext(connection) as queries:
        assert poll(caller, cursor)["results"] == []
    assert len(queries) <= 3


@pytest.mark.django_db
def test_accepting_is_told(caller: Api) -> None:
    referral = referred(caller)
    caller.post(f"referrals/{referral.pk}/accept/")
    assert [row["type"] for row in poll(caller)["results"]] == ["referral.accepted"]


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_no_change_of_a_slow_transaction_is_skipped(caller: Api) -> None:
    """Eight writers hold their transactions open for uneven times while a client polls."""
    referral = referred(caller)
    done = threading.Event()
    writers = [threading.Thread(target=write_slowly, args=(referral, number)) for number in range(8)]
    seen: list[str] = []
    cursor = ""
    for writer in writers:
        writer.start()
    watcher = threading.Thread(target=lambda: ([writer.join() for writer in writers], done.set()))
    watcher.start()
    while True:
        is_last = done.is_set()
        page = poll(caller, cursor, limit=5)
        seen += [row["type"] for row in page["results"]]
        cursor = page["cursor"]
        if is_last and not page["results"]:
            break
    watcher.join()
    assert sorted(seen) == sorted(f"referral.w{number}.{step}" for number in range(8) for step in range(5))
    assert seen == list(
        PartnerChange.objects.filter(partner=referral.partner_id).order_by("number").values_list("kind", flat=True)
    )
    for number in range(8):
        own = [kind for kind in seen if kind.startswith(f"referral.w{number}.")]
        assert all(earlier < later for earlier, later in pairwise(own))


def write_slowly(referral: Referral, number: int) -> None:
    pause = threading.Event()
    try:
        for step in range(5):
            with transaction.atomic():
                happened(referral, f"referral.w{number}.{step}")
                pause.wait(0.005 * (number % 4))  # a transaction that stays open, not a test that waits
            if step % 2:
                number_changes(partner_id=referral.partner_id)
    finally:
        connection.close()
