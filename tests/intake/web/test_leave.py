"""Leave quickly: nothing stays, a neutral page comes up, whatever happens."""

from types import SimpleNamespace

import pytest
from django.db import DatabaseError
from django.http import HttpResponse
from django.test import Client

from intake.models import Country, Draft, Report
from intake.web import cookies, visits
from intake.web.views import leave

from .person import Person


def test_it_stands_first_on_every_page(reporting: Person) -> None:
    for place in ("", "p/1/", "check/", "code/", "page/"):
        page = reporting.get(place).content.decode()
        assert page.partition("<body>")[2].partition("href=")[2].startswith('"/en/leave/"')


@pytest.mark.parametrize("country", ["AZ", "RU"])
def test_it_goes_to_the_neutral_page_of_the_country(reporting: Person, country: str) -> None:
    reporting.answer("country", country=country)
    response = reporting.get("leave/")
    assert response.status_code == 303
    assert response["Location"] == Country.objects.get(pk=country).neutral_url
    assert response["Clear-Site-Data"] == '"cache", "cookies", "storage"'
    assert response["Cache-Control"] == "no-store" and response["Referrer-Policy"] == "no-referrer"


def test_what_was_not_sent_is_deleted_and_the_cookie_is_gone(reporting: Person) -> None:
    reporting.get("leave/")
    assert not Draft.objects.exists()
    assert not reporting.has_cookie(cookies.DRAFT)
    assert reporting.get("p/1/")["Location"] == "/en/?again"


def test_a_report_that_was_sent_stays_and_its_code_is_not_shown_again(reporting: Person) -> None:
    secret = (reporting.send(), reporting.draft_cookie)[1]
    reporting.get("leave/")
    assert Report.objects.count() == 1
    reporting.client.cookies[cookies.DRAFT] = secret
    assert not reporting.code("sent/")


def test_the_pass_to_the_page_is_gone_too(reporting: Person) -> None:
    reporting.send()
    reporting.post("sent/")
    assert reporting.get("leave/")["Location"] == Country.objects.get(pk="RU").neutral_url
    assert not reporting.has_cookie(cookies.PAGE)


@pytest.mark.parametrize("how", ["leave/", "page/close/"])
def test_a_copy_of_the_pass_opens_nothing_any_more_and_the_code_does(reporting: Person, how: str) -> None:
    """Whichever of its copies: each answer sets it anew."""
    report = reporting.send()
    reporting.post("sent/")
    copies = [reporting.client.cookies[cookies.PAGE].value]
    page = reporting.get("page/")
    copies.append(reporting.client.cookies[cookies.PAGE].value)
    assert "page/end/" in page.content.decode()
    if how == "leave/":
        reporting.get(how)
    else:
        reporting.client.post(reporting.path(how), {"token": cookies.page_token(report.pk)})
    for copy in copies:
        reporting.client.cookies[cookies.PAGE] = copy
        assert "page/end/" not in reporting.get("page/").content.decode()
        assert reporting.get("page/messages/").status_code == 303
    response = HttpResponse()
    cookies.keep_page(response, report.pk)
    reporting.client.cookies[cookies.PAGE] = response.cookies[cookies.PAGE].value
    assert "page/end/" in reporting.get("page/").content.decode()


def test_a_cache_that_is_down_keeps_nobody_from_leaving_or_from_their_page(
    reporting: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    def down(*_: object, **__: object) -> None:
        raise ConnectionError

    reporting.send()
    reporting.post("sent/")
    monkeypatch.setattr(visits, "cache", SimpleNamespace(get=down, set=down))
    assert "page/end/" in reporting.get("page/").content.decode()
    assert reporting.get("leave/").status_code == 303


def test_without_a_database_it_still_leaves(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(country: str) -> str:
        raise DatabaseError

    monkeypatch.setattr(leave, "_neutral_page", broken)
    response = client.get("/az/leave/")
    assert (response.status_code, response["Location"]) == (303, leave.NEUTRAL)
