"""What a run does with many messages: order, repeats, giving up, leases, slow receivers."""

import contextlib
import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random
from typing import Any

import pytest
from django.db import InterfaceError, OperationalError

from cases.models import Delivery, OutboxMessage, Referral, User
from tests.cases.routing_world import make_case, make_partner, make_referral, make_staff
from tests.workers import arrange
from tests.workers.arrange import Post, at
from workers import delivery, pace, run
from workers import record as record_module
from workers.channels import Answer
from workers.claim import LEASE, claim
from workers.delivery import drain
from workers.record import Attempt, record

pytestmark = pytest.mark.usefixtures("world")

Behaviour = Callable[[OutboxMessage], Answer]


class Scripted:
    """A channel whose receiver does what the test says. `sent` is the order in which messages went out."""

    def __init__(self, behave: Behaviour) -> None:
        self.behave, self.sent = behave, []

    def prepare(self, message: OutboxMessage, address: str, now: datetime) -> OutboxMessage:
        return message

    def send(self, prepared: OutboxMessage) -> Answer:
        self.sent.append(prepared.pk)
        return self.behave(prepared)

    def close(self) -> None:
        pass


@pytest.fixture
def scripted(monkeypatch: Any) -> Callable[[Behaviour], Scripted]:
    def use(behave: Behaviour) -> Scripted:
        channel = Scripted(behave)
        monkeypatch.setattr(delivery, "open_channels", lambda: {"email": channel, "webhook": channel})
        return channel

    return use


@pytest.fixture
def referral(world: None) -> Referral:
    return make_referral(make_case(), make_partner(), state="offered")


def yes(message: OutboxMessage) -> Answer:
    return Answer("sent", 200)


def busy(message: OutboxMessage) -> Answer:
    return Answer("http_503", 503)


def test_urgent_overtakes_normal_and_normal_bulk(scripted: Any, now: datetime) -> None:
    user, case = make_staff(), make_case()
    rows = [
        arrange.to_staff(user, now, case, lane=lane, next_attempt_at=now - timedelta(minutes=lane))
        for lane in (3, 3, 2, 1, 2, 1)
    ]
    channel = scripted(yes)
    drain(now_fn=at(now))
    lanes = {row.pk: row.lane for row in rows}
    assert [lanes[pk] for pk in channel.sent] == [1, 1, 2, 2, 3, 3]


def test_an_ordinary_message_is_tried_for_three_days_and_then_given_up(
    scripted: Any, now: datetime, referral: Referral
) -> None:
    supervisor = make_staff("supervisor", side=referral.case.side)
    row = arrange.to_partner(referral, now)
    scripted(lambda message: busy(message) if message.audience == "partner" else yes(message))
    moment, waits = now, []
    while True:
        drain(now_fn=at(moment), rng=Random(7))
        row.refresh_from_db()
        if row.state != "due":
            break
        waits.append((row.next_attempt_at - moment).total_seconds())
        moment = row.next_attempt_at
    assert (row.state, row.attempts, row.finished_at) == ("dead", 10, moment)
    expected = [5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400]
    assert all(abs(wait / step - 1) <= 0.1 for wait, step in zip(waits, expected, strict=True))
    assert row.deliveries.count() == 10
    told = OutboxMessage.objects.get(kind="delivery_given_up")
    assert (told.user_id, told.state) == (supervisor.pk, "sent")


def test_an_urgent_message_is_tried_faster_and_given_up_sooner(scripted: Any, now: datetime) -> None:
    row = arrange.to_staff(make_staff(), now, lane=1)
    scripted(busy)
    moment = now
    for wait in (5, 30, 120, 300):
        drain(now_fn=at(moment))
        row.refresh_from_db()
        assert row.next_attempt_at == moment + timedelta(seconds=wait)
        moment = row.next_attempt_at
    drain(now_fn=at(moment))
    row.refresh_from_db()
    assert row.state == "dead"


