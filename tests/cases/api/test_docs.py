"""The docs page: complete, in three languages, without a script and without any outside request."""

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern

from cases.api import docs, problems
from cases.api.v1 import urls
from cases.errors import MoveNotAllowed
from intake import errors as intake_errors
from tests.extent import BROWSER_LANGUAGES

LANGUAGES = ("az", "ru", "en")


def page(language: str = "en") -> str:
    answer = Client().get(f"/api/docs/?language={language}")
    assert answer.status_code == 200
    assert answer.headers["Content-Language"] == language
    return answer.content.decode()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_operation_stands_in_it(reference: None, language: str) -> None:
    text = page(language)
    patterns: list[URLPattern] = urls.urlpatterns
    for pattern in patterns:
        route = re.sub(r"<\w+:(\w+)>", r"{\1}", str(pattern.pattern))
        assert f"/api/v1/{route}<" in text, route


def test_every_problem_that_the_api_answers_with_is_explained(reference: None) -> None:
    text = page()
    for kind in problems.all_kinds():
        assert f'id="problem-{kind.code}"' in text
    assert {"move_not_allowed", "invalid_input", "idempotency_key"} <= {kind.code for kind in problems.all_kinds()}


def test_a_problem_is_known_by_one_code_only() -> None:
    kinds = problems.all_kinds()
    assert len({kind.code for kind in kinds}) == len(kinds)
    assert MoveNotAllowed.code in {kind.code for kind in kinds}
    assert intake_errors.DraftExpired.code not in {kind.code for kind in kinds}


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_in_it_needs_a_script_or_another_site(reference: None, language: str) -> None:
    text = page(language)
    assert "<script" not in text
    assert not re.search(r"\sstyle=|<style|\son\w+=", text)
    sources = re.findall(r'(?:src|<link[^>]*href)="([^"]+)"', text)
    assert all(source.startswith("/static/") for source in sources), sources


def test_the_language_is_the_readers_unless_chosen(reference: None) -> None:
    answer = Client().get("/api/docs/", headers={"accept-language": "ru"})
    assert 'lang="ru"' in answer.content.decode()
    assert page("az").count('<html lang="az"') == 1
    assert Client().get("/api/docs/?language=xx").status_code == 200


def test_only_reading_is_possible() -> None:
    assert Client().post("/api/docs/").status_code == 405


def test_examples_are_whole_lines_of_curl(reference: None) -> None:
    for group in docs._groups(docs.document("en")):
        for operation in group.operations:
            assert operation.curl.startswith("curl -sS")
            assert "{" not in operation.curl.partition(" -d ")[0]


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("language", BROWSER_LANGUAGES)
def test_it_is_readable_in_a_browser_with_the_policy_on(
    reference: None, live_server: Any, chromium: str, language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from axe_playwright_python.sync_playwright import Axe
    from playwright.sync_api import sync_playwright

    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
    flags = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
    said: list[str] = []
    asked: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=flags)
        tab = browser.new_page(viewport={"width": 360, "height": 800})
        tab.on("console", lambda message: said.append(message.text))
        tab.on("request", lambda request: asked.append(request.url))
        tab.goto(f"{live_server.url}/api/docs/?language={language}")
        assert tab.evaluate("document.documentElement.scrollWidth") <= 360
        assert Axe().run(tab).response["violations"] == []
        browser.close()
    assert said == []
    assert all(url.startswith(live_server.url) for url in asked)
