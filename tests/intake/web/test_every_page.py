"""What holds for each public page in each language."""

import re
from collections.abc import Iterable, Iterator
from html.parser import HTMLParser
from pathlib import Path
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client

from intake.queries.organisations import organisations_of
from intake.web import cookies, steps
from tests.extent import BROWSER_LANGUAGES
from tests.html import html_errors
from tests.intake.uploads import samples

from .full_report import add_files, empty_report, full_report, make_late, pass_of
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
PLACES: tuple[str, ...] = ("", "messages/", "share/", "share/other/", "stop/", "contact/", "contact/other/", "add/")
PLACES += tuple(f"contact/{way}/" for way in ("phone", "sms", "messenger", "email"))
PLACES += ("add/1/", "add/2/", "add/3/", "add/4/", "add/q/1/", "add/q/1/more/", "files/", "seen/", "say/", "copy/")
PLACES += ("contact/other/sms/", "back/", "end/")
EMPTY = ("", "messages/", "share/", "contact/", "add/", "files/", "seen/", "say/")
WALKED: dict[str, dict[str, HttpResponse]] = {}
STATUS = {
    "wrong": 422,
    "refused": 422,
    "file refused": 422,
    "wrong_code": 404,
    "gone": 410,
    "draft expired": 410,
    "not_found": 404,
}
ADDRESS = re.compile(
    r"/(az|ru|en)/((p/(\d+|files)|now|later|check|code|sent|nowhere|page"
    r"(/(messages|files|stop|seen|say|copy|back|end|share(/other|/[0-9a-f-]{36})?|add(/\d|/q/\d(/more)?)?"
    r"|contact(/other)?(/(phone|sms|messenger|email))?))?)/)?"
)
VOID = {"br", "img", "input", "link", "meta"}


def every_page(person: Person) -> Iterator[tuple[str, HttpResponse]]:
    yield "first", person.get()
    yield "now", person.get("now/")
    person.begin()
    for step in steps.all_steps():
        if (response := person.get(person.page_of(step.name))).status_code == 200:
            yield step.name, response
            person.answer(step.name, **ANSWERS.get(step.name, {}))
    yield "now while writing", person.get("now/?from=1")
    yield "wrong", person.answer("country", country="XX")
    yield from files_among_the_answers(person)
    yield "check", person.get("check/")
    yield from kept_for_later(person)
    code = person.code()
    for name, last in {"right": code[-4:], "wrong": "1"}.items():
        yield f"code typed {name}", person.post("code/", last=last)
    yield "code", person.get("code/")
    person.post("code/")
    yield "sent", person.get("sent/")
    yield "sent typed wrong", person.post("sent/", last="1")
    yield "enter_code", person.get("page/")
    yield "enter_code after closing", person.get("page/?closed")
    yield "wrong_code", person.open_page("1")
    person.post("sent/")
    yield "page", person.get("page/")
    yield from kept_behind_the_code(person, code)
    yield from pages_of(person, empty_report(person.language), EMPTY, "empty")
    yield from page_in_full(person)
    yield from after_a_day(person)
    yield "not_found", person.get("nowhere/")


def files_among_the_answers(person: Person) -> Iterator[tuple[str, HttpResponse]]:
    """One that is kept and one that is refused at once."""
    chosen = [SimpleUploadedFile("photo.gif", samples.gif()), SimpleUploadedFile("a.zip", samples.zipped({"a": b""}))]
    yield "file refused", person.post("p/files/", document_file=chosen, end="1")


def kept_for_later(person: Person) -> Iterator[tuple[str, HttpResponse]]:
    person.answer("story", then="stop")
    yield "later", person.get("later/")
    yield "first while writing", person.get()
    yield "enter_code after stopping", person.get("page/?kept")


def after_a_day(person: Person) -> Iterator[tuple[str, HttpResponse]]:
    """The draft is not there any more: the page of a question says so, the first one too when it was a button."""
    person.client.cookies[cookies.DRAFT] = "x" * 40
    yield "draft expired", person.get("p/3/")
    yield "begin again", person.get("?again")


def kept_behind_the_code(person: Person, code: str) -> Iterator[tuple[str, HttpResponse]]:
    """The pass had ended while somebody was typing."""
    form = {"token": person.token("page/messages/"), "text": "Salam"}
    del person.client.cookies[cookies.PAGE]
    shown = person.client.post(person.path("page/messages/"), form)
    yield "typed too late", shown
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', shown.content.decode()))
    yield "what was typed", person.client.post(person.path("page/"), {**hidden, "code": code})


def pages_of(person: Person, report_id: UUID, places: Iterable[str], name: str) -> Iterator[tuple[str, HttpResponse]]:
    person.client.cookies[cookies.PAGE] = pass_of(report_id)
    for place in places:
        yield f"{name}: {place}", person.get(f"page/{place}")


def page_in_full(person: Person) -> Iterator[tuple[str, HttpResponse]]:
    """Everything is there; then it is late; then taken back; then deleted."""
    report_id = full_report(person.language)
    add_files(report_id)
    yield from pages_of(person, report_id, PLACES, "full")
    for place in ("messages/", "say/", "contact/phone/", "add/1/"):
        yield f"refused: {place}", person.post(f"page/{place}", text="", value="")
    for body_id in organisations_of(report_id):
        person.post(f"page/share/{body_id}/", token=person.token("page/share/"), answer="no")
    yield "full: one refused", person.get("page/share/?changed")
    make_late(report_id)
    yield "late", person.get("page/?changed")
    person.post("page/back/")
    yield from pages_of(person, report_id, ("?withdrawn", "share/", "add/", "messages/"), "taken back")
    given = person.client.cookies[cookies.PAGE].value
    yield "certificate", person.post("page/end/")
    person.client.cookies[cookies.PAGE] = given
    yield "gone", person.get("page/")


@pytest.fixture(params=BROWSER_LANGUAGES)
def pages(request: pytest.FixtureRequest) -> dict[str, HttpResponse]:
    """The walk takes seconds: it is done once for each language."""
    if request.param not in WALKED:
        request.getfixturevalue("reference")
        WALKED[request.param] = dict(every_page(Person(Client(), request.param)))
    return WALKED[request.param]


def test_every_page_is_quiet_light_and_on_its_own(pages: dict[str, HttpResponse]) -> None:
    assert len(pages) >= 90
    for name, response in pages.items():
        page = response.content.decode()
        assert len(page) <= 45 * 1024, name  # with the 15 KB of style, script and mark: 60 KB
        assert not re.search(r'(?:src|href|action)="(?:https?:)?//', page), name
        assert "style=" not in page and not re.search(r"<script(?! src=)", page), name
        assert "noindex" in page, name
        assert response.status_code == STATUS.get(name.partition(":")[0], 200), name
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
        assert ADDRESS.fullmatch(response.wsgi_request.path), name


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