def test_staff_hear_once_an_hour_of_one_receiver_that_fails(scripted: Any, now: datetime, referral: Referral) -> None:
    make_staff("supervisor", side=referral.case.side)
    for _ in range(5):
        arrange.to_partner(referral, now)
    scripted(lambda message: Answer("recipient_refused", 550) if message.audience == "partner" else yes(message))
    drain(now_fn=at(now))
    assert OutboxMessage.objects.filter(state="dead").count() == 5
    assert OutboxMessage.objects.filter(kind="delivery_given_up").count() == 1


def test_a_notice_of_a_failure_that_fails_makes_no_other(scripted: Any, now: datetime, referral: Referral) -> None:
    make_staff("supervisor", side=referral.case.side)
    arrange.to_partner(referral, now)
    scripted(lambda message: Answer("recipient_refused", 550))
    drain(now_fn=at(now))
    assert OutboxMessage.objects.count() == 2
    assert not OutboxMessage.objects.exclude(state="dead").exists()


def test_who_lost_its_lease_records_nothing(scripted: Any, now: datetime) -> None:
    row = arrange.to_staff(make_staff(), now)

    def lose(message: OutboxMessage) -> Answer:
        stolen.set()
        taken.wait(5)
        return Answer("sent", 250)

    stolen, taken = threading.Event(), threading.Event()
    scripted(lose)

    def clock() -> datetime:
        """Another worker takes the row over while ours is being sent: seen from here, in the middle of the run."""
        if stolen.is_set() and not taken.is_set():
            OutboxMessage.objects.filter(pk=row.pk).update(lease="0198c0de-0000-7000-8000-000000000000")
            taken.set()
        return now

    run_tick = run.TICK
    try:
        run.TICK = 0.01
        delivery._asked.set()
        threading.Timer(0.1, delivery._asked.set).start()
        drain(now_fn=clock)
    finally:
        run.TICK = run_tick
    row.refresh_from_db()
    assert (row.state, row.attempts, Delivery.objects.count()) == ("in_flight", 0, 0)


def test_what_a_killed_worker_had_is_sent_when_its_lease_ends(scripted: Any, now: datetime) -> None:
    row = arrange.to_staff(make_staff(), now)
    claim(now, limit=10)
    channel = scripted(yes)
    assert drain(now_fn=at(now + LEASE - timedelta(seconds=1))) == 0
    assert drain(now_fn=at(now + LEASE)) == 1
    assert channel.sent == [row.pk]


def test_nothing_is_begun_on_a_lease_that_is_about_to_end(scripted: Any, now: datetime) -> None:
    """The claim says that it is 12:00, the look before sending that it is 12:01:40."""
    row = arrange.to_staff(make_staff(), now)
    times = iter([now] * 2 + [now + timedelta(seconds=100)] * 3)
    scripted(yes)
    drain(now_fn=lambda: next(times, now + timedelta(seconds=200)))
    row.refresh_from_db()
    assert row.state == "sent"
    delivery_row = Delivery.objects.get()
    assert delivery_row.started_at >= now + timedelta(seconds=200), "released, claimed anew, then sent"


def test_what_changed_since_the_claim_is_seen_before_sending(scripted: Any, now: datetime) -> None:
    """A backlog can be seconds old: the person who was disabled meanwhile gets nothing."""
    users = [make_staff() for _ in range(6)]
    rows = [arrange.to_staff(user, now, make_case()) for user in users]
    is_later = threading.Event()

    def send(message: OutboxMessage) -> Answer:
        is_later.set()
        return Answer("sent", 250)

    channel = scripted(send)

    def clock() -> datetime:
        if not is_later.is_set():
            return now
        User.objects.exclude(pk=users[0].pk).update(is_active=False)
        return now + timedelta(seconds=2)

    drain(now_fn=clock)
    assert channel.sent == [rows[0].pk]
    assert OutboxMessage.objects.filter(state="cancelled", last_result="recipient_inactive").count() == 5


