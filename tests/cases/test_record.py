"""The timeline is a chain that shows every change; the feed tells partners what became of their referrals."""

from datetime import datetime
from uuid import uuid4

import pytest

from cases.actions.record import SYSTEM, Actor, Event, chain_hash, feed_rows, record_events, verify_chain
from cases.models import Case, TimelineEvent
from tests.cases.arrange import opened, partner, referral
from tests.cases.owner import as_owner

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]


def test_events_are_numbered_and_the_case_carries_the_newest(now: datetime) -> None:
    case, user_id = opened(now), uuid4()
    record_events(
        case, [Event("assigned", {"user": user_id}), Event("note_added")], by=Actor("staff", user_id), now=now
    )
    assert (case.event_count, case.last_event, case.last_event_at) == (6, "note_added", now)
    assigned = TimelineEvent.objects.get(case=case, sequence=5)
    assert (assigned.actor, assigned.actor_ref, assigned.details) == ("staff", user_id, {"user": str(user_id)})


def test_an_untouched_chain_verifies_after_being_read_again(now: datetime) -> None:
    case = opened(now)
    details = {"at": now, "partners": [uuid4(), uuid4()], "score": 0.5, "none": None, "yes": True}
    record_events(case, [Event("routing_decided", details)], by=SYSTEM, now=now)
    case.save()
    assert verify_chain(case.pk)


@pytest.mark.parametrize(
    "forgery",
    [
        {"code": "case_closed"},
        {"actor": "staff"},
        {"actor_ref": uuid4()},
        {"details": {"urgency": 4}},
        {"at": datetime.fromisoformat("2026-01-01T00:00:00+00:00")},
    ],
)
def test_a_changed_event_is_found(forgery: dict[str, object], now: datetime) -> None:
    case = opened(now)
    with as_owner():
        TimelineEvent.objects.filter(case=case, sequence=2).update(**forgery)
    assert not verify_chain(case.pk)


@pytest.mark.parametrize("sequence", [1, 2, 4])
def test_a_removed_event_is_found_also_the_last(sequence: int, now: datetime) -> None:
    case = opened(now)
    with as_owner():
        TimelineEvent.objects.filter(case=case, sequence=sequence).delete()
    assert not verify_chain(case.pk)


def test_a_forged_event_with_its_own_right_hash_breaks_the_link_to_the_next(now: datetime) -> None:
    case = opened(now)
    row = TimelineEvent.objects.get(case=case, sequence=2)
    row.code = "case_closed"
    row.hash = chain_hash(row)
    with as_owner():
        row.save()
    assert not verify_chain(case.pk)


def test_an_event_moved_to_another_case_is_found(now: datetime) -> None:
    case, other = opened(now), opened(now)
    with as_owner():
        TimelineEvent.objects.filter(case=case).delete()
        TimelineEvent.objects.filter(case=other).update(case=case)
    Case.objects.filter(pk=case.pk).update(chain_head=other.chain_head, event_count=other.event_count)
    assert not verify_chain(case.pk)


@pytest.mark.parametrize("text", ["Aygün", "She said so", "x" * 65, "a\nb"])
def test_words_somebody_wrote_do_not_fit_into_the_timeline(text: str, now: datetime) -> None:
    case = opened(now)
    with pytest.raises(ValueError, match="codes"):
        record_events(case, [Event("declined", {"reason": {"nested": [text]}})], by=SYSTEM, now=now)


@pytest.mark.parametrize(
    ("state", "fields", "reason", "is_tombstone"),
    [
        ("offered", {}, "", False),
        ("accepted", {}, "", False),
        ("declined", {"decline_reason": "no_capacity"}, "no_capacity", True),
        ("expired", {}, "", True),
        ("withdrawn", {"withdrawal_reason": "erased"}, "erased", True),
        ("returned", {"return_reason": "language"}, "language", True),
        ("completed", {}, "", False),
    ],
)
def test_the_feed_tells_the_present_state(
    state: str, fields: dict[str, str], reason: str, is_tombstone: bool, now: datetime
) -> None:
    case = opened(now)
    row = referral(case, partner(), now, state, **fields)
    [change] = feed_rows([row], now=now)
    assert (change.kind, change.state, change.reference) == (f"referral.{state}", state, case.reference)
    assert (change.reason, change.is_tombstone, change.number) == (reason, is_tombstone, None)
