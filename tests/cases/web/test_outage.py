"""A database that does not answer is said so, on public pages, in the console and in the API alike."""

import pytest
from django.db import InterfaceError, OperationalError
from django.test import Client

from intake.web import cookies
from tests.cases.arrange import staff
from tests.cases.web.conftest import signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]


def fails(error: type[Exception]) -> object:
    def fail(*args: object, **kwargs: object) -> None:
        raise error("Canary: server closed the connection")

    return fail


@pytest.mark.parametrize("error", [OperationalError, InterfaceError])
def test_a_public_page_says_when_to_come_back(error: type[Exception], monkeypatch: pytest.MonkeyPatch) -> None:
    client = Client()
    client.cookies[cookies.DRAFT] = "x" * 43
    monkeypatch.setattr("intake.actions.drafts._found", fails(error))
    answer = client.get("/ru/p/1/")
    assert answer.status_code == 503
    assert int(answer["Retry-After"]) > 0
    assert answer["Cache-Control"] == "no-store"
    assert "Canary" not in answer.content.decode()
    assert '<html lang="ru">' in answer.content.decode()


def test_the_console_says_it_too(monkeypatch: pytest.MonkeyPatch) -> None:
    client = signed_in(staff())
    monkeypatch.setattr("cases.models.Case.objects.filter", fails(OperationalError))
    assert client.get("/console/queue/").status_code == 503


def test_the_console_says_it_too_when_not_even_the_person_can_be_looked_up(monkeypatch: pytest.MonkeyPatch) -> None:
    client = signed_in(staff())
    monkeypatch.setattr("django.contrib.sessions.models.Session.objects.get", fails(OperationalError))
    assert client.get("/console/queue/").status_code == 503


def test_any_other_fault_stays_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    client = Client(raise_request_exception=False)
    client.cookies[cookies.DRAFT] = "x" * 43
    monkeypatch.setattr("intake.actions.drafts._found", fails(KeyError))
    assert client.get("/ru/p/1/").status_code == 500
