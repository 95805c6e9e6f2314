"""Offers that nobody answers: a state of their own, exactly at the end of the clock, and the next partner's turn."""

from collections.abc import Iterator
from datetime import timedelta
from unittest.mock import patch

import pytest
from django.db import transaction

from cases.actions import expire
from cases.actions.answer_referral import accept_referral
from cases.actions.expire import expire_due
from cases.actions.record import Actor, verify_chain
from cases.actions.route_case import route_case, route_waiting
from cases.errors import MoveNotAllowed
from cases.models import Case, OutboxMessage, PartnerChange, Referral
from cases.queries.remembered import forget_reference
from tests.cases.routing_world import NOW, make_case, make_partner, make_reference
from tests.cases.test_offer import at_once

DUE = NOW + timedelta(hours=12)


pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def world() -> Iterator[None]:
    make_reference()
    yield
    forget_reference()


def offered(urgency: int = 2) -> Case:
    case = make_case(urgency=urgency, triaged_at=NOW)
    route_case(case_id=case.pk, now=NOW)
    return case


def test_an_offer_expires_when_its_clock_ends_and_not_a_moment_before() -> None:
    make_partner()
    offered()
    assert expire_due(now=DUE - timedelta(microseconds=1)) == 0
    assert expire_due(now=DUE) == 1
    referral = Referral.objects.get()
    assert (referral.state, referral.ended_at, referral.answered_at) == ("expired", DUE, None)


def test_no_answer_is_told_in_timeline_feed_and_to_the_partner() -> None:
    make_partner()
    case = offered()
    expire_due(now=DUE)
    assert case.timeline.last().code == "referral_expired"
    assert PartnerChange.objects.get(kind="referral.expired").is_tombstone
    assert OutboxMessage.objects.filter(kind="offer_expired").count() == 1
    assert verify_chain(case.pk)


def test_after_no_answer_the_next_partner_is_offered_the_case() -> None:
    first, second = make_partner(service={"is_specialised": True}), make_partner()
    case = offered()
    expire_due(now=DUE)
    assert Case.objects.get(pk=case.pk).routing_wanted_at == DUE
    route_waiting(now=DUE)
    states = dict(Referral.objects.values_list("partner", "state"))
    assert states == {first.pk: "expired", second.pk: "offered"}


def test_an_expired_offer_frees_its_place() -> None:
    make_partner(capacity=1)
    offered()
    waiting = offered()
    assert Case.objects.get(pk=waiting.pk).state == "unrouted"
    expire_due(now=DUE)
    offered()
    assert Referral.objects.filter(state="offered").count() == 1


def test_both_offers_of_a_pair_end_together_and_the_case_is_routed_once() -> None:
    make_partner("one"), make_partner("two")
    case = offered(urgency=1)
    assert expire_due(now=NOW + timedelta(hours=2)) == 2
    case.refresh_from_db()
    assert (case.state, case.event_count) == ("routing", 5)


def test_running_it_again_changes_nothing() -> None:
    make_partner()
    case = offered()
    expire_due(now=DUE)
    before = Case.objects.filter(pk=case.pk).values().get()
    assert expire_due(now=DUE + timedelta(hours=1)) == 0
    assert Case.objects.filter(pk=case.pk).values().get() == before


def test_an_accepted_referral_does_not_expire_and_an_expired_one_is_not_accepted() -> None:
    make_partner("one"), make_partner("two")
    accepted, late = offered(), offered()
    call = {"now": DUE, "by": Actor("partner")}
    taken = accepted.referrals.get()
    accept_referral(referral_id=taken.pk, partner_id=taken.partner_id, **call)
    assert expire_due(now=DUE) == 1
    gone = late.referrals.get()
    with pytest.raises(MoveNotAllowed):
        accept_referral(referral_id=gone.pk, partner_id=gone.partner_id, **call)


def test_one_case_that_cannot_be_saved_does_not_stop_the_clocks_of_the_others(caplog: pytest.LogCaptureFixture) -> None:
    make_partner(capacity=9)
    broken, good = offered(), offered()
    lock_case = expire.lock_case

    def fail_for_broken(case_id: object, **more: object) -> Case:
        if case_id == broken.pk:
            raise ValueError("secret words")
        return lock_case(case_id, **more)

    with patch.object(expire, "lock_case", fail_for_broken):
        assert expire_due(now=DUE) == 1
    assert good.referrals.get().state == "expired"
    assert str(broken.pk) in caplog.text and "secret" not in caplog.text


def test_at_most_so_many_are_looked_at_in_one_go_the_longest_waiting_first() -> None:
    make_partner(capacity=9)
    first, second = offered(), offered()
    Referral.objects.filter(case=second).update(answer_due_at=DUE + timedelta(seconds=1))
    assert expire_due(now=DUE + timedelta(minutes=1), limit=1) == 1
    assert first.referrals.get().state == "expired"
    assert second.referrals.get().state == "offered"


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_two_processes_expire_each_offer_once() -> None:
    make_partner(capacity=50)
    cases = [offered() for _ in range(10)]
    ended = at_once(*(lambda: expire_due(now=DUE) for _ in range(3)))
    assert sum(ended) == 10
    assert PartnerChange.objects.filter(kind="referral.expired").count() == 10
    assert all(verify_chain(case.pk) for case in cases)


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_a_case_that_somebody_is_answering_is_left_to_them() -> None:
    make_partner()
    case = offered()
    with transaction.atomic():
        Case.objects.select_for_update(no_key=True).get(pk=case.pk)
        assert at_once(lambda: expire_due(now=DUE)) == [0]
    assert expire_due(now=DUE) == 1
