"""Guessing codes at the page where they are typed (bars.md S4). The long form is tests/faults/test_guessing.py."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from intake import screening
from intake.actions import count_guesses
from intake.models import Draft, GuessAlarm, Report
from intake.queries.guesses import wrong_codes_since
from intake.web.views import by_code
from workers.examination import codes_are_not_guessed

from .person import Person, text_of

NEVER_ISSUED = "1" * 20


def from_network(address: str) -> Person:
    return Person(Client(REMOTE_ADDR=address), "en")


@pytest.fixture
def codes(reporting: Person) -> dict[str, str]:
    """Codes that open nothing, each for another reason."""
    erased = reporting.code()
    reporting.send()
    Report.objects.update(code_hash=None, erased_at=timezone.now())
    expired = Person(Client(), "en")
    expired.begin()
    expired.answer("country", country="RU", then="stop")
    gone = expired.code("later/")
    Draft.objects.filter(report__isnull=True).update(expires_at=timezone.now() - timedelta(seconds=1))
    malformed = {"empty": "", "letters": "abc", "short": "1" * 19, "huge": "9" * 100_000, "sql": "' OR 1=1 --"}
    return {**malformed, "never issued": NEVER_ISSUED, "erased": erased, "draft out of time": gone}


def test_whatever_is_wrong_with_a_code_the_answer_and_its_cost_are_the_same(codes: dict[str, str]) -> None:
    seen = set()
    for number, typed in enumerate(codes.values()):
        with CaptureQueriesContext(connection) as asked:
            response = from_network(f"198.51.{number}.1").open_page(typed)
        statements = tuple(query["sql"].split("WHERE")[0] for query in asked)
        words = text_of(response).replace(typed, "") if len(typed) > 15 else text_of(response)
        seen.add((response.status_code, words, statements, tuple(sorted(response.headers))))
    assert len(seen) == 1
    (status, words, statements, _headers), *_rest = seen
    assert status == 404 and "We do not know this code." in words
    assert len(statements) == 2  # is it a report's, is it a draft's


def test_a_held_back_network_is_not_evaluated_and_is_told_so(
    reporting: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = reporting.code()
    reporting.send()
    guesser = from_network("203.0.113.5")
    for _guess in range(screening.GUESSES):
        assert guesser.open_page(NEVER_ISSUED).status_code == 404
    with monkeypatch.context() as watched:
        for name in ("report_by_code", "secret_by_code"):
            watched.setattr(by_code, name, lambda *_, **__: pytest.fail("looked at"))
        response = from_network("203.0.113.77").open_page(code)  # the same network, another address
    wait = int(response["Retry-After"])
    assert response.status_code == 429 and 0 < wait <= screening.GUESS_SECONDS
    assert f"We did not check this code. Please wait {-(-wait // 60)} min." in text_of(response)
    assert from_network("198.51.100.7").open_page(code)["Location"] == "/en/page/"


@pytest.mark.parametrize(
    ("guesser", "neighbour"), [("2001:db8:1::1", "2001:db8:1:ffff::9"), ("::ffff:1.2.3.4", "1.2.3.9")]
)
def test_a_network_is_held_back_as_a_whole_also_with_ipv6(person: Person, guesser: str, neighbour: str) -> None:
    for _guess in range(screening.GUESSES):
        from_network(guesser).open_page(NEVER_ISSUED)
    assert from_network(neighbour).open_page(NEVER_ISSUED).status_code == 429
    assert from_network("2001:db8:2::1").open_page(NEVER_ISSUED).status_code == 404


def test_from_many_networks_nobody_is_locked_out_and_our_people_are_told(
    reporting: Person, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(count_guesses, "ALARM_EVERY", 20)
    code = reporting.code()
    reporting.send()
    for number in range(45):
        assert from_network(f"10.{number}.0.1").open_page(NEVER_ISSUED).status_code == 404
    assert caplog.text.count("somebody may be guessing") == 2
    now = timezone.now()
    assert wrong_codes_since(now - timedelta(hours=24)) == 40 == GuessAlarm.objects.get().wrong_codes
    assert ["40 wrong codes" in finding.what and not finding.grave for finding in codes_are_not_guessed(now)] == [True]
    assert from_network("172.16.0.1").open_page(code)["Location"] == "/en/page/"


def test_a_few_mistakes_alarm_nobody(person: Person) -> None:
    for number in range(30):
        from_network(f"10.{number}.0.1").open_page(NEVER_ISSUED)
    assert not GuessAlarm.objects.exists() and not list(codes_are_not_guessed(timezone.now()))


def test_counters_that_are_down_let_people_in(reporting: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    code = reporting.code()
    reporting.send()

    def down(*_: Any, **__: Any) -> None:
        raise OSError

    for name in ("add", "incr", "decr"):
        monkeypatch.setattr(cache, name, down)
    guess: Callable[[str], HttpResponse] = from_network("203.0.113.5").open_page
    assert {guess(NEVER_ISSUED).status_code for _again in range(screening.GUESSES + 5)} == {404}
    assert guess(code)["Location"] == "/en/page/"
