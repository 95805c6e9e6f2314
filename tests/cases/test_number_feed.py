"""A partner's changes get numbers: dense, each once, and never one that a poll has already passed."""

from datetime import datetime
from threading import Event as Signal
from threading import Thread

import pytest
from django.db import connection, transaction

from cases.actions import number_feed
from cases.actions.number_feed import number_changes, number_waiting
from cases.actions.record import record_changes
from cases.models import FeedHead, PartnerChange, PartnerOrganisation, Referral
from intake.signals import intake_event
from tests.cases.arrange import at_once, opened, partner, referral

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]


def numbers(owner: PartnerOrganisation) -> list[int | None]:
    return list(PartnerChange.objects.filter(partner=owner).order_by("pk").values_list("number", flat=True))


def changed(rows: list[Referral], times: int, now: datetime) -> None:
    for _ in range(times):
        record_changes(rows, now=now)


def test_each_partner_has_its_own_dense_numbers(now: datetime) -> None:
    case, first, second = opened(now), partner(), partner()
    rows = [referral(case, owner, now) for owner in (first, second)]
    changed(rows, 3, now)
    assert number_changes(partner_id=first.pk) == 3
    changed(rows, 1, now)
    assert number_waiting(limit=10) == 5
    assert numbers(first) == numbers(second) == [1, 2, 3, 4]
    assert FeedHead.objects.get(partner=first).last_number == 4


def test_numbering_again_changes_nothing(now: datetime) -> None:
    owner = partner()
    changed([referral(opened(now), owner, now)], 1, now)
    assert (number_changes(partner_id=owner.pk), number_changes(partner_id=owner.pk)) == (1, 0)


def test_many_are_numbered_in_several_short_transactions(now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(number_feed, "AT_ONCE", 3)
    owner = partner()
    changed([referral(opened(now), owner, now)], 8, now)
    assert number_changes(partner_id=owner.pk) == 8
    assert numbers(owner) == list(range(1, 9))


@pytest.mark.django_db(transaction=True)
def test_several_that_number_at_once_give_each_number_once(now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intake_event, "receivers", [])
    monkeypatch.setattr(number_feed, "AT_ONCE", 2)
    owner = partner()
    changed([referral(opened(now), owner, now)], 20, now)
    done = at_once(4, lambda: number_changes(partner_id=owner.pk))
    number_changes(partner_id=owner.pk)
    assert sorted(numbers(owner), key=lambda number: number or 0) == list(range(1, 21))
    assert sum(done) <= 20


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_a_slow_transaction_with_a_smaller_id_gets_a_later_number(now: datetime) -> None:
    owner = partner()
    row = referral(opened(now), owner, now)
    is_written, may_commit = Signal(), Signal()

    def slow() -> None:
        try:
            with transaction.atomic():
                record_changes([row], now=now)
                is_written.set()
                may_commit.wait(10)
        finally:
            connection.close()

    thread = Thread(target=slow)
    thread.start()
    assert is_written.wait(10)
    record_changes([row], now=now)
    assert number_changes(partner_id=owner.pk) == 1
    may_commit.set()
    thread.join(10)
    number_changes(partner_id=owner.pk)
    assert numbers(owner) == [2, 1]
