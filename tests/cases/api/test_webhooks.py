"""Webhook endpoints: registered with a checked address, the secret shown once, taken out again."""

import base64
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from pytest_django import DjangoAssertNumQueries, Settings

from cases.models import WebhookEndpoint
from tests.cases.api.calling import Api

pytestmark = pytest.mark.django_db
URL = "https://example.org/korpu"


def register(caller: Api, url: Any = URL, **headers: str) -> Any:
    return caller.post("webhooks/", {"url": url}, **headers)


def test_the_secret_is_shown_once_and_kept_sealed(caller: Api) -> None:
    made = register(caller)
    secret = made.json()["secret"]
    assert made.status_code == 201
    assert len(base64.b64decode(secret.removeprefix("whsec_"))) == 32
    (listed,) = caller.get("webhooks/").json()["results"]
    assert "secret" not in listed
    with connection.cursor() as cursor:
        cursor.execute("SELECT secret FROM cases_webhookendpoint")
        assert secret.encode() not in bytes(cursor.fetchone()[0])
    assert WebhookEndpoint.objects.get().secret == secret


def test_the_same_key_shows_it_again_and_makes_no_second_one(caller: Api) -> None:
    headers = {"idempotency-key": uuid4().hex}
    assert register(caller, **headers).json() == register(caller, **headers).json()
    assert WebhookEndpoint.objects.count() == 1


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://example.org/", "scheme"),
        ("ftp://example.org/", "scheme"),
        ("https://127.0.0.1/", "address"),
        ("https://169.254.169.254/latest/", "address"),
        ("https://localhost/", "host"),
        ("https://user:pass@example.org/", "malformed"),
        ("https://example.org:22/", "port"),
        ("nonsense", "malformed"),
        ("", "malformed"),
    ],
)
def test_an_address_that_is_not_public_is_refused(caller: Api, url: str, reason: str) -> None:
    answer = register(caller, url)
    assert (answer.status_code, answer.json()["code"], answer.json()["reason"]) == (422, "invalid_target", reason)
    assert not WebhookEndpoint.objects.exists()


@pytest.mark.parametrize("url", [7, ["x"], {}, "x" * 3000])
def test_an_address_of_another_kind_is_refused(caller: Api, url: Any) -> None:
    answer = register(caller, url)
    assert (answer.status_code, list(answer.json()["errors"])) == (422, ["url"])


def test_a_loopback_address_needs_the_operators_setting(caller: Api, settings: Settings) -> None:
    settings.WEBHOOK_ALLOWED_HOSTS = frozenset({"127.0.0.1:8002"})
    assert register(caller, "http://127.0.0.1:8002/").status_code == 201
    assert register(caller, "http://127.0.0.1:8003/").status_code == 422


def test_the_same_address_twice_is_refused(caller: Api) -> None:
    register(caller)
    assert list(register(caller).json()["errors"]) == ["url"]


def test_one_that_is_taken_out_gets_nothing_more_and_its_place_is_free(caller: Api) -> None:
    made = register(caller).json()
    assert caller.call("DELETE", f"webhooks/{made['id']}/").status_code == 204
    row = WebhookEndpoint.objects.get()
    assert (row.is_active, row.disabled_reason) == (False, "removed")
    assert caller.get("webhooks/").json()["results"] == []
    assert caller.call("DELETE", f"webhooks/{made['id']}/").status_code == 404
    assert register(caller).status_code == 201


def test_listing_opens_no_secret(caller: Api, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    register(caller)
    with django_assert_num_queries(2) as queries:
        caller.get("webhooks/")
    assert "secret" not in queries.captured_queries[-1]["sql"]
