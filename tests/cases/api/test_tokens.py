"""The token endpoint: who gets a token, with which scopes, and what is kept of it."""

import hashlib
from base64 import b64encode
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone
from oauth2_provider.models import AccessToken

from cases.api import throttling
from cases.models import PartnerClient, PartnerOrganisation
from tests.cases.api.calling import Api, api

SECRET = "a-long-random-secret-of-a-client"
pytestmark = pytest.mark.django_db


def ask(known: str, secret: str = SECRET, /, address: str = "127.0.0.1", **form: Any) -> Any:
    basic = b64encode(f"{known}:{secret}".encode()).decode()
    body = {"grant_type": "client_credentials", **form}
    return Client(raise_request_exception=False, REMOTE_ADDR=address).post(
        "/oauth/token/", body, headers={"authorization": f"Basic {basic}"}
    )


@pytest.fixture
def known(caller: Api) -> PartnerClient:
    assert caller.client is not None
    caller.client.client_secret = SECRET
    caller.client.save()
    return caller.client


def test_a_client_gets_a_token_for_an_hour_with_its_own_scopes(known: PartnerClient) -> None:
    answer = ask(known.client_id)
    assert answer.status_code == 200
    assert answer.json()["expires_in"] == 3600
    assert answer.json()["scope"].split() == [scope for scope in known.scopes if scope in answer.json()["scope"]]
    assert answer.headers["Cache-Control"] == "no-store"


def test_the_token_opens_the_api(known: PartnerClient) -> None:
    token = ask(known.client_id).json()["access_token"]
    assert Api(token=token).get("me/").json()["client"]["client_id"] == known.client_id


def test_a_client_cannot_take_a_scope_that_is_not_its_own() -> None:
    caller = api(scopes=("cases:read",))
    assert caller.client is not None
    caller.client.client_secret = SECRET
    caller.client.save()
    assert ask(caller.client.client_id, scope="reports:create").json() == {"error": "invalid_scope"}
    assert ask(caller.client.client_id, scope="cases:read").json()["scope"] == "cases:read"


def test_of_secret_and_token_only_hashes_are_kept(known: PartnerClient) -> None:
    token = ask(known.client_id).json()["access_token"]
    known.refresh_from_db()
    row = AccessToken.objects.get(token_checksum=hashlib.sha256(token.encode()).hexdigest())
    assert known.client_secret.startswith("fast_secret$")
    assert SECRET not in known.client_secret
    assert row.token == ""


@pytest.mark.parametrize("secret", ["", "wrong", SECRET + "x", SECRET[:-1]])
def test_a_wrong_secret_gets_nothing(known: PartnerClient, secret: str) -> None:
    answer = ask(known.client_id, secret)
    assert (answer.status_code, answer.json()) == (401, {"error": "invalid_client"})


def test_a_revoked_client_gets_nothing(known: PartnerClient) -> None:
    PartnerClient.objects.filter(pk=known.pk).update(revoked_at=timezone.now())
    assert ask(known.client_id).json() == {"error": "invalid_client"}


def test_the_client_of_an_inactive_partner_gets_nothing(known: PartnerClient) -> None:
    PartnerOrganisation.objects.filter(pk=known.partner_id).update(is_active=False)
    assert ask(known.client_id).json() == {"error": "invalid_client"}


@pytest.mark.parametrize("grant", ["password", "authorization_code", "refresh_token", "implicit", ""])
def test_no_other_grant_is_known(known: PartnerClient, grant: str) -> None:
    assert ask(known.client_id, grant_type=grant).json()["error"] in {"unsupported_grant_type", "invalid_request"}


@pytest.mark.parametrize(
    "form",
    [
        {"scope": "\x00"},
        {"client_id": "a\x00b"},
        {"scope": "ə"},
        {"scope": "x" * 2000},
        {"resource": "https://example.org/"},
        {"grant_type": ["a", "b"]},
    ],
)
def test_what_no_client_means_to_send_is_refused_as_json(known: PartnerClient, form: dict[str, Any]) -> None:
    answer = ask(known.client_id, **form)
    assert answer.status_code == 400
    assert answer.json()["error"] in {"invalid_request", "unsupported_grant_type", "invalid_scope"}


@pytest.mark.parametrize("header", ["Basic", "Basic %%%", "Basic 4pyT", "Bearer x", "Basic AAAA"])
def test_a_broken_header_is_refused_as_json(known: PartnerClient, header: str) -> None:
    form = {"grant_type": "client_credentials"}
    answer = Client().post("/oauth/token/", form, headers={"authorization": header})
    assert answer.json() == {"error": "invalid_client"}


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"{}", "application/json"),
        (b"x" * 3_000_000, "application/x-www-form-urlencoded"),
        (b"--x", "multipart/form-data; boundary=x"),
        (b"--x", "multipart/form-data"),
    ],
)
def test_a_body_of_another_kind_is_refused_as_json(body: bytes, kind: str) -> None:
    answer = Client(raise_request_exception=False).post("/oauth/token/", body, content_type=kind)
    assert answer.status_code == 400
    assert "error" in answer.json()


def test_only_post_is_possible() -> None:
    assert Client().get("/oauth/token/").json() == {"error": "invalid_request"}


def test_a_network_that_asks_too_often_waits_until_the_next_minute_and_another_does_not(
    known: PartnerClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(throttling, "_silent_until", 0.0)  # of a cache that was down in another test, later than here
    minute = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
    with time_machine.travel(minute + timedelta(seconds=30), tick=False):
        answers = [ask(known.client_id, "wrong").status_code for _ in range(throttling.TOKENS.quota)]
        late = ask(known.client_id)
        assert set(answers) == {401} and late.status_code == 429
        assert late.headers["Retry-After"] == "30"
        assert ask(known.client_id, address="203.0.113.9").status_code == 200
    with time_machine.travel(minute + timedelta(seconds=60), tick=False):
        assert ask(known.client_id).status_code == 200


def test_a_client_can_give_its_token_back(known: PartnerClient) -> None:
    token = ask(known.client_id).json()["access_token"]
    basic = b64encode(f"{known.client_id}:{SECRET}".encode()).decode()
    Client().post("/oauth/revoke/", {"token": token}, headers={"authorization": f"Basic {basic}"})
    assert Api(token=token).get("me/").status_code == 401
