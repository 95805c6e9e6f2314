"""The OpenAPI document is valid, and the API does what it says, whatever is sent."""

from collections.abc import Iterator
from itertools import count
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
import schemathesis
from django.core.management import call_command
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from cases.api import throttling
from cases.api.docs import document
from cases.api.throttling import Limit
from cases.api.v1 import changes
from tests.cases.api.calling import Api, bulk_referrals, referred
from tests.cases.api.test_waiting import Clock
from tests.extent import EVERY_PAGE, FULL

pytestmark = pytest.mark.django_db
KEPT = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
EXAMPLES = 200 if FULL else 12 if EVERY_PAGE else 6  # for each operation


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


def operations() -> Iterator[tuple[str, str]]:
    for path, methods in document("en")["paths"].items():
        for method in methods:
            yield path, method.upper()


@pytest.fixture
def application() -> Iterator[Any]:
    """The site as a server would call it, on the test's own connection."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield get_wsgi_application()
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.mark.parametrize(("path", "method"), list(operations()))
def test_whatever_is_sent_the_answer_keeps_to_the_schema(
    caller: Api, application: Any, path: str, method: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fuzzed with a full token, on rows that exist and on rows that do not."""
    assert caller.partner is not None
    for name in ("CLIENT", "ANYONE"):
        monkeypatch.setattr(throttling, name, Limit(name, 10**6))
    clock = Clock()  # nobody waits in earnest for what is new
    monkeypatch.setattr(changes, "time", SimpleNamespace(monotonic=clock.monotonic, sleep=clock.sleep))
    known = {"referral_id": str(referred(caller).pk), "reference": referred(caller, "accepted").case.reference}
    bulk_referrals(caller.partner, 3)
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", application)
    turns = count()

    @settings(max_examples=EXAMPLES, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(case=schema[path][method].as_strategy())
    def fuzz(case: Any) -> None:
        if next(turns) % 2:
            case.path_parameters.update({name: known[name] for name in known.keys() & case.path_parameters.keys()})
        headers = {"Authorization": f"Bearer {caller.token}", "Host": "127.0.0.1"}
        if method == "POST" and next(turns) % 3:
            headers["Idempotency-Key"] = uuid4().hex
        case.call_and_validate(headers=headers, checks=KEPT)

    fuzz()
