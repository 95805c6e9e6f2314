"""The reporter's page: the way in, what stands there, what can be done."""

import csv
import json
from base64 import b64encode
from datetime import timedelta

import pytest
import time_machine
from django.core import signing
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from intake.actions.change_consent import ask_consent
from intake.actions.publish_status import publish_status
from intake.actions.record_access import record_access
from intake.models import Body, ConsentRequest, Report
from intake.queries import consent_in_force
from intake.web import cookies
from tests.conftest import ROOT

from .person import Person, text_of

GLOSSARY = list(csv.DictReader((ROOT / "seeds/data/glossary.csv").open(encoding="utf-8")))
STATES = {
    row["key"].removeprefix("case."): row
    for row in GLOSSARY
    if row["key"].startswith("case.") and "R" in row["register"] and row["en"][:1] not in ("", "(")
}


@pytest.fixture
def inside(reporting: Person) -> Person:
    """Has sent a report and opened the page."""
    reporting.answer("region", region="RU-KAM")
    reporting.answer("contact", way="phone")
    reporting.answer("contact_details", value="8 900 123-45-67", days=["0"], hours_from="09:00", hours_until="18:00")
    reporting.answer("consent", share="any", groups=["story"])
    reporting.send()
    reporting.post("sent/")
    return reporting


@pytest.fixture
def report(inside: Person) -> Report:
    return Report.objects.get()


def test_the_code_opens_the_page_from_any_browser(reporting: Person) -> None:
    code = reporting.code()
    reporting.send()
    elsewhere = Person(Client(), "ru")
    response = elsewhere.open_page(" ".join(code))
    assert (response.status_code, response["Location"]) == (303, "/ru/page/")
    cookie = response.cookies[cookies.PAGE]
    assert cookie["httponly"] and cookie["samesite"] == "Strict" and cookie["max-age"] == 20 * 60
    assert code not in cookie.value
    assert "Мы получили ваше обращение." in text_of(elsewhere.get("page/"))


def test_a_wrong_a_malformed_and_an_erased_code_get_the_same_answer(reporting: Person) -> None:
    code = reporting.code()
    reporting.send()
    Report.objects.update(erased_at=timezone.now(), code_hash=None)
    answers = [Person(Client(), "en").open_page(typed) for typed in (code, "1" * 20, "abc", "", "\x00", "9" * 100_000)]
    assert {answer.status_code for answer in answers} == {404}
    assert {text_of(answer) for answer in answers} == {text_of(answers[0])}
    assert "We do not know this code. Check the digits and try again." in text_of(answers[0])
    assert not any(answer.cookies for answer in answers)


@pytest.mark.parametrize("forged", ["", "x", "x" * 10_000, "IjEi:1:1"])
def test_a_forged_pass_leads_to_the_field_for_the_code(person: Person, forged: str) -> None:
    person.client.cookies[cookies.PAGE] = forged
    assert 'name="code"' in person.get("page/").content.decode()


def test_a_pass_for_a_report_that_is_there_needs_our_signature(report: Report) -> None:
    """Whoever has seen an id (a log, a database) cannot make the pass of it."""
    other = signing.dumps(str(report.pk), salt="another.page")
    encoded = b64encode(json.dumps(str(report.pk)).encode()).decode().rstrip("=")
    forged = (str(report.pk), report.pk.hex, encoded, f"{encoded}:1:1", other)
    for value in forged:
        stranger = Person(Client(), "en")
        stranger.client.cookies[cookies.PAGE] = value
        shown = stranger.get("page/").content.decode()
        assert 'name="code"' in shown and report.reference not in shown, value


def test_the_pass_ends_after_twenty_minutes(inside: Person) -> None:
    with time_machine.travel(timezone.now() + timedelta(minutes=21), tick=False):
        assert 'name="code"' in inside.get("page/").content.decode()


@pytest.mark.parametrize("language", ["en", "az", "ru"])
@pytest.mark.parametrize("state", STATES)
def test_each_state_reads_as_the_glossary_says(inside: Person, report: Report, state: str, language: str) -> None:
    expected = timezone.now() + timedelta(hours=5)
    publish_status(report_id=report.pk, code=state, expected_by=expected, now=timezone.now())
    words = STATES[state][language].partition("{time}")[0]
    assert words in text_of(Person(inside.client, language).get("page/"))


def test_a_state_without_words_never_shows_its_code(inside: Person, report: Report) -> None:
    publish_status(report_id=report.pk, code="duplicate_of_K7RM", now=timezone.now())
    assert "duplicate" not in inside.get("page/").content.decode()


def test_by_when_is_told_in_the_persons_own_time(inside: Person, report: Report) -> None:
    with time_machine.travel("2026-11-24T08:00:00+00:00", tick=False):
        inside_again = _pass_for(report)
        due = timezone.now() + timedelta(hours=4)
        publish_status(report_id=report.pk, code="triage", expected_by=due, now=timezone.now())
        assert "25 November 2026, 00:00" in text_of(inside_again.get("page/"))  # Kamchatka
        assert "25 noyabr 2026, 00:00" in text_of(Person(inside_again.client, "az").get("page/"))


def test_a_step_that_takes_longer_than_was_said_is_admitted(inside: Person, report: Report) -> None:
    late = timezone.now() - timedelta(hours=1)
    publish_status(report_id=report.pk, code="triage", expected_by=late, now=timezone.now())
    assert "This takes longer than we said. You are not forgotten." in text_of(inside.get("page/"))


