"""Stop here and go on later; and what was typed when the draft was gone already."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from intake import screening
from intake.actions.drafts import open_draft
from intake.models import Draft, Report
from intake.web import cookies, steps

from .person import Person, text_of


def kept(person: Person) -> dict:
    return dict(open_draft(secret=person.draft_cookie, now=timezone.now()).answers)


def test_stopping_keeps_the_page_and_shows_the_code(reporting: Person) -> None:
    response = reporting.answer("story", story="Half a sen", then="stop")
    assert response["Location"] == "/en/later/"
    shown = text_of(reporting.get("later/"))
    assert "Your answers are kept for 24 hours" in shown and "Nothing has been sent yet." in shown
    assert len(reporting.code("later/")) == 20 and not Report.objects.exists()


def test_the_code_opens_the_draft_on_another_telephone_and_then_the_page(reporting: Person) -> None:
    reporting.answer("story", story="Half a sentence", then="stop")
    code = reporting.code("later/")
    closed = reporting.post("later/")
    assert closed["Location"] == "/en/page/?kept" and not reporting.has_cookie(cookies.DRAFT)
    elsewhere = Person(Client(REMOTE_ADDR="198.51.100.9"), "az")
    response = elsewhere.open_page(code)
    assert response["Location"] == elsewhere.path(f"p/{steps.number_of('story') + 1}/")
    assert kept(elsewhere)["story"] == {"story": "Half a sentence"}
    report = elsewhere.send()
    assert Person(Client(), "en").open_page(code)["Location"] == "/en/page/"
    assert Report.objects.get() == report


def test_who_left_quickly_meanwhile_finishes_with_the_code_on_paper(reporting: Person) -> None:
    reporting.answer("story", story="Half a sentence", then="stop")
    code = reporting.code("later/")
    reporting.get("leave/")
    again = Person(Client(REMOTE_ADDR="198.51.100.9"), "en")
    again.open_page(code)
    again.answer("story", story="A sentence", then="stop")
    assert again.get("later/")["Location"] == "/en/page/?kept", "closed, as promised: the code opens it again"
    assert not again.has_cookie(cookies.DRAFT)
    again.open_page(code)
    report = again.send()
    assert Person(Client(), "en").open_page(code)["Location"] == "/en/page/"
    assert Report.objects.get() == report


@pytest.mark.parametrize("way", ["later", "leave", "later again"])
def test_a_copy_of_the_cookie_opens_nothing_once_the_draft_was_closed_or_left(reporting: Person, way: str) -> None:
    reporting.answer("story", story="Half a sentence", then="stop")
    code, copies = reporting.code("later/"), [reporting.draft_cookie]
    reporting.get("leave/") if way == "leave" else reporting.post("later/")
    if way == "later again":
        reporting.open_page(code)
        copies.append(reporting.draft_cookie)
        reporting.post("later/")
    thief = Person(Client(), "en")
    for copy in copies:
        thief.client.cookies[cookies.DRAFT] = copy
        for place in ("later/", "check/", reporting.page_of("story")):
            assert "Half a sentence" not in text_of(thief.get(place))
    reporting.open_page(code)
    assert kept(reporting)["story"] == {"story": "Half a sentence"}


def test_coming_back_as_often_as_one_likes_uses_up_no_tries(reporting: Person) -> None:
    reporting.answer("story", story="x", then="stop")
    code = reporting.code("later/")
    for _again in range(screening.GUESSES + 5):
        assert Person(Client(), "en").open_page(code).status_code == 303


def test_the_page_with_the_code_is_there_only_for_who_asked_for_it(reporting: Person) -> None:
    assert reporting.get("later/")["Location"].startswith("/en/p/")
    reporting.answer("story", story="x", then="stop")
    reporting.client.post("/en/later/", {"token": "wrong"})
    assert reporting.has_cookie(cookies.DRAFT)


@pytest.mark.parametrize("way", ["out of time", "cookie gone", "cookie never given out"])
def test_what_was_typed_for_a_draft_that_is_gone_begins_a_new_one(reporting: Person, way: str) -> None:
    place, token = reporting.page_of("story"), reporting.token(reporting.page_of("story"))
    if way == "out of time":
        Draft.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    elif way == "cookie gone":
        del reporting.client.cookies[cookies.DRAFT]
    else:
        reporting.client.cookies[cookies.DRAFT] = "x" * 43
    response = reporting.client.post(reporting.path(place), {"token": token, "page": "story", "story": "All I wrote"})
    assert response["Location"] == "/en/p/1/?kept"
    assert "What you have just written is kept." in text_of(reporting.client.get(response["Location"]))
    assert kept(reporting)["story"] == {"story": "All I wrote"}
    reporting.answer("country", country="RU")
    reporting.answer("category", category="WRK")
    assert reporting.send().story is not None


def test_answers_to_follow_ups_are_kept_too_when_their_draft_is_gone(reporting: Person) -> None:
    del reporting.client.cookies[cookies.DRAFT]
    place = reporting.path(reporting.page_of("by_kind"))
    typed = {"page": "by_kind", "wrk_employer": "Zavod", "wrk_owed_0": "45 000", "wrk_owed_1": "RUB"}
    assert reporting.client.post(place, typed)["Location"] == "/en/p/1/?kept"
    reporting.answer("country", country="RU")
    reporting.answer("category", category="WRK")
    assert kept(reporting)["questions"] == {"wrk_employer": "Zavod", "wrk_owed": "45000 RUB"}
    assert "Zavod" in text_of(reporting.get("check/"))


def test_what_cannot_be_kept_as_it_is_stays_on_the_page(person: Person) -> None:
    place = person.page_of("story")
    response = person.client.post(person.path(place), {"page": "story", "story": "x" * 20_001})
    assert response.status_code == 422 and "x" * 20_001 in response.content.decode()
    again = person.client.post(person.path(place), {"token": token_of(response), "page": "story", "story": "shorter"})
    assert again.status_code == 303 and kept(person)["story"] == {"story": "shorter"}


def token_of(response: object) -> str:
    return response.content.decode().partition('name="token" value="')[2].partition('"')[0]  # type: ignore[attr-defined]


def test_an_empty_page_without_a_draft_says_what_happened(person: Person) -> None:
    response = person.client.post(person.path(person.page_of("story")), {"page": "story", "story": " "})
    assert response["Location"] == "/en/p/1/?gone"
    assert "Your answers are not here any more." in text_of(person.client.get(response["Location"]))


def test_a_flood_of_pages_without_a_draft_is_told_to_wait(person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(screening, "DRAFTS_PER_HOUR", 0)
    response = person.client.post(person.path(person.page_of("story")), {"page": "story", "story": "x"})
    assert response.status_code == 429 and int(response["Retry-After"]) > 0 and not Draft.objects.exists()


def test_another_sites_page_puts_nothing_into_a_draft(person: Person) -> None:
    place = person.path(person.page_of("story"))
    person.client.post(place, {"page": "story", "story": "not mine"}, headers={"sec-fetch-site": "cross-site"})
    assert not Draft.objects.exists()
