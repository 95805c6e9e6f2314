"""Bodies and headers that no client means to send: a clear problem in the language asked for, never a fault."""

import json
from typing import Any
from unittest.mock import patch

import pytest
from django.core.cache import cache
from django.db import OperationalError
from django.test import Client

from cases.api import throttling
from cases.api.throttling import Limit
from tests.cases.api.calling import Api

pytestmark = pytest.mark.django_db
KEY = {"idempotency-key": "a-key-of-some-length"}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"nothing",
        b"\xff\xfe{}",
        b'{"country": "RU"} x',
        b'{"story": NaN}',
        b'{"story": Infinity}',
        b'{"story": "\\ud800"}',
        b'{"identity": {"name": "\\uD83D"}}',
        b'{"story": "a", "story": "b"}',
        b"[" * 100_000,
        b'{"story": ' + b"9" * 5000 + b"}",
        "{\u0000}".encode(),
    ],
)
def test_what_is_not_json_is_malformed(caller: Api, body: bytes) -> None:
    answer = caller.post("reports/", body, **KEY)
    assert (answer.status_code, answer.json()["code"]) in {(400, "malformed"), (422, "invalid_input")}
    assert answer.headers["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/xml", "application/x-www-form-urlencoded", "multipart/form-data", "x"]
)
def test_a_body_of_another_kind_is_415(caller: Api, kind: str) -> None:
    answer = caller.post("reports/", "a=b", content_type=kind, **KEY)
    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_media_type")


def test_a_huge_body_is_413(caller: Api) -> None:
    answer = caller.post("reports/", json.dumps({"story": "x" * 7_000_000}), **KEY)
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


@pytest.mark.parametrize("accept", ["text/html", "application/xml", "image/*"])
def test_an_answer_of_another_kind_is_406(caller: Api, accept: str) -> None:
    answer = caller.get("me/", accept=accept)
    assert (answer.status_code, answer.json()["code"]) == (406, "not_acceptable")


@pytest.mark.parametrize("accept", ["*/*", "application/json", "text/html,*/*;q=0.1", "application/*"])
def test_json_goes_to_everybody_who_takes_it(caller: Api, accept: str) -> None:
    assert caller.get("me/", accept=accept).status_code == 200


@pytest.mark.parametrize(("language", "title"), [("az", "tapılmadı"), ("ru", "не найден"), ("en", "not found")])
def test_a_problem_speaks_the_language_that_was_asked_for(caller: Api, language: str, title: str) -> None:
    answer = caller.get("cases/0000-000-0/", **{"accept-language": language})
    assert title in answer.json()["title"].lower()
    assert answer.headers["Content-Language"] == language


def test_a_problem_has_the_members_of_rfc_9457(caller: Api) -> None:
    problem = caller.get("nothing/").json()
    assert {"type", "title", "status", "code", "detail"} <= set(problem)
    assert problem["type"].endswith("/api/docs/#problem-not_found")


@pytest.mark.parametrize("path", ["cases/%00/", "cases/%F0%9F/", "referrals/%2e%2e/", "cases/" + "A" * 3000 + "/"])
def test_a_strange_address_is_not_found(caller: Api, path: str) -> None:
    assert caller.get(path).status_code == 404


def test_a_database_that_does_not_answer_is_503_and_says_when_to_come_back(caller: Api) -> None:
    with patch("cases.queries.referrals.read_rows", side_effect=OperationalError("canary")):
        answer = caller.get("referrals/")
    assert (answer.status_code, answer.json()["code"], answer.headers["Retry-After"]) == (503, "unavailable", "5")
    assert b"canary" not in answer.content


def test_our_own_fault_says_nothing_of_what_was_sent(caller: Api) -> None:
    with patch("cases.queries.referrals.read_rows", side_effect=RuntimeError("canary")):
        answer = caller.get("referrals/")
    assert answer.status_code == 500
    assert b"canary" not in answer.content


# --- limits ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def two_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("CLIENT", "ANYONE"):
        monkeypatch.setattr(throttling, name, Limit(name.lower(), 2, seconds=3600))


def test_who_asks_too_often_waits(caller: Api, two_a_minute: None) -> None:
    answers = [caller.get("me/") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[2].json()["code"] == "throttled"
    assert 0 < int(answers[2].headers["Retry-After"]) <= 3600
    assert answers[0].headers["RateLimit-Policy"] == '"client";q=2;w=3600'
    assert [answer.headers["RateLimit"].split(";")[1] for answer in answers] == ["r=1", "r=0", "r=0"]


def test_one_client_does_not_use_up_anothers_limit(caller: Api, two_a_minute: None) -> None:
    from tests.cases.api.calling import api

    for _ in range(3):
        caller.get("me/")
    assert api().get("me/").status_code == 200


def test_the_root_is_limited_by_network(two_a_minute: None) -> None:
    statuses = [Client().get("/api/v1/").status_code for _ in range(3)]
    assert statuses == [200, 200, 429]


def test_a_cache_that_is_down_lets_everybody_through(caller: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any, **__: Any) -> int:
        raise ConnectionError("down")

    monkeypatch.setattr(throttling, "_silent_until", 0.0)
    monkeypatch.setattr(cache, "incr", broken)
    answer = caller.get("me/")
    assert answer.status_code == 200
    assert "RateLimit" not in answer.headers
    monkeypatch.setattr(throttling, "_silent_until", 0.0)
