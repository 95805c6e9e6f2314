"""One anchor a day over every event that is an hour old, chained to the anchor before."""

from datetime import datetime, timedelta

import pytest

from cases.actions.anchor_timelines import SETTLED, added_between, anchor_hash, anchor_timelines
from cases.models import TimelineAnchor, TimelineEvent
from tests.cases.arrange import opened

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]
DAY = timedelta(days=1)


def test_an_anchor_counts_what_there_is_and_holds_the_one_before(now: datetime) -> None:
    opened(now - 2 * DAY)
    first = anchor_timelines(now=now - DAY)
    opened(now - DAY)
    opened(now - DAY)
    second = anchor_timelines(now=now)
    assert first and second
    assert (first.cases, first.events, bytes(first.previous_hash)) == (1, 4, b"")
    assert (second.cases, second.events, bytes(second.previous_hash)) == (3, 12, bytes(first.hash))
    again = TimelineAnchor.objects.get(day=now.date())
    assert bytes(again.hash) == anchor_hash(again) != bytes(first.hash)
    assert bytes(again.added_hash) == added_between(first.last_event_id, again.last_event_id).hash


def test_what_may_still_be_on_its_way_is_left_for_the_next_day(now: datetime) -> None:
    opened(now - SETTLED)
    old = TimelineEvent.objects.latest("pk").pk
    opened(now - SETTLED + timedelta(seconds=1))
    anchor = anchor_timelines(now=now)
    assert anchor and (anchor.events, anchor.last_event_id) == (4, old)
    following = anchor_timelines(now=now + DAY)
    assert following and following.events == 8


def test_a_day_has_one_anchor_and_a_quiet_day_has_one_too(now: datetime) -> None:
    opened(now - DAY)
    assert anchor_timelines(now=now)
    assert anchor_timelines(now=now + timedelta(hours=1)) is None
    quiet = anchor_timelines(now=now + DAY)
    assert quiet and quiet.events == 4
    assert anchor_timelines(now=now - 2 * DAY) is None, "a clock that was set back writes none in between"
    assert TimelineAnchor.objects.count() == 2


def test_a_worker_that_was_slower_writes_none(now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both looked before either had written."""
    opened(now - DAY)
    monkeypatch.setattr("cases.actions.anchor_timelines._newest", lambda: None)
    assert anchor_timelines(now=now) is not None
    assert anchor_timelines(now=now) is None
    assert TimelineAnchor.objects.count() == 1