def test_a_slow_receiver_holds_up_nobody(scripted: Any, now: datetime, referral: Referral) -> None:
    slow = arrange.endpoint(referral.partner, "https://slow.example.org/", now)
    quick = arrange.endpoint(referral.partner, "https://quick.example.org/", now)
    for _ in range(20):
        arrange.to_partner(referral, now - timedelta(minutes=1), endpoint=slow)
    for _ in range(40):
        arrange.to_partner(referral, now, endpoint=quick)
    quick_done, slow_before = threading.Event(), []

    def behave(message: OutboxMessage) -> Answer:
        if message.endpoint_id == slow.pk:
            quick_done.wait(5)  # answers only when all the others are through
        elif message.pk == last:
            slow_before.append(channel.sent.count(slow.pk))
            quick_done.set()
        return Answer("sent", 200)

    last = OutboxMessage.objects.filter(endpoint=quick).order_by("-id")[0].pk
    channel = scripted(behave)
    begun = time.monotonic()
    assert drain(now_fn=at(now)) == 60
    assert time.monotonic() - begun < 4, "the others did not wait for the slow one"


def test_many_slow_receivers_leave_room_for_a_quick_one(scripted: Any, now: datetime, referral: Referral) -> None:
    """Twelve that hang, each with one message that waits longer, and then ours."""
    for _ in range(12):
        slow = arrange.endpoint(referral.partner, "https://slow.example.org/", now)
        arrange.to_partner(referral, now - timedelta(minutes=1), endpoint=slow)
    ours = arrange.to_staff(make_staff(), now, referral.case)
    pace.note("email", 0.01)
    is_through = threading.Event()

    def behave(message: OutboxMessage) -> Answer:
        if message.pk == ours.pk:
            is_through.set()
        elif not is_through.wait(2):
            return Answer("timeout")
        return Answer("sent", 200)

    scripted(behave)
    assert drain(now_fn=at(now)) == 13
    assert not OutboxMessage.objects.exclude(state="sent").exists(), "ours went out while the others hung"


def test_at_most_eight_are_sent_and_not_yet_recorded(
    scripted: Any, now: datetime, referral: Referral, monkeypatch: Any
) -> None:
    """So many at most are repeated when the process is killed."""
    endpoints = [arrange.endpoint(referral.partner, "https://x.example.org/", now) for _ in range(6)]
    for number in range(60):
        arrange.to_partner(referral, now, endpoint=endpoints[number % 6])
    unrecorded: set[Any] = set()
    most: list[int] = []

    def send(message: OutboxMessage) -> Answer:
        unrecorded.add(message.pk)
        most.append(len(unrecorded))
        return Answer("sent", 200)

    def note(attempts: Any, **kwargs: Any) -> bool:
        is_told = record(attempts, **kwargs)
        unrecorded.difference_update(attempt.message.pk for attempt in attempts)
        return is_told

    monkeypatch.setattr(run, "record", note)
    scripted(send)
    assert drain(now_fn=at(now)) == 60
    assert 1 < max(most) <= 8


def test_no_more_than_asked_for(scripted: Any, now: datetime) -> None:
    user, case = make_staff(), make_case()
    for _ in range(10):
        arrange.to_staff(user, now, case)
    channel = scripted(yes)
    assert drain(now_fn=at(now), limit=4) == 4
    assert len(channel.sent) == 4
    assert OutboxMessage.objects.filter(state="due").count() == 6


def test_a_second_call_in_the_same_process_returns_and_is_not_forgotten(scripted: Any, now: datetime) -> None:
    user, case = make_staff(), make_case()
    arrange.to_staff(user, now, case)
    answers: list[int] = []

    def meanwhile(message: OutboxMessage) -> Answer:
        if not answers:
            answers.append(drain(now_fn=at(now)))
        return Answer("sent", 250)

    scripted(meanwhile)
    assert drain(now_fn=at(now)) == 1
    assert answers == [0]


