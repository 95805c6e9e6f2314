"""When a delivery is tried again, and when it is given up."""

from datetime import UTC, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.models.outbox import OutboxMessage
from workers.retry import STEPS, URGENT, URGENT_STEPS, is_permanent, next_attempt

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
NORMAL, BULK = 2, 3
MINUTE, HOUR = 60, 3600


def wait(lane: int, attempt: int, seed: int = 1, retry_after: float | None = None) -> float | None:
    """Seconds until the next attempt."""
    at = next_attempt(lane, attempt, NOW, Random(seed), retry_after)
    return None if at is None else (at - NOW).total_seconds()


def test_the_urgent_lane_is_that_of_the_outbox() -> None:
    assert OutboxMessage.Lane.URGENT == URGENT


@pytest.mark.parametrize(("attempt", "seconds"), [(1, 5), (2, 30), (3, 2 * MINUTE), (4, 5 * MINUTE), (5, None)])
def test_an_urgent_message_goes_to_the_next_channel_within_minutes(attempt: int, seconds: int | None) -> None:
    assert wait(URGENT, attempt) == seconds


@pytest.mark.parametrize("lane", [NORMAL, BULK])
@pytest.mark.parametrize(
    ("attempt", "seconds"),
    list(enumerate([5, 5 * MINUTE, 30 * MINUTE, *(hours * HOUR for hours in (2, 5, 10, 14, 20, 24))], start=1)),
)
def test_other_messages_are_tried_for_about_three_days(lane: int, attempt: int, seconds: int) -> None:
    assert wait(lane, attempt) == pytest.approx(seconds, rel=0.1)


def test_other_messages_are_given_up_after_the_tenth_attempt() -> None:
    assert wait(NORMAL, 10) is None
    assert wait(BULK, 11) is None
    assert timedelta(days=3) < sum(STEPS, timedelta()) < timedelta(days=4)


def test_repeats_of_a_crowd_are_spread() -> None:
    waits = [wait(NORMAL, 2, seed=seed) or 0 for seed in range(200)]
    assert len(set(waits)) > 190
    assert min(waits) >= 270
    assert max(waits) <= 330


def test_the_same_dice_give_the_same_moment() -> None:
    assert wait(NORMAL, 3, seed=7) == wait(NORMAL, 3, seed=7)


def test_a_receiver_that_asks_for_more_time_gets_it() -> None:
    assert wait(NORMAL, 1, retry_after=600) == 600


def test_a_receiver_cannot_make_us_come_sooner() -> None:
    assert wait(NORMAL, 4, retry_after=1) == pytest.approx(2 * HOUR, rel=0.1)


def test_a_receiver_cannot_put_us_off_for_more_than_a_day() -> None:
    assert wait(NORMAL, 1, retry_after=90 * 24 * HOUR) == 24 * HOUR
    assert wait(NORMAL, 1, retry_after=float("inf")) == 24 * HOUR


@pytest.mark.parametrize("nonsense", [0, -5, float("nan"), float("-inf"), None])
def test_a_wish_that_means_nothing_is_ignored(nonsense: float | None) -> None:
    assert wait(NORMAL, 2, retry_after=nonsense) == wait(NORMAL, 2)


def test_an_urgent_message_waits_as_asked_up_to_its_own_last_step_and_then_takes_another_channel() -> None:
    assert wait(URGENT, 1, retry_after=60) == 60
    assert wait(URGENT, 1, retry_after=300) == 300
    assert wait(URGENT, 1, retry_after=301) is None


def test_a_wish_does_not_lengthen_the_ladder() -> None:
    assert wait(NORMAL, 10, retry_after=60) is None


def test_an_attempt_before_the_first_counts_as_the_first() -> None:
    assert wait(URGENT, 0) == 5


def test_waiting_is_elapsed_time_when_the_clocks_change() -> None:
    berlin = datetime(2026, 10, 24, 12, 0, tzinfo=ZoneInfo("Europe/Berlin"))
    at = next_attempt(NORMAL, 1, berlin, Random(1), retry_after=24 * HOUR)
    assert at is not None
    assert at - berlin.astimezone(UTC) == timedelta(hours=24)


@given(st.integers(1, 3), st.integers(0, 20), st.integers(0, 2**32), st.none() | st.floats(allow_nan=True))
def test_the_next_attempt_always_lies_ahead_and_never_undercuts_a_wish_up_to_a_day(
    lane: int, attempt: int, seed: int, asked: float | None
) -> None:
    seconds = wait(lane, attempt, seed, asked)
    if seconds is not None:
        assert 4.5 <= seconds <= 26.4 * HOUR
        assert not (asked and asked > 0) or seconds >= min(asked, 24 * HOUR) - 1e-6
        assert lane != URGENT or seconds <= URGENT_STEPS[-1].total_seconds()


@pytest.mark.parametrize(
    "code",
    [
        *("http_410", "smtp_550", "smtp_553", "invalid_target", "no_address", "recipient_refused"),
        *("endpoint_disabled", "consent_withdrawn", "never_contact", "erased"),
    ],
)
def test_what_no_repetition_can_cure_is_permanent(code: str) -> None:
    assert is_permanent(code)


@pytest.mark.parametrize(
    "code",
    [
        *("http_302", "http_400", "http_401", "http_404", "http_429", "http_500", "http_503", "smtp_421", "smtp_450"),
        *("smtp_530", "smtp_535", "timeout", "connection_refused", "dns", "tls", "not_allowed_now", "nobody_knows"),
        *("", "smtp_5", "xsmtp_550", "smtp_5500"),
    ],
)
def test_all_else_is_tried_again(code: str) -> None:
    assert not is_permanent(code)
