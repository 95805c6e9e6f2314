"""Long polls: an answer as soon as something happens, and never so many that reports find no thread."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from threading import BoundedSemaphore
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.cache import cache
from django.db import OperationalError
from oauth2_provider.models import AccessToken

from cases.api import throttling, waiting
from cases.api.v1 import changes
from tests.cases.api.calling import Api, api, referred
from tests.cases.api.test_changes import happened

pytestmark = pytest.mark.django_db
AT_ONCE, ALL = 1, 30


@dataclass
class Clock:
    """Stands still but for who sleeps; `acts` happen while somebody sleeps for the first, second … time."""

    acts: list[Callable[[], Any]] = field(default_factory=list)
    now: float = 0.0

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds
        if self.acts:
            self.acts.pop(0)()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[Clock]:
    made = Clock()
    monkeypatch.setattr(changes, "time", SimpleNamespace(monotonic=made.monotonic, sleep=made.sleep))
    monkeypatch.setattr(waiting, "_places", BoundedSemaphore(AT_ONCE))
    yield made
    assert waiting._places._value in {AT_ONCE, ALL}, "every place was given back"


def nothing() -> None:
    """Somebody sleeps, and nothing happens."""


def kinds(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.content
    return [row["type"] for row in answer.json()["results"]]


def test_what_happens_while_somebody_waits_is_told_at_once(caller: Api, clock: Clock) -> None:
    referral = referred(caller)
    clock.acts = [nothing, nothing, lambda: happened(referral, "referral.offered")]
    assert kinds(caller.get("changes/?wait=30")) == ["referral.offered"]
    assert clock.now == 3 * waiting.LOOK_EVERY


def test_where_nothing_happens_the_wait_ends_in_time(caller: Api, clock: Clock) -> None:
    answer = caller.get("changes/?wait=7")
    assert kinds(answer) == [] and "Retry-After" not in answer.headers
    assert clock.now == 7
    assert kinds(caller.get(f"changes/?after={answer.json()['cursor']}")) == []


def test_who_is_told_something_does_not_wait(caller: Api, clock: Clock) -> None:
    happened(referred(caller), "referral.offered")
    assert kinds(caller.get("changes/?wait=30")) == ["referral.offered"]
    assert clock.now == 0


def test_without_a_word_nobody_waits(caller: Api, clock: Clock) -> None:
    assert "Retry-After" not in caller.get("changes/").headers
    assert "Retry-After" not in caller.get("changes/?wait=0").headers
    assert clock.now == 0


def test_another_persons_change_wakes_nobody(caller: Api, clock: Clock) -> None:
    other = referred(api())
    clock.acts = [lambda: happened(other, "referral.offered")]
    assert kinds(caller.get("changes/?wait=3")) == []
    assert clock.now == 3


def test_where_all_places_are_taken_one_is_told_when_to_come_back(caller: Api, clock: Clock) -> None:
    with waiting.place_to_wait(-1, 30) as other:
        assert other
        answer = caller.get("changes/?wait=30")
    assert kinds(answer) == [] and clock.now == 0
    assert 5 <= int(answer.headers["Retry-After"]) <= 10
    assert "Retry-After" not in caller.get("changes/?wait=1").headers, "the place is free again"


def test_nobody_waits_twice_at_a_time(caller: Api, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting, "_places", BoundedSemaphore(ALL))
    second: list[Any] = []
    clock.acts = [lambda: second.append(caller.get("changes/?wait=30"))]
    assert "Retry-After" not in caller.get("changes/?wait=2").headers
    assert "Retry-After" in second[0].headers
    assert "Retry-After" not in caller.get("changes/?wait=2").headers, "but one after the other"


def test_a_wait_that_breaks_off_gives_its_place_back(caller: Api, clock: Clock) -> None:
    def break_off() -> None:
        raise OperationalError

    clock.acts = [break_off]
    assert caller.get("changes/?wait=30").status_code == 503
    assert "Retry-After" not in caller.get("changes/?wait=1").headers


def test_who_is_revoked_while_waiting_learns_nothing(caller: Api, clock: Clock) -> None:
    referral = referred(caller)
    clock.acts = [lambda: (AccessToken.objects.all().delete(), happened(referral, "referral.offered"))]
    answer = caller.get("changes/?wait=30")
    assert answer.status_code == 401
    assert b"referral" not in answer.content


def test_a_cache_that_is_down_forbids_no_waiting(caller: Api, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    def down(*_arguments: Any, **_more: Any) -> None:
        raise ConnectionError

    monkeypatch.setattr(throttling, "_silent_until", 0.0)  # put back afterwards: the counters come to notice it too
    monkeypatch.setattr(cache, "add", down)
    monkeypatch.setattr(cache, "delete", down)
    assert "Retry-After" not in caller.get("changes/?wait=1").headers
    assert clock.now == 1


@pytest.mark.parametrize("wait", ["-1", "31", "x", "", "1.5", "1e1", "٣", "9" * 400])
def test_what_is_no_number_of_seconds_is_refused(caller: Api, clock: Clock, wait: str) -> None:
    answer = caller.get(f"changes/?wait={wait}")
    assert answer.status_code == 400 and "wait" in answer.json()["errors"]
    assert clock.now == 0
