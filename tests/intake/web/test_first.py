"""The first page and the beginning of a report."""

import re
from datetime import timedelta

import pytest
from django.contrib.staticfiles import finders
from django.test import Client
from django.utils import timezone

from intake import screening
from intake.models import Draft
from intake.web import cookies

from .person import Person, text_of


@pytest.mark.parametrize(
    ("asked_for", "language"),
    [
        ("", "az"),
        ("tr,de;q=0.5", "az"),
        ("ru-RU,ru;q=0.9,en;q=0.8", "ru"),
        ("de,en-GB;q=0.7", "en"),
        ("en;q=0.1,az;q=0.9", "az"),
        ("ru" * 10_000, "az"),
        ("*;q=x,,;;", "az"),
    ],
)
def test_the_address_alone_leads_to_the_browsers_language(client: Client, asked_for: str, language: str) -> None:
    response = client.get("/", headers={"accept-language": asked_for})
    assert (response.status_code, response["Location"]) == (303, f"/{language}/")


@pytest.mark.parametrize("language", ["az", "ru", "en"])
def test_the_numbers_of_both_countries_can_be_called_from_the_first_page(reference: None, language: str) -> None:
    page = Person(Client(), language).get().content.decode()
    assert re.findall(r'href="tel:(\d+)"', page) == ["112", "112"]


@pytest.mark.parametrize("language", ["az", "ru", "en"])
@pytest.mark.parametrize("query", ["", "?from=7", "?from=٧", "?from=99999999999", "?from=<script>"])
def test_all_numbers_stand_side_by_side_one_step_from_everywhere(reference: None, language: str, query: str) -> None:
    somebody = Person(Client(), language)
    assert f'href="/{language}/now/"' in somebody.get().content.decode()
    response = somebody.get(f"now/{query}")
    page = response.content.decode()
    assert sorted(re.findall(r'href="tel:(\d+)"', page)) == ["102", "102", "103", "103", "112", "112"]
    assert not response.cookies and "<script>" not in page.partition("<body>")[2]
    back = f"/{language}/p/7/" if query == "?from=7" else f"/{language}/"
    assert f'class="back" href="{back}"' in page


def test_every_page_of_the_form_leads_to_the_numbers_and_back(reporting: Person) -> None:
    for number in range(1, 4):
        assert f'href="/en/now/?from={number}"' in reporting.get(f"p/{number}/").content.decode()
    assert "Police may ask for your papers." in text_of(reporting.get("now/"))


def test_looking_at_the_first_page_leaves_no_cookie(person: Person) -> None:
    response = person.get()
    assert not response.cookies
    assert 'name="token"' not in response.content.decode()


def test_the_first_page_weighs_at_most_50_kb_in_all(person: Person) -> None:
    page = person.get().content
    assets = re.findall(rb'(?:href|src)="/static/([^"]+)"', page)
    assert len(set(assets)) >= 4
    weight = len(page) + sum(open(finders.find(name.decode()), "rb").seek(0, 2) for name in set(assets))  # noqa: SIM115, PTH123
    assert weight <= 50 * 1024


def test_beginning_makes_an_empty_draft_and_one_cookie(person: Person) -> None:
    response = person.begin()
    assert (response.status_code, response["Location"]) == (303, "/en/p/1/")
    assert list(response.cookies) == [cookies.DRAFT]
    cookie = response.cookies[cookies.DRAFT]
    assert cookie["httponly"] and cookie["samesite"] == "Strict" and cookie["path"] == "/"
    assert cookie["max-age"] == 24 * 3600 and not cookie["secure"]
    assert Draft.objects.get().answers is None


def test_over_https_the_cookie_is_secure(person: Person, settings: pytest.FixtureRequest) -> None:
    settings.SESSION_COOKIE_SECURE = True
    assert person.begin().cookies[cookies.DRAFT]["secure"]


def test_no_cookie_of_djangos_is_ever_set(reporting: Person) -> None:
    assert set(reporting.client.cookies) == {cookies.DRAFT}


def test_a_machine_that_fills_in_every_field_makes_no_draft(person: Person) -> None:
    response = person.client.post("/en/", {screening.HONEYPOT_FIELD: "http://spam.example"})
    assert response.status_code == 422
    assert "Please press the button again." in text_of(response)
    assert not Draft.objects.exists() and not response.cookies


def test_a_person_whose_browser_filled_in_the_hidden_field_goes_on_with_the_next_press(person: Person) -> None:
    refused = person.client.post("/en/", {screening.HONEYPOT_FIELD: "filled by the browser"}).content.decode()
    assert screening.HONEYPOT_FIELD not in refused
    hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="(\w+)"', refused))
    assert person.client.post("/en/", {**hidden, screening.HONEYPOT_FIELD: "again"})["Location"] == "/en/p/1/"


def test_a_flood_of_drafts_is_told_to_wait(person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(screening, "DRAFTS_PER_HOUR", 1)
    person.begin()
    response = Person(Client(), "en").begin()
    assert response.status_code == 429
    assert int(response["Retry-After"]) > 0
    assert Draft.objects.count() == 1


@pytest.mark.parametrize("origin", ["cross-site", "same-site"])
def test_another_sites_page_begins_nothing_here(reporting: Person, origin: str) -> None:
    before = reporting.draft_cookie
    response = reporting.client.post("/en/", headers={"sec-fetch-site": origin})
    assert response["Location"] == "/en/" and not response.cookies
    assert reporting.draft_cookie == before and Draft.objects.count() == 1


def test_what_was_begun_can_be_continued_from_the_first_page(reporting: Person) -> None:
    page = reporting.get().content.decode()
    assert f'href="/en/{reporting.page_of("subcode")}"' in page
    assert "You have begun and not sent it yet." in page


def test_beginning_anew_deletes_what_was_not_sent(reporting: Person) -> None:
    before = Draft.objects.get().pk
    reporting.begin()
    assert Draft.objects.get().pk != before


def test_a_draft_out_of_time_is_not_offered(reporting: Person) -> None:
    Draft.objects.update(expires_at=timezone.now() - timedelta(minutes=1))
    assert "You have begun" not in reporting.get().content.decode()
