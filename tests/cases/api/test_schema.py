"""The OpenAPI document is valid, and the API does what it says, whatever is sent."""

import json
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
import schemathesis
from django.core.management import call_command
from django.core.wsgi import get_wsgi_application
from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import CHECKS

from cases.api.docs import document
from tests.cases.api.calling import Api, bulk_referrals, referred

pytestmark = pytest.mark.django_db
KEPT = ("not_a_server_error", "status_code_conformance", "content_type_conformance", "response_schema_conformance")
EXAMPLES = 12


def test_the_document_builds_without_a_warning(tmp_path: Any) -> None:
    call_command("spectacular", validate=True, fail_on_warn=True, file=str(tmp_path / "openapi.yaml"))


@pytest.mark.parametrize("language", ["az", "ru", "en"])
def test_every_operation_has_a_summary_and_a_scope_or_none(language: str) -> None:
    for methods in document(language)["paths"].values():
        for operation in methods.values():
            assert operation["summary"]
            assert operation["responses"]["default"]


def test_it_is_openapi_3_1_and_cacheable(caller: Api) -> None:
    answer = caller.get("openapi.json")
    assert answer.json()["openapi"].startswith("3.1")
    assert caller.get("openapi.json", **{"if-none-match": answer.headers["ETag"]}).status_code == 304


@pytest.fixture
def schema() -> Any:
    return schemathesis.openapi.from_dict(json.loads(json.dumps(document("en"))))


def operations() -> Iterator[tuple[str, str]]:
    for path, methods in document("en")["paths"].items():
        for method in methods:
            yield path, method.upper()


@pytest.mark.parametrize(("path", "method"), list(operations()))
def test_whatever_is_sent_the_answer_keeps_to_the_schema(
    caller: Api, schema: Any, path: str, method: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fuzzed with a full token, on rows that exist and on rows that do not."""
    assert caller.partner is not None
    monkeypatch.setattr("cases.api.throttling.CLIENT.__class__.quota", 10**9, raising=False)
    known = {"referral_id": str(referred(caller).pk), "reference": referred(caller, "accepted").case.reference}
    bulk_referrals(caller.partner, 3)
    application = get_wsgi_application()
    checks = [CHECKS.get_one(name) for name in KEPT]

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @schemathesis_given(schema[path][method])
    def fuzz(case: Any) -> None:
        if case.path_parameters and len(str(case.body)) % 2:
            case.path_parameters.update({name: value for name, value in known.items() if name in case.path_parameters})
        headers = {"Authorization": f"Bearer {caller.token}"}
        if method == "POST":
            headers["Idempotency-Key"] = uuid4().hex
        response = case.call(app=application, headers=headers)
        case.validate_response(response, checks=checks)

    fuzz()


def schemathesis_given(operation: Any) -> Any:
    from hypothesis import given

    return given(case=operation.as_strategy())