def test_the_report_number_stands_there_and_the_number_to_call_does_not(inside: Person, report: Report) -> None:
    assert report.reference in inside.get("page/").content.decode()
    shown = inside.get("page/contact/").content.decode()
    assert "Monday" in shown and "09:00" in shown
    assert "900 123" not in shown and "79001234567" not in shown


def test_sharing_can_be_stopped_after_one_line_that_says_what_follows(inside: Person, report: Report) -> None:
    assert "organisations no longer see anything here" in text_of(inside.get("page/stop/"))
    assert consent_in_force(report.pk).allows_offer
    response = inside.client.post("/en/page/stop/", {"token": inside.token("page/")}, follow=True)
    assert "Your data are not passed on any more." in text_of(response)
    assert not consent_in_force(report.pk).allows_offer
    assert "Stop sharing my data" not in text_of(response)


def test_who_may_be_asked_first_answers_by_name_of_the_organisation(inside: Person, report: Report) -> None:
    body = Body.objects.create(kind="partner", labels={"en": "Invented Legal Aid"})
    request = ask_consent(report_id=report.pk, body_id=body.pk, now=timezone.now())
    assert "Invented Legal Aid has agreed to help you." in text_of(inside.get("page/"))
    place = f"/en/page/answer/{request.pk}/"
    response = inside.client.post(place, {"token": inside.token("page/"), "answer": "yes"}, follow=True)
    assert "Thank you. Your answer is kept." in text_of(response)
    assert consent_in_force(report.pk).per_body == {body.pk: "any"}
    assert "has agreed" not in text_of(response)


def test_a_question_of_another_report_cannot_be_answered(inside: Person, report: Report, reference: None) -> None:
    stranger = Person(Client(), "en")
    stranger.begin()
    stranger.answer("country", country="AZ")
    stranger.answer("category", category="OTH")
    other = stranger.send()
    body = Body.objects.create(kind="partner", labels={"en": "Invented"})
    request = ask_consent(report_id=other.pk, body_id=body.pk, now=timezone.now())
    response = inside.client.post(
        f"/en/page/answer/{request.pk}/", {"token": inside.token("page/"), "answer": "yes"}, follow=True
    )
    assert "This question is no longer open." in text_of(response)
    assert ConsentRequest.objects.get().answer == ""


@pytest.mark.parametrize("act", ["stop", "close", "answer/0190a5a0-0000-7000-8000-000000000000"])
def test_nothing_is_done_for_a_form_from_elsewhere(inside: Person, report: Report, act: str) -> None:
    response = inside.client.post(f"/en/page/{act}/", {"token": "", "answer": "yes"})
    assert response["Location"] == "/en/page/?again"
    assert consent_in_force(report.pk).allows_offer and inside.has_cookie(cookies.PAGE)


def test_the_form_of_one_report_does_nothing_in_another(inside: Person, report: Report) -> None:
    """Two people share a browser: what one left open must not act on the report of the other."""
    stranger = Person(Client(), "en")
    stranger.begin()
    stranger.answer("country", country="AZ")
    stranger.answer("category", category="OTH")
    stranger.send()
    stranger.post("sent/")
    response = inside.client.post("/en/page/stop/", {"token": stranger.token("page/")})
    assert response["Location"] == "/en/page/?again"
    assert consent_in_force(report.pk).allows_offer


def test_nothing_is_done_without_a_pass_or_by_a_link(inside: Person) -> None:
    assert Client().post("/en/page/stop/", {"token": ""})["Location"] == "/en/page/"
    for act in ("close", "answer/0190a5a0-0000-7000-8000-000000000000"):
        assert inside.client.get(f"/en/page/{act}/")["Location"] == "/en/page/"
    assert inside.has_cookie(cookies.PAGE)


def test_who_has_seen_it_names_organisations_and_never_staff(inside: Person, report: Report) -> None:
    body = Body.objects.create(kind="partner", labels={"en": "Invented Legal Aid"})
    now = timezone.now()
    seen = {"report_id": report.pk, "by_ref": None, "groups": ["story"], "now": now}
    record_access(voice="caseworker", body_id=None, purpose="story_read", **seen)
    record_access(voice="partner", body_id=body.pk, purpose="case_fetched", **seen)
    shown = text_of(inside.get("page/seen/"))
    assert "One of us · read the story" in shown and "Invented Legal Aid · fetched the case" in shown


def test_closing_the_page_takes_the_pass_away(inside: Person) -> None:
    response = inside.client.post("/en/page/close/", {"token": inside.token("page/")}, follow=True)
    assert "Your page is closed." in text_of(response)
    assert not inside.has_cookie(cookies.PAGE)


def test_a_report_erased_meanwhile_is_a_clear_page(inside: Person, report: Report) -> None:
    Report.objects.update(erased_at=timezone.now(), code_hash=None)
    response = inside.get("page/")
    assert response.status_code == 410
    assert "This report has been deleted for ever." in text_of(response)


def _pass_for(report: Report) -> Person:
    """Somebody who came in at the present moment of the test's clock."""
    person, response = Person(Client(), "en"), HttpResponse()
    cookies.keep_page(response, report.pk)
    person.client.cookies = response.cookies
    return person
