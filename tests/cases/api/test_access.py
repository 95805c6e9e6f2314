"""Who may call what: every address × own, other's, unknown × scope. A new address without a row here fails."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern
from django.utils import timezone

from cases.api.v1 import urls
from cases.models import PartnerClient, PartnerOrganisation
from cases.queries.webhooks import endpoints
from tests.cases import arrange
from tests.cases.api.calling import SCOPES, Api, api, referred, token_of

pytestmark = pytest.mark.django_db
UNKNOWN = uuid4()
# name of the address: {method: scope}; "" any token; None no token needed
TABLE: dict[str, dict[str, str | None]] = {
    "root": {"GET": None},
    "me": {"GET": ""},
    "cases": {"GET": "cases:read"},
    "case": {"GET": "cases:read"},
    "case-files": {"GET": "cases:read"},
    "case-file": {"GET": "cases:read"},
    "referrals": {"GET": "referrals:read"},
    "referral": {"GET": "referrals:read"},
    "accept": {"POST": "referrals:answer"},
    "contacted": {"POST": "cases:write"},
    "progress": {"POST": "cases:write"},
    "complete": {"POST": "cases:write"},
    "return": {"POST": "cases:write"},
    "erased": {"POST": "referrals:answer"},
    "decline": {"POST": "referrals:answer"},
    "changes": {"GET": "referrals:read"},
    "webhooks": {"GET": "webhooks:manage", "POST": "webhooks:manage"},
    "webhook": {"DELETE": "webhooks:manage"},
    "categories": {"GET": ""},
    "regions": {"GET": ""},
    "languages": {"GET": ""},
    "decline-reasons": {"GET": ""},
    "outcomes": {"GET": ""},
    "reports": {"POST": "reports:create"},
}
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")
ROWS = [(name, method, scope) for name, methods in TABLE.items() for method, scope in methods.items()]
PATTERNS: dict[str, URLPattern] = {pattern.name: pattern for pattern in urls.urlpatterns}


def path_of(name: str, row: object = UNKNOWN, reference: str = "0000-000-0") -> str:
    route = str(PATTERNS[name].pattern)
    route = route.replace("<uuid:referral_id>", str(row)).replace("<uuid:endpoint_id>", str(row))
    route = route.replace("<uuid:file_id>", str(row))
    return route.replace("<str:reference>", reference)


def test_every_address_stands_in_the_table() -> None:
    assert set(PATTERNS) == set(TABLE)


@pytest.mark.parametrize("name", TABLE)
def test_every_other_method_is_refused(caller: Api, name: str) -> None:
    others = [method for method in METHODS if method not in TABLE[name]]
    answers = {method: caller.call(method, path_of(name)).json()["code"] for method in others}
    assert set(answers.values()) == {"method_not_allowed"}


@pytest.mark.parametrize(("name", "method", "scope"), ROWS)
def test_without_a_token_nothing_but_the_root_answers(name: str, method: str, scope: str | None) -> None:
    answer = Api().call(method, path_of(name))
    if scope is None:
        assert answer.status_code == 200
    else:
        assert (answer.status_code, answer.json()["code"]) == (401, "not_authenticated")
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize(("name", "method", "scope"), [row for row in ROWS if row[2]])
def test_a_token_without_the_scope_is_refused(name: str, method: str, scope: str) -> None:
    lacking = api(scopes=tuple(other for other in SCOPES if other != scope))
    answer = lacking.call(method, path_of(name))
    assert (answer.status_code, answer.json()["code"], answer.json()["scope"]) == (403, "insufficient_scope", scope)


@pytest.mark.parametrize("name", ["referral", "accept", "decline", "case"])
def test_another_partners_looks_exactly_like_an_unknown_one(caller: Api, name: str) -> None:
    state = "accepted" if name == "case" else "offered"
    theirs = referred(api(), state)
    method, body = next(iter(TABLE[name])), {"reason": "language"} if name == "decline" else None
    known = caller.call(method, path_of(name, theirs.pk, theirs.case.reference), body)
    unknown = caller.call(method, path_of(name), body)
    assert (known.status_code, known.content) == (404, unknown.content)
    theirs.refresh_from_db()
    assert theirs.state == state


def test_anothers_webhook_looks_like_an_unknown_one(caller: Api) -> None:
    other = api().partner
    assert other is not None
    theirs = arrange.webhook(other, timezone.now())
    known, unknown = (caller.call("DELETE", path_of("webhook", row)) for row in (theirs.pk, UNKNOWN))
    assert (known.status_code, known.content) == (404, unknown.content)
    assert endpoints(other.pk).exists()


def test_lists_hold_the_partners_own_rows_only(caller: Api) -> None:
    other = api()
    referred(other)
    referred(other, "accepted")
    for name in ("referrals", "cases", "changes", "webhooks"):
        assert caller.get(path_of(name)).json()["results"] == []


@pytest.mark.parametrize("name", ["nothing/", "referrals/x/", "cases/a/b/", "../v2/", "me"])
def test_an_address_that_does_not_exist_is_the_same_404(caller: Api, name: str) -> None:
    for method in ("GET", "POST", "DELETE", "PUT"):
        answer = caller.call(method, f"/api/v1/{name}")
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_a_revoked_client_is_out_at_the_next_request(caller: Api) -> None:
    assert caller.get("me/").status_code == 200
    PartnerClient.objects.update(revoked_at=timezone.now())
    assert caller.get("me/").json()["code"] == "invalid_token"


def test_an_inactive_partner_is_out_at_the_next_request(caller: Api) -> None:
    PartnerOrganisation.objects.update(is_active=False)
    assert caller.get("me/").json()["code"] == "invalid_token"


def test_a_scope_taken_from_the_client_is_gone_at_the_next_request(caller: Api) -> None:
    PartnerClient.objects.update(scopes=["cases:read"])
    assert caller.get("cases/").status_code == 200
    assert caller.get("referrals/").json()["code"] == "insufficient_scope"


def test_a_token_ends_after_its_hour(caller: Api) -> None:
    assert caller.client is not None
    token = token_of(caller.client, expires=timezone.now() - timedelta(seconds=1))
    answer = Api(token=token).get("me/")
    assert answer.json()["code"] == "invalid_token"
    assert 'error="invalid_token"' in answer.headers["WWW-Authenticate"]


@pytest.mark.parametrize("token", ["", "x", "x" * 5000, "ə", "a b", "\x00"])
def test_nonsense_for_a_token_is_refused(token: str) -> None:
    assert Api(token=token).get("me/").json()["code"] == "invalid_token"


def test_the_token_costs_one_statement_and_its_use_is_noted_once_a_minute(caller: Api) -> None:
    caller.get("reference/languages/")
    with CaptureQueriesContext(connection) as queries:
        caller.get("reference/languages/")
    assert len([query for query in queries if "accesstoken" in query["sql"]]) == 1
    assert not [query for query in queries if query["sql"].startswith("UPDATE")]
    assert PartnerClient.objects.get().last_used_at is not None


def test_a_practice_client_sees_no_real_case() -> None:
    practising = api(is_practice=True)
    referral = referred(practising, "accepted")
    assert practising.get("cases/").json()["results"] == []
    assert practising.get(path_of("referral", referral.pk)).status_code == 404
    assert practising.get(path_of("case", reference=referral.case.reference)).status_code == 404


def test_a_practice_client_files_no_real_report() -> None:
    answer = api(is_practice=True).post(
        "reports/", {"country": "RU", "category": "WRK"}, **{"idempotency-key": "a-key-of-some-length"}
    )
    assert answer.json()["code"] == "not_allowed"
