"""Phone intake: one call makes one report, nothing typed is lost, consent is what was read, the code is shown once."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings as conf
from django.test import Client
from django.utils import timezone, translation
from django.utils.translation import gettext

from cases.actions.take_up import take_up_report_events
from cases.models import Case
from intake.actions.drafts import open_draft
from intake.actions.edit_questions import ask_questions, save_questions
from intake.models import Consent, Draft, QuestionSet, Report, ReportKey, SafeContact
from intake.queries import reference_data, report_by_code
from tests.cases.arrange import staff
from tests.cases.web.conftest import signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]
CALL = "/console/call/"
LEAST = {"where-country": "RU", "what-kind": "WRK.UNPAID"}
READ = {"consent-share": "any", "consent-groups": ["story"], "consent-was_read": "on", "consent-text_version": "1"}


def on_the_line(client: Client, speak: str = "en") -> None:
    client.post(f"{CALL}start/", {"speak": speak, "safe": "yes"})


def send(client: Client, act: str = "file", **typed: Any) -> Any:
    """The page as a browser sends it, and again when the answers have opened questions of the category."""
    answer = send_once(client, act, **typed)
    return send_once(client, act, **typed) if answer.headers.get("Location", "").endswith("#h-2") else answer


def send_once(client: Client, act: str = "file", **typed: Any) -> Any:
    """With the hidden fields that stand in the page."""
    page = client.get(f"{CALL}form/").content.decode()
    hidden = dict(re.findall(r'type="hidden" name="(draft|shown|spoken)" value="([^"]*)"', page))
    return client.post(f"{CALL}save/", {**hidden, "act": act, **typed})


def shown_code(client: Client) -> str:
    return re.sub(r"\D", "", "".join(re.findall(r"<span>(\d{4})</span>", client.get(f"{CALL}code/").content.decode())))


def test_safety_is_asked_before_anything_is_stored() -> None:
    page = signed_in(staff(language="en")).get(CALL).content.decode()
    assert "Is it safe for you to talk now?" in page
    assert not Draft.objects.exists()


def test_country_and_category_are_enough_and_the_case_is_there() -> None:
    user = staff(language="en")
    client = signed_in(user)
    on_the_line(client)
    assert send(client, **LEAST).headers["Location"] == f"{CALL}code/"
    report = Report.objects.get()
    assert (report.channel, report.source_ref, report.language_id) == ("phone", user.pk, "en")
    assert not Consent.objects.exists()
    assert b"Open the case" not in client.get(f"{CALL}code/").content
    take_up_report_events(report_id=report.pk, now=timezone.now())
    Case.objects.update(side="AZ")
    assert f"/console/cases/{report.reference}/" in client.get(f"{CALL}code/").content.decode()
    Case.objects.update(side="RU")
    assert b"Open the case" not in client.get(f"{CALL}code/").content
    assert client.post(f"{CALL}confirm/").headers["Location"] == "/console/queue/"


def test_every_section_arrives() -> None:
    client = signed_in(staff(language="en"))
    on_the_line(client, "ru")
    typed = (
        LEAST
        | READ
        | {
            "where-region": "RU-MOW",
            "about-about": "other_unaware",
            "story-story": "Canary story",
            "person-language": "ru",
            "person-citizenship": "AZ",
            "person-identity_name": "Canary name",
            "actor-actor_kind": "employer",
            "handler-handler": "AZ",
            "contact-way": "phone",
            "contact-value": "8 900 555 12 34",
            "contact-days": ["0", "4"],
            "contact-hours_from": "10:00",
            "contact-hours_until": "12:00",
            "contact-timezone": "Asia/Kamchatka",
            "contact-valid_until": "24.12.2027",
            "contact-cover_name": "Aunt",
        }
    )
    assert send(client, **typed).status_code == 302
    report, contact = Report.objects.get(), SafeContact.objects.get()
    key = ReportKey.of(report.pk)
    assert report.unseal(key, "story") == "Canary story"
    assert (report.subject_unaware, report.region_id, report.subcode) == (True, "RU-MOW", "UNPAID")
    assert contact.unseal(key, "value") == "+79005551234"
    assert (contact.days, contact.timezone, f"{contact.valid_until}") == ([0, 4], "Asia/Kamchatka", "2027-12-24")


def test_the_questions_an_answer_opens_are_asked_before_the_report_goes() -> None:
    client = signed_in(staff(language="en"))
    on_the_line(client)
    first = send_once(client, **LEAST, **{"questions-held": "yes"})
    assert first.headers["Location"] == f"{CALL}form/#h-2"
    assert not Report.objects.exists()
    assert "questions-held_where" in client.get(f"{CALL}form/").content.decode()
    send(client, **LEAST, **{"questions-held": "yes", "questions-held_where": "police"})
    report = Report.objects.get()
    assert report.unseal(ReportKey.of(report.pk), "answers") == {"held": "yes", "held_where": "police"}


def test_the_script_is_in_the_language_of_the_call_and_the_page_in_the_caseworkers() -> None:
    client = signed_in(staff(language="en"))
    on_the_line(client, "ru")
    page = client.get(f"{CALL}form/").content.decode()
    definition = reference_data().consent_text.definition  # type: ignore[union-attr]
    assert all(row["ru"] in page for row in definition["explanations"])
    assert all(row["ru"] in page for row in definition["questions"])
    assert "Вас (или этого человека) сейчас где-то удерживают" in page
    assert "File the report" in page
    send(client, "save", speak="az")
    assert definition["questions"][0]["az"] in client.get(f"{CALL}form/").content.decode()


def test_verbal_consent_keeps_who_read_which_words_when(now: Any) -> None:
    user = staff(language="en")
    client = signed_in(user)
    on_the_line(client, "az")
    send(client, "save", **LEAST, **READ)
    read_at = timezone.now()
    send(client, **LEAST, **READ)
    rows = Consent.objects.all()
    assert {(row.how, row.read_by_ref, row.text_version, row.language) for row in rows} == {
        ("verbal", user.pk, reference_data().consent_version, "az")
    }
    assert all(row.given_at <= read_at for row in rows)
    assert {(row.question, row.answer) for row in rows} == {("share", "any"), ("group", "yes")}


def test_answers_without_the_words_read_aloud_are_no_consent() -> None:
    client = signed_in(staff(language="en"))
    on_the_line(client)
    answer = send(client, **LEAST, **{"consent-share": "any", "consent-text_version": "1"})
    assert answer.status_code == 422
    assert b"Read the words of consent aloud" in answer.content
    assert not Report.objects.exists()


def test_sent_twice_it_is_one_report_with_one_code() -> None:
    client = signed_in(staff(language="en"))
    on_the_line(client)
    send(client, "save", **LEAST)
    page = client.get(f"{CALL}form/").content.decode()
    hidden = dict(re.findall(r'type="hidden" name="(draft|shown|spoken)" value="([^"]*)"', page))
    for _ in range(2):
        assert client.post(f"{CALL}save/", {**hidden, "act": "file", **LEAST}).headers["Location"] == f"{CALL}code/"
    assert Report.objects.count() == 1
    first = shown_code(client)
    assert len(first) == 20 and shown_code(client) == first
    client.post(f"{CALL}confirm/")
    again = client.post(f"{CALL}save/", {**hidden, "act": "file", **LEAST})
    assert again.headers["Location"] == f"/console/cases/{Report.objects.get().reference}/"
    assert Report.objects.count() == 1


def test_the_code_opens_the_page_and_once_confirmed_nobody_sees_it_again() -> None:
    client = signed_in(staff(language="en"))
    on_the_line(client)
    send(client, **LEAST)
    code, secret = shown_code(client), client.cookies["korpu_call"].value
    assert report_by_code(code) is not None
    assert code not in str(dict(client.session)) and code not in client.cookies.output()
    client.post(f"{CALL}confirm/")
    assert not client.cookies["korpu_call"].value
    client.cookies["korpu_call"] = secret  # somebody kept the cookie
    page = client.get(f"{CALL}code/").content.decode()
    assert "no longer shown" in page and not re.search(r"\d{4}</span>", page)
    assert open_draft(secret=secret, now=timezone.now()).code is None


def test_after_thirty_minutes_the_code_is_gone_without_a_word() -> None:
    client = signed_in(staff(language="en"))
    on_the_line(client)
    send(client, **LEAST)
    assert len(shown_code(client)) == 20
    Draft.objects.update(updated_at=timezone.now() - timedelta(minutes=31))
    assert shown_code(client) == ""


@pytest.mark.parametrize("side", ["AZ", "RU"])
def test_a_colleague_at_the_same_browser_finds_no_call_and_no_code(side: str) -> None:
    client = signed_in(staff(language="en"))
    on_the_line(client)
    send(client, "save", **LEAST, **{"story-story": "Canary story"})
    colleague = signed_in(staff(side=side, language="en"))
    colleague.cookies["korpu_call"] = client.cookies["korpu_call"].value
    assert colleague.get(f"{CALL}form/").headers["Location"] == CALL
    send(client, **LEAST)
    assert colleague.get(f"{CALL}code/").headers["Location"] == CALL
    colleague.post(f"{CALL}confirm/")
    assert len(shown_code(client)) == 20


def test_what_was_typed_survives_a_crash_of_the_browser() -> None:
    client = signed_in(staff(language="en"))
    on_the_line(client)
    assert send(client, "keep", **{"story-story": "Canary story"}).status_code == 204
    assert "Canary story" in client.get(f"{CALL}form/").content.decode()
    assert "Canary story" not in str(Draft.objects.values())
    assert client.post(f"{CALL}start/", {"safe": "yes"}).headers["Location"] == f"{CALL}form/"
    assert Draft.objects.count() == 1


def test_a_lost_cookie_loses_nothing_that_stands_on_the_page() -> None:
    client = signed_in(staff(language="en"))
    on_the_line(client)
    page = client.get(f"{CALL}form/").content.decode()
    hidden = dict(re.findall(r'type="hidden" name="(draft|shown|spoken)" value="([^"]*)"', page))
    del client.cookies["korpu_call"]
    client.post(f"{CALL}save/", {**hidden, "act": "save", **LEAST, "story-story": "Canary story"})
    assert "Canary story" in client.get(f"{CALL}form/").content.decode()


def test_the_page_of_one_caller_never_writes_into_the_call_of_another() -> None:
    client = signed_in(staff(language="en"))
    on_the_line(client)
    page = client.get(f"{CALL}form/").content.decode()
    hidden = dict(re.findall(r'type="hidden" name="(draft|shown|spoken)" value="([^"]*)"', page))
    client.post(f"{CALL}discard/")
    on_the_line(client)
    answer = client.post(f"{CALL}save/", {**hidden, "act": "save", "story-story": "Canary of the first"})
    assert answer.status_code == 409 and b"Canary of the first" in answer.content
    assert "Canary of the first" not in client.get(f"{CALL}form/").content.decode()


def test_when_it_is_not_safe_nothing_is_stored_but_what_was_agreed() -> None:
    client = signed_in(staff(language="en"))
    client.post(f"{CALL}start/", {"speak": "ru", "safe": "no"})
    page = client.get(f"{CALL}unsafe/").content.decode()
    with translation.override("ru"):
        assert gettext("I will not ask you anything now. You can hang up at any moment.") in page
    assert "112" in page
    draft = re.findall(r'name="draft" value="([^"]*)"', page)[0]
    agreed = {"draft": draft, "country": "RU", "kind": "OTH", "method": "phone", "value": "+79005551234"}
    for _ in range(2):
        client.post(f"{CALL}back/", agreed | {"days": ["1"], "hours_from": "10:00", "hours_until": "11:00"})
    report, contact = Report.objects.get(), SafeContact.objects.get()
    assert (report.category_id, contact.days, Consent.objects.exists()) == ("OTH", [1], False)


@pytest.mark.parametrize(
    "before",
    [
        {"contact-way": "never"},
        {"contact-way": "mailbox"},
        {"contact-valid_until": "1.1.2020"},
        {"where-country": "AZ", "where-region": "AZ-BA"},
    ],
)
def test_what_was_agreed_about_calling_back_replaces_what_was_said_before_it(before: dict[str, str]) -> None:
    client = signed_in(staff(language="en"))
    on_the_line(client)
    send_once(client, "unsafe", **before)
    draft = re.findall(r'name="draft" value="([^"]*)"', client.get(f"{CALL}unsafe/").content.decode())[0]
    agreed = {"draft": draft, "country": "RU", "kind": "OTH", "method": "phone", "value": "+79005551234"}
    client.post(f"{CALL}back/", agreed)
    contact = SafeContact.objects.get()
    assert (contact.never_contact, contact.method, contact.valid_until) == (False, "phone", None)


def test_what_was_answered_stays_when_the_questions_change_during_the_call() -> None:
    client = signed_in(staff(language="en"))
    on_the_line(client)
    typed = LEAST | {"questions-held": "no", "questions-wrk_employer": "Zavod"}
    send_once(client, "save", **typed)
    send_once(client, "save", **typed)
    newest = QuestionSet.objects.get(version=reference_data().questions_version)
    fewer = [row for row in newest.definition["questions"] if row["key"] != "wrk_employer"]
    ask_questions(version=save_questions(definition={**newest.definition, "questions": fewer}, edited=1).version)
    send(client, **LEAST, **{"questions-held": "no"})
    report = Report.objects.get()
    assert report.unseal(ReportKey.of(report.pk), "answers") == {"held": "no", "wrk_employer": "Zavod"}


def test_a_call_that_comes_to_nothing_leaves_nothing() -> None:
    client = signed_in(staff(language="en"))
    on_the_line(client)
    send(client, "save", **LEAST)
    client.post(f"{CALL}discard/")
    assert not Draft.objects.exists() and not Report.objects.exists()


HOSTILE = ["\x00\x07", "‮<script>alert(1)</script>", "'; DROP TABLE--", "😀" * 300, "\ud800", "x" * 30_000]


@pytest.mark.parametrize("typed", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_words_are_refused_or_kept_as_words(typed: str) -> None:
    client = signed_in(staff(language="en"))
    on_the_line(client)
    names = ["story-story", "person-identity_name", "contact-value", "actor-actor_name", "contact-hours_from"]
    words = {name: typed.encode("utf-8", "surrogatepass").decode("utf-8", "replace") for name in names}
    answer = send(client, **LEAST, **words)
    assert answer.status_code in {302, 422}
    assert b"<script>alert" not in answer.content


@pytest.mark.parametrize(
    "typed",
    [
        {"where-country": "XX"},
        {"where-country": "RU", "where-region": "AZ-BA"},
        {"what-kind": "NO.SUCH"},
        {"contact-way": "pigeon"},
        {"contact-way": "phone", "contact-value": "not a number"},
        {"contact-way": "phone", "contact-value": "+79005551234", "contact-hours_from": "25:99"},
        {"consent-share": "everything", "consent-was_read": "on"},
        {"questions-held": "perhaps"},
        {"exclude-must_not_see": ["x", "y"]},
        {},
    ],
    ids=str,
)
def test_forged_and_missing_values_are_told_and_nothing_is_filed(typed: dict[str, Any]) -> None:
    client = signed_in(staff(language="en"))
    on_the_line(client)
    base = LEAST if typed and "where-country" not in typed and "what-kind" not in typed else {}
    answer = send(client, **(base | typed))
    assert answer.status_code == 422
    assert not Report.objects.exists()


def test_the_cookie_is_for_the_console_alone() -> None:
    client = signed_in(staff())
    on_the_line(client)
    cookie = client.cookies["korpu_call"]
    assert (cookie["path"], cookie["samesite"], cookie["httponly"]) == ("/console/", "Strict", True)
    assert bool(cookie["secure"]) is conf.SESSION_COOKIE_SECURE
