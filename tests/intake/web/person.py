"""What a person does at the public pages, through Django's client: begin, answer a page, send, come back."""

import re
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Any

from django.http import HttpResponse
from django.test import Client

from intake.models import Report
from intake.web import cookies, steps


@dataclass
class Person:
    client: Client
    language: str

    def path(self, place: str = "") -> str:
        return f"/{self.language}/{place}"

    def get(self, place: str = "", **extra: Any) -> HttpResponse:
        return self.client.get(self.path(place), **extra)

    def begin(self) -> HttpResponse:
        return self.client.post(self.path())

    def page_of(self, name: str) -> str:
        return f"p/{steps.number_of(name)}/"

    def answer(self, name: str, **given: Any) -> HttpResponse:
        """Opens the page, fills it in and presses the button."""
        return self.post(self.page_of(name), **given)

    def post(self, place: str, **given: Any) -> HttpResponse:
        return self.client.post(self.path(place), {"token": self.token(place), **given})

    def token(self, place: str) -> str:
        found = re.search(r'name="token" value="(\w+)"', self.get(place).content.decode())
        return found[1] if found else ""

    def code(self, place: str = "code/") -> str:
        box = self.get(place).content.decode().partition('class="code"')[2].partition("</p>")[0]
        return "".join(re.findall(r"\d", box.partition(">")[2]))

    def send(self) -> Report:
        self.post("code/")
        return Report.objects.latest("received_at")

    def open_page(self, code: str) -> HttpResponse:
        return self.client.post(self.path("page/"), {"code": code})

    def has_cookie(self, name: str) -> bool:
        return bool(self.client.cookies.get(name) and self.client.cookies[name].value)

    @property
    def draft_cookie(self) -> str:
        return self.client.cookies[cookies.DRAFT].value


def text_of(response: HttpResponse) -> str:
    """What a reader sees: no tags, blanks as one."""
    reader = _Reader()
    reader.feed(response.content.decode())
    return " ".join(" ".join(reader.words).split())


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self.is_main = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.is_main = self.is_main or tag == "main"

    def handle_endtag(self, tag: str) -> None:
        self.is_main = self.is_main and tag != "main"

    def handle_data(self, data: str) -> None:
        if self.is_main:
            self.words.append(data)
