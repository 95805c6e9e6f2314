"""What holds for each public page in each language."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.http import HttpResponse
from django.test import Client

from intake.web import steps
from tests.html import html_errors

from .person import Person

pytestmark = pytest.mark.django_db
ANSWERS = {
    "country": {"country": "RU"},
    "about": {"about": "other"},
    "held": {"held": "yes"},
    "harm": {"harm": "yes"},
    "category": {"category": "DET"},
    "date_near": {"date_near": "yes"},
    "child": {"child": "yes"},
    "need": {"need": "yes"},
    "forced": {"forced": "yes"},
    "contact": {"way": "email"},
    "subject_contact": {"way": "phone"},
    "subject_contact_details": {"value": "+79001234567"},
    "contact_details": {"value": "a@example.org"},
}
WALKED: dict[str, dict[str, HttpResponse]] = {}
VOID = {"br", "img", "input", "link", "meta"}


def every_page(person: Person) -> Iterator[tuple[str, HttpResponse]]:
    yield "first", person.get()
    yield "now", person.get("now/")
    person.begin()
    for step in steps.all_steps():
        if (response := person.get(person.page_of(step.name))).status_code == 200:
            yield step.name, response
            person.answer(step.name, **ANSWERS.get(step.name, {}))
    yield "wrong", person.answer("country", country="XX")
    yield "check", person.get("check/")
    person.answer("story", then="stop")
    yield "later", person.get("later/")
    yield "code", person.get("code/")
    person.post("code/")
    yield "sent", person.get("sent/")
    yield "enter_code", person.get("page/")
    yield "wrong_code", person.open_page("1")
    person.post("sent/")
    yield "page", person.get("page/")
    yield "not_found", person.get("nowhere/")


@pytest.fixture(params=["az", "ru", "en"])
def pages(request: pytest.FixtureRequest) -> dict[str, HttpResponse]:
    """The walk takes seconds: it is done once for each language."""
    if request.param not in WALKED:
        request.getfixturevalue("reference")
        WALKED[request.param] = dict(every_page(Person(Client(), request.param)))
    return WALKED[request.param]


def test_every_page_is_quiet_light_and_on_its_own(pages: dict[str, HttpResponse]) -> None:
    assert len(pages) >= 30
    for name, response in pages.items():
        page = response.content.decode()
        assert len(page) <= 45 * 1024, name  # with the 15 KB of style, script and mark: 60 KB
        assert not re.search(r'(?:src|href|action)="(?:https?:)?//', page), name
        assert "style=" not in page and not re.search(r"<script(?! src=)", page), name
        assert "noindex" in page, name
        if name != "not_found":
            assert response["Cache-Control"] == "no-store", name
            assert response["Referrer-Policy"] == "no-referrer", name
            assert "noindex" in response["X-Robots-Tag"], name


def test_titles_and_addresses_say_nothing_of_the_case(pages: dict[str, HttpResponse]) -> None:
    for name, response in pages.items():
        title = re.search(r"<title>(.*)</title>", response.content.decode())
        assert title, name
        plain = re.sub(r"^(Please correct this|Bunu düzəldin|Исправьте, пожалуйста) · ", "", title[1])
        assert re.fullmatch(r"(\d+ / \d+ · |404 · )?Körpü", plain), name
        assert re.fullmatch(
            r"/(az|ru|en)/((p/\d+|now|later|check|code|sent|page|nowhere)/)?", response.wsgi_request.path
        ), name


def test_the_markup_is_whole(pages: dict[str, HttpResponse]) -> None:
    for name, response in pages.items():
        reader = Markup()
        reader.feed(response.content.decode())
        assert not reader.open, name
        assert not reader.wrong, (name, reader.wrong)
        assert len(reader.ids) == len(set(reader.ids)), name
        assert set(reader.wanted) <= set(reader.ids), name
        assert reader.headings.count("h1") == 1, name


@pytest.mark.validator
def test_the_validator_finds_no_error(pages: dict[str, HttpResponse], java: str, tmp_path: Path) -> None:
    assert html_errors({name: page.content for name, page in pages.items()}, java=java, folder=tmp_path) == []


def test_every_page_speaks_one_language(pages: dict[str, HttpResponse]) -> None:
    for name, response in pages.items():
        page = response.content.decode()
        language = response.wsgi_request.path[1:3]
        assert f'<html lang="{language}">' in page, name
        assert response["Content-Language"] == language, name
        if language != "en" and name != "not_found":  # the sentence of an error page is the console's
            assert not re.search(r"\b(the|your|please|continue|back)\b", _words(page), re.IGNORECASE), name


def _words(page: str) -> str:
    return re.sub(r"<[^>]+>", " ", page.partition("<body>")[2])


class Markup(HTMLParser):
    """Reads tags only: what was not closed, ids, what refers to them."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.wrong: list[str] = []
        self.ids: list[str] = []
        self.wanted: list[str] = []
        self.headings: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag not in VOID:
            self.open.append(tag)
        if re.fullmatch(r"h\d", tag):
            self.headings.append(tag)
        if given.get("id"):
            self.ids.append(str(given["id"]))
        self.wanted += [str(given["for"])] if given.get("for") else []
        self.wanted += str(given.get("aria-describedby") or "").split()
        if str(given.get("href") or "").startswith("#"):
            self.wanted.append(str(given["href"])[1:])

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.wrong.append(tag)