def test_work_that_comes_while_the_last_message_is_sent_is_done_too(scripted: Any, now: datetime) -> None:
    """A wake-up meets a run that found nothing more a moment ago: the run looks again."""
    user, case = make_staff(), make_case()
    arrange.to_staff(user, now, case)
    scripted(yes)
    original, written = run.record, []

    def record_and_write(*args: Any, **kwargs: Any) -> None:
        original(*args, **kwargs)
        if args[0] and not written:
            written.append(arrange.to_staff(user, now, case))
            assert drain(now_fn=at(now)) == 0, "another is at it"

    run.record = record_and_write
    try:
        assert drain(now_fn=at(now)) == 2
    finally:
        run.record = original


def test_at_the_end_of_the_process_what_was_not_begun_goes_back(scripted: Any, now: datetime) -> None:
    user, case = make_staff(), make_case()
    for _ in range(30):
        arrange.to_staff(user, now, case)

    def end(message: OutboxMessage) -> Answer:
        delivery.stop()
        return Answer("sent", 250)

    channel = scripted(end)
    try:
        drain(now_fn=at(now))
    finally:
        delivery._stopping.clear()
    states = list(OutboxMessage.objects.values_list("state", flat=True))
    assert 1 <= len(channel.sent) <= 8
    assert states.count("sent") == len(channel.sent)
    assert states.count("due") == 30 - len(channel.sent)


def test_a_channel_that_fails_is_a_failed_attempt_not_a_failed_run(scripted: Any, now: datetime, post: Post) -> None:
    first, second = (arrange.to_staff(make_staff(), now) for _ in range(2))

    def break_first(message: OutboxMessage) -> Answer:
        if message.pk == first.pk:
            raise RuntimeError("with a name in it")
        return Answer("sent", 250)

    scripted(break_first)
    drain(now_fn=at(now))
    states = dict(OutboxMessage.objects.values_list("pk", "state"))
    assert (states[first.pk], states[second.pk]) == ("due", "sent")


@pytest.mark.django_db(transaction=True)
def test_a_database_that_is_away_for_a_moment_costs_no_repeat(scripted: Any, now: datetime, monkeypatch: Any) -> None:
    arrange.to_staff(make_staff(), now)
    written, failures = record_module._record, iter([OperationalError(), InterfaceError()])

    def write(*args: Any) -> bool:
        for failure in failures:
            raise failure
        return written(*args)

    monkeypatch.setattr(record_module, "_record", write)
    monkeypatch.setattr(record_module, "_PAUSE", 0)
    channel = scripted(yes)
    assert drain(now_fn=at(now)) == 1
    assert (len(channel.sent), OutboxMessage.objects.get().state) == (1, "sent")


def test_a_database_that_stays_away_is_said_so(now: datetime, monkeypatch: Any) -> None:
    def fail(*args: Any) -> bool:
        raise OperationalError

    monkeypatch.setattr(record_module, "_record", fail)
    monkeypatch.setattr(record_module, "PATIENCE", -1)
    with pytest.raises(OperationalError):
        record([Attempt(OutboxMessage(), Answer("sent"), now)], now=now, rng=Random(1))


def test_a_claim_that_fails_does_not_lose_what_is_on_its_way(scripted: Any, now: datetime, monkeypatch: Any) -> None:
    arrange.to_staff(make_staff(), now)
    claims = iter([run.claim])

    def claim_once(*args: Any, **kwargs: Any) -> list[OutboxMessage]:
        for real in claims:
            return real(*args, **kwargs)
        raise OperationalError

    monkeypatch.setattr(run, "claim", claim_once)
    failed = threading.Event()
    original = run.Run._claim

    def look(self: run.Run) -> None:
        try:
            original(self)
        finally:
            if len(self._in_flight) == 1:
                failed.set()

    monkeypatch.setattr(run.Run, "_claim", look)
    scripted(lambda message: yes(message) if failed.wait(5) else busy(message))
    with contextlib.suppress(OperationalError):  # at the next look, with nothing on its way any more
        drain(now_fn=at(now))
    assert OutboxMessage.objects.get().state == "sent"
