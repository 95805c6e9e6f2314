"""The language in which a page is answered: of its path, the choice in this browser, the account, or the browser."""

from types import SimpleNamespace
from typing import Any

import pytest
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.utils import translation

from cases.web.language import COOKIE, AccountLanguageMiddleware, LanguageMiddleware, console_language, language_of
from tests.cases.arrange import staff
from tests.cases.web.conftest import signed_in


def asking(place: str, cookie: str = "", browser: str = "en") -> HttpRequest:
    request = RequestFactory().get(place, headers={"accept-language": browser})
    if cookie:
        request.COOKIES[COOKIE] = cookie
    return request


@pytest.mark.parametrize(
    ("place", "cookie", "browser", "language"),
    [
        ("/az/page/", "ru", "en", "az"),  # on public pages the path alone says it
        ("/az", "ru", "en", "az"),
        ("/console/", "ru", "az", "ru"),
        ("/account/login/", "az", "ru", "az"),
        ("/account/login/", "", "ru", "ru"),
        ("/account/login/", "", "fr", "en"),
        ("/account/login/", "xx", "ru", "ru"),  # no language of ours: as if nothing had been chosen
        ("/account/login/", "ru\r\nX-Evil: 1", "az", "az"),
        ("/azx/", "", "ru", "ru"),
        ("/api/v1/", "az", "ru", "ru"),  # a program says what it wants with every request
        ("/oauth/token/", "az", "ru", "ru"),
        ("/apiary/", "az", "ru", "az"),
    ],
)
def test_before_anybody_is_looked_up(place: str, cookie: str, browser: str, language: str) -> None:
    assert language_of(asking(place, cookie, browser)) == language


@pytest.mark.parametrize(
    ("cookie", "own", "found", "language"),
    [
        ("ru", "az", "en", "ru"),  # the choice in this browser
        ("", "az", "ru", "az"),  # the account
        ("xx", "az", "ru", "az"),
        ("", "xx", "ru", "ru"),  # an account with a language that was taken out again
        ("", "", "ru", "ru"),
        ("", None, "ru", "ru"),  # nobody is signed in
    ],
)
def test_of_who_is_signed_in(cookie: str, own: str | None, found: str, language: str) -> None:
    request: Any = asking("/console/", cookie)
    request.user = SimpleNamespace() if own is None else SimpleNamespace(language=own)
    request.LANGUAGE_CODE = found
    assert console_language(request) == language


class _Silent:
    def __init__(self, error: type[Exception]) -> None:
        self.error = error

    @property
    def language(self) -> str:
        raise self.error


@pytest.mark.parametrize("error", [OperationalError, InterfaceError])
def test_a_database_that_is_silent_leaves_the_language_that_was_found(error: type[Exception]) -> None:
    request: Any = asking("/console/")
    request.user, request.LANGUAGE_CODE = _Silent(error), "ru"
    assert console_language(request) == "ru"


def test_any_other_fault_is_a_fault() -> None:
    request: Any = asking("/console/")
    request.user = _Silent(KeyError)
    with pytest.raises(KeyError):
        console_language(request)


@pytest.mark.parametrize("middleware", [LanguageMiddleware, AccountLanguageMiddleware])
def test_it_holds_while_the_page_is_made_is_said_with_it_and_ends_with_it(middleware: Any) -> None:
    request: Any = asking("/console/", "ru")
    request.user, request.LANGUAGE_CODE = SimpleNamespace(language="az"), "az"
    seen: list[Any] = []

    def page(request: Any) -> HttpResponse:
        seen.extend([translation.get_language(), request.LANGUAGE_CODE])
        return HttpResponse()

    with translation.override("en"):
        answer = middleware(page)(request)
        assert translation.get_language() == "en"
    assert seen == ["ru", "ru"] and answer.headers["Content-Language"] == "ru"


@pytest.mark.django_db
@pytest.mark.usefixtures("reference")
def test_the_choice_in_a_lent_browser_counts_and_leaves_the_account_alone() -> None:
    user = staff(language="az")
    client = signed_in(user)
    client.cookies[COOKIE] = "ru"
    assert "Взять следующее" in client.get("/console/queue/").content.decode()
    user.refresh_from_db()
    assert user.language == "az"


@pytest.mark.django_db
def test_the_page_for_signing_in_speaks_the_language_chosen_there() -> None:
    client = Client(headers={"accept-language": "en"})
    client.post("/console/language/", {"language": "az", "next": "/account/login/"})
    assert '<html lang="az">' in client.get("/account/login/").content.decode()
