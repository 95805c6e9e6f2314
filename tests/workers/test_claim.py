"""Who gets which rows."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection

from cases.models import OutboxMessage
from tests.cases.routing_world import make_case, make_partner, make_reference, make_referral, make_staff
from tests.workers import arrange
from workers.claim import LEASE, claim, look_again, release, return_lapsed


def messages(count: int, now: datetime, **fields: Any) -> list[OutboxMessage]:
    user, case = make_staff(), make_case()
    return [arrange.to_staff(user, now, case, **fields) for _ in range(count)]


def test_only_what_is_due_is_taken(world: None, now: datetime) -> None:
    (due,) = messages(1, now)
    messages(1, now, next_attempt_at=now + timedelta(seconds=1))
    for state in ("in_flight", "sent", "dead", "cancelled"):
        messages(1, now, state=state, lease_until=now + LEASE if state == "in_flight" else None)
    (claimed,) = claim(now, limit=10)
    assert claimed.pk == due.pk
    assert (claimed.state, claimed.lease_until) == ("in_flight", now + LEASE)
    assert claimed.lease is not None


def test_a_second_claim_gets_nothing_of_the_first(world: None, now: datetime) -> None:
    messages(5, now)
    first, second = claim(now, limit=3), claim(now, limit=3)
    assert (len(first), len(second)) == (3, 2)
    assert {row.pk for row in first}.isdisjoint(row.pk for row in second)
    assert claim(now, limit=3) == []


def test_the_longest_waiting_is_first_in_its_lane(world: None, now: datetime) -> None:
    rows = messages(3, now, lane=2)
    for row, minutes in zip(rows, (1, 3, 2), strict=True):
        row.next_attempt_at = now - timedelta(minutes=minutes)
        row.save()
    (bulk,) = messages(1, now - timedelta(days=1), lane=3)
    (urgent,) = messages(1, now, lane=1)
    expected = [urgent.pk, rows[1].pk, rows[2].pk, rows[0].pk, bulk.pk]
    assert [row.pk for _ in range(3) for row in claim(now, limit=10)] == expected
    assert claim(now, limit=10) == []
    OutboxMessage.objects.update(state="due")
    assert [row.pk for _ in range(2) for row in claim(now, limit=2)] == expected[:3]


def test_busy_receivers_are_left_out(world: None, now: datetime) -> None:
    referral = make_referral(make_case(), make_partner(), state="offered")
    slow, quick = (arrange.endpoint(referral.partner, "https://x.example.org/", now) for _ in range(2))
    for endpoint in (slow, quick, None):
        arrange.to_partner(referral, now, endpoint=endpoint)
    assert [row.endpoint_id for row in claim(now, limit=10, busy=[slow.pk, "email"])] == [quick.pk]


def test_a_lease_that_ended_gives_the_message_back(world: None, now: datetime) -> None:
    messages(2, now)
    claim(now, limit=2)
    assert return_lapsed(now + LEASE - timedelta(seconds=1)) == 0
    assert return_lapsed(now + LEASE) == 2
    assert len(claim(now + LEASE, limit=2)) == 2


def test_only_ones_own_messages_are_given_back_or_looked_at(world: None, now: datetime) -> None:
    messages(2, now)
    mine, lost = claim(now, limit=2)
    OutboxMessage.objects.filter(pk=lost.pk).update(lease=uuid4())
    assert [row.pk for row in look_again([mine, lost])] == [mine.pk]
    assert release([mine, lost]) == 1
    assert list(OutboxMessage.objects.filter(state="due").values_list("pk", flat=True)) == [mine.pk]


def test_a_claim_reads_what_it_needs_at_once(world: None, now: datetime, django_assert_num_queries: Any) -> None:
    referral = make_referral(make_case(), make_partner(), state="offered")
    arrange.to_partner(referral, now, endpoint=arrange.endpoint(referral.partner, "https://x.example.org/", now))
    arrange.to_reporter(arrange.contact(referral.case, now), now)
    messages(3, now)
    rows = claim(now, limit=10)
    with django_assert_num_queries(0):
        for row in rows:
            assert row.case is not None
            assert (row.case.report_id, row.case.side, row.case.reference, row.case.event_count) is not None
            assert [row.endpoint and (row.endpoint.url, row.endpoint.secret), row.user and row.user.email]
            assert [row.partner and row.partner.body_id, row.contact and row.contact.report_id]


@pytest.mark.django_db(transaction=True)
def test_claimers_at_the_same_moment_get_each_row_once(now: datetime) -> None:
    make_reference()
    messages(200, now)
    start = threading.Barrier(6)

    def claim_all(_: int) -> list[Any]:
        mine: list[Any] = []
        try:
            connection.ensure_connection()
            start.wait(30)
            while rows := claim(now, limit=7):
                mine += [row.pk for row in rows]
        finally:
            connection.close()
        return mine

    with ThreadPoolExecutor(6) as pool:
        claimed = [pk for mine in pool.map(claim_all, range(6)) for pk in mine]
    assert len(claimed) == 200
    assert len(set(claimed)) == 200


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_a_claimer_does_not_wait_for_rows_that_another_holds(now: datetime) -> None:
    make_reference()
    rows = messages(4, now)
    held, done = threading.Event(), threading.Event()

    def hold() -> None:
        from django.db import transaction

        try:
            with transaction.atomic():
                list(OutboxMessage.objects.filter(pk__in=[row.pk for row in rows[:2]]).select_for_update())
                held.set()
                done.wait(10)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        holding = pool.submit(hold)
        held.wait(10)
        assert {row.pk for row in claim(now, limit=10)} == {row.pk for row in rows[2:]}
        (bulk,) = messages(1, now, lane=3)
        assert [row.pk for row in claim(now, limit=10)] == [bulk.pk], "nor do the lanes behind them"
        done.set()
        holding.result()
