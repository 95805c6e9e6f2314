"""What a person does on their page: write, change, correct, complain, take along, take back, delete for ever."""

import io
import re
import zipfile
from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone
from django.utils.html import escape

from intake.actions.change_consent import ask_consent
from intake.actions.change_contact import change_contact
from intake.actions.complain import complain
from intake.actions.correct_report import correct_report
from intake.actions.entry import ContactEntry
from intake.actions.file_owner import FileOwner
from intake.actions.messages import notice_step, write_to_reporter_step
from intake.actions.partner_erasure import ask_partner_erasure_step
from intake.actions.publish_status import publish_status
from intake.actions.record_access import record_access
from intake.actions.withdraw_report import withdraw_report
from intake.models import Body, Complaint, Consent, Correction, Message, Report, ReportKey
from intake.queries import consent_in_force, current_contact
from intake.queries.words import words_of
from intake.uploads.serving import HEADERS
from intake.web import cookies
from tests.intake.filing import ready, stored
from tests.intake.uploads import samples

from .person import Person, text_of


@pytest.fixture
def inside(reporting: Person) -> Person:
    reporting.answer("consent", share="any", groups=["story"])
    reporting.send()
    reporting.post("sent/")
    return reporting


@pytest.fixture
def report(inside: Person) -> Report:
    return Report.objects.get()


@pytest.fixture
def body(report: Report) -> Body:
    """An organisation that this report has met."""
    row = Body.objects.create(kind="partner", labels={"en": "Invented Legal Aid"})
    publish_status(report_id=report.pk, code="accepted", organisation_id=row.pk, now=timezone.now())
    return row


def submit(person: Person, place: str, on: str = "", **given: Any) -> HttpResponse:
    """As a browser does it: with the hidden fields of the page that is open."""
    page = person.get(on or place).content.decode()
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page))
    return person.client.post(person.path(place), {**hidden, **given}, follow=True)


PLACES = ("messages", "share", "stop", "contact", "contact/sms", "add", "add/1", "add/2", "add/3", "add/4")
PLACES += ("add/q/1", "add/q/2/more", "seen", "say", "copy", "back", "end")


@pytest.mark.parametrize("place", PLACES)
def test_every_page_is_shut_without_a_pass_and_quiet_with_one(inside: Person, place: str) -> None:
    assert Client().get(f"/en/page/{place}/")["Location"] == "/en/page/"
    response = inside.get(f"page/{place}/")
    assert response.status_code in (200, 303) and response["Cache-Control"] == "no-store"


@pytest.mark.parametrize("place", PLACES)
def test_of_an_erased_report_nothing_is_shown_or_done(inside: Person, report: Report, place: str) -> None:
    token = inside.token("page/")
    Report.objects.update(erased_at=timezone.now(), code_hash=None)
    assert inside.get(f"page/{place}/").status_code == 410
    inside.client.cookies = _pass_for(report)
    assert inside.client.post(f"/en/page/{place}/", {"token": token, "text": "x"}).status_code == 410
    assert not Message.objects.exists()


# --- messages


def test_a_message_is_written_and_stands_there(inside: Person) -> None:
    response = submit(inside, "page/messages/", text="<b>Salam</b>")
    assert "Your message has reached us." in text_of(response) and "<b>Salam</b>" in text_of(response)
    assert "&lt;b&gt;Salam" in response.content.decode()


def test_pressing_twice_posts_once(inside: Person) -> None:
    page = inside.get("page/messages/").content.decode()
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page))
    for _press in range(2):
        inside.client.post("/en/page/messages/", {**hidden, "text": "once"})
    assert Message.objects.count() == 1


@pytest.mark.parametrize("text", ["", "  ", "x" * 5_001, "x" * 1_000_000])
def test_what_is_refused_can_be_corrected_and_is_not_lost(inside: Person, text: str) -> None:
    response = submit(inside, "page/messages/", text=text)
    assert response.status_code == 422 and "Please correct this" in text_of(response)
    assert not Message.objects.exists()
    assert len(text.strip()) < 2 or text in response.content.decode()


def test_what_we_wrote_is_new_until_it_was_read(inside: Person, report: Report) -> None:
    staff = uuid4()
    write_to_reporter_step(
        report_id=report.pk, voice="caseworker", by_ref=staff, body_id=None, text="Canary", now=timezone.now()
    )
    assert "You have a new message." in text_of(inside.get("page/"))
    shown = text_of(inside.get("page/messages/"))
    assert "One of us" in shown and "Canary" in shown and "New" in shown and str(staff) not in shown
    assert "You have a new message." not in text_of(inside.get("page/"))


def test_a_notice_is_read_in_the_language_of_the_page_and_names_the_organisation(
    inside: Person, report: Report, body: Body
) -> None:
    notice_step(report_id=report.pk, code="vital_interest", body_id=body.pk, now=timezone.now())
    notice_step(report_id=report.pk, code="unheard_of", body_id=None, now=timezone.now())
    shown = text_of(inside.get("page/messages/"))
    assert "we have let Invented Legal Aid see data of yours" in shown
    assert "unheard_of" not in shown and "vital_interest" not in shown


# --- when the pass had ended


def test_what_was_typed_after_the_pass_had_ended_is_there_behind_the_code(reporting: Person) -> None:
    code = reporting.code()
    reporting.send()
    reporting.post("sent/")
    token = reporting.token("page/")
    del reporting.client.cookies[cookies.PAGE]
    shown = reporting.client.post("/en/page/messages/", {"token": token, "text": 'Canary "words" & <b>'})
    assert "what you wrote is still here" in text_of(shown) and not Message.objects.exists()
    kept = _hidden(shown)
    wrong = reporting.client.post("/en/page/", {**kept, "code": "1" * 20})
    assert wrong.status_code == 404 and _hidden(wrong) == kept
    again = reporting.client.post("/en/page/", {**_hidden(wrong), "code": code})
    assert 'Canary "words" & <b>' in text_of(again)
    sent = reporting.client.post("/en/page/messages/", {**_hidden(again), "text": 'Canary "words" & <b>'}, follow=True)
    assert "Your message has reached us." in text_of(sent) and Message.objects.count() == 1


def test_the_form_of_another_report_asks_for_its_code_and_goes_nowhere(inside: Person, report: Report) -> None:
    shown = inside.client.post("/en/page/messages/", {"token": "forged", "text": "Canary"})
    assert 'name="code"' in shown.content.decode() and not Message.objects.exists()


@pytest.mark.parametrize("where", ["/console/", "//evil.example/en/page/", "https://evil.example/", "/en/leave/", ""])
def test_what_was_kept_goes_nowhere_but_to_the_page(reporting: Person, where: str) -> None:
    code = reporting.code()
    reporting.send()
    elsewhere = Person(Client(), "en")
    response = elsewhere.client.post("/en/page/", {"code": code, "kept": "text=x", "kept_at": where})
    assert (response.status_code, response["Location"]) == (303, "/en/page/")


# --- consent


def test_everything_that_may_be_passed_on_is_changed_at_once(inside: Person, report: Report) -> None:
    given = {"share": "ask_first", "groups": ["identity", "contact"], "cross_border": "yes"}
    response = submit(inside, "page/share/", **given)
    assert "Your change holds from now on." in text_of(response)
    consent = consent_in_force(report.pk)
    assert (consent.share, consent.cross_border, consent.groups) == ("ask_first", True, {"identity", "contact"})
    row = Consent.objects.filter(data_group="identity").get()
    assert (row.how, row.language, row.text_version) == ("mailbox", "en", 1)
    assert "Nothing has changed." in text_of(submit(inside, "page/share/", **given))


def test_one_organisation_is_shut_out_and_let_in_again(inside: Person, report: Report, body: Body) -> None:
    place = f"page/share/{body.pk}/"
    submit(inside, place, "page/share/", answer="no")
    assert not consent_in_force(report.pk).allows_disclosure_to(body.pk)
    assert "It may not see anything." in text_of(inside.get("page/share/"))
    submit(inside, place, "page/share/", answer="yes")
    assert consent_in_force(report.pk).allows_disclosure_to(body.pk)


def test_an_organisation_that_was_never_met_cannot_be_named(inside: Person, report: Report) -> None:
    stranger = Body.objects.create(kind="partner", labels={"en": "Stranger"})
    submit(inside, f"page/share/{stranger.pk}/", "page/share/", answer="yes")
    assert not Consent.objects.filter(recipient=stranger).exists()


# --- contact


def test_how_to_be_reached_is_changed_with_all_that_belongs_to_it(inside: Person, report: Report) -> None:
    response = submit(inside, "page/contact/", way="phone")
    assert response.request["PATH_INFO"] == "/en/page/contact/phone/"
    given = {"value": "8 900 000 00 33", "days": ["5"], "hours_from": "10:00", "hours_until": "12:00"}
    given |= {"device_shared": "yes", "may_leave_message": "no", "valid_until": "31.12.2026", "cover_name": "Cousin"}
    shown = text_of(submit(inside, "page/contact/phone/", **given))
    assert "Saturday" in shown and "Somebody else uses this phone." in shown and "31 December 2026" in shown
    assert "900 000" not in shown and "79000000033" not in shown
    row = current_contact(report.pk)
    assert row is not None and (row.valid_until, row.may_leave_message) == (date(2026, 12, 31), False)


def test_no_contact_at_all_is_one_choice(inside: Person, report: Report) -> None:
    submit(inside, "page/contact/", way="mailbox")
    row = current_contact(report.pk)
    assert row is not None and row.never_contact


@pytest.mark.parametrize("given", [{}, {"way": "pigeon"}])
def test_a_way_that_is_none_is_refused(inside: Person, report: Report, given: dict[str, str]) -> None:
    assert submit(inside, "page/contact/", **given).status_code == 422
    assert inside.get("page/contact/pigeon/")["Location"] == "/en/page/contact/"
    assert current_contact(report.pk) is None


# --- adding and correcting


def test_each_part_is_added_or_said_anew_and_taken_back(inside: Person, report: Report) -> None:
    submit(inside, "page/add/1/", text="More of it")
    submit(inside, "page/add/2/", name="Canary Name", birth_date="31.01.1990")
    submit(inside, "page/add/3/", text="Two children")
    submit(inside, "page/add/4/", text="A company")
    read = words_of(Report.objects.get(), ReportKey.of(report.pk))
    assert [one.text for one in read.additions] == ["More of it"]
    assert read.identity == {"name": "Canary Name", "birth_date": "1990-01-31"}
    assert (read.family, read.actor_name) == ("Two children", "A company")
    assert "This part is taken back." in text_of(submit(inside, "page/add/2/", then="back"))
    assert words_of(Report.objects.get(), ReportKey.of(report.pk)).identity == {}


def test_a_question_is_answered_anew_with_what_it_opens(inside: Person, report: Report) -> None:
    response = submit(inside, "page/add/q/1/", held="yes")
    assert response.request["PATH_INFO"] == "/en/page/add/q/1/more/"
    submit(inside, "page/add/q/1/more/", held_since="20.11.2026")
    answers = words_of(Report.objects.get(), ReportKey.of(report.pk)).answers
    assert (answers["held"], answers["held_since"]) == ("yes", "2026-11-20")
    submit(inside, "page/add/q/1/", held="no")
    answers = words_of(Report.objects.get(), ReportKey.of(report.pk)).answers
    assert answers["held"] == "no" and "held_since" not in answers


ADDITIONS: dict[str, dict[str, str]] = {
    "page/add/1/": {"text": 'Canary "more" & <b>'},
    "page/add/2/": {"name": "Canary Name", "birth_date": "31.01.1990"},
    "page/add/3/": {"text": "Canary children"},
    "page/add/4/": {"text": "Canary company"},
    "page/add/q/1/": {"held": "yes"},
    "page/add/q/1/more/": {"held_since": "20.11.2026"},
}


@pytest.mark.parametrize("place", ADDITIONS)
def test_what_was_typed_while_the_report_was_taken_back_in_another_tab_stays_on_the_page_that_says_so(
    inside: Person, report: Report, place: str
) -> None:
    submit(inside, "page/add/q/1/", held="yes")
    hidden = _hidden(inside.get(place))
    before = Correction.objects.count()
    withdraw_report(report_id=report.pk, now=timezone.now())
    typed = {"held": "no"} if place == "page/add/q/1/" else ADDITIONS[place]
    response = inside.client.post(inside.path(place), {**hidden, **typed})
    shown = response.content.decode()
    assert response.status_code == 409 and Correction.objects.count() == before
    assert "You have taken your report back, so nothing can be added" in text_of(response)
    assert "Keep this" not in shown and "/en/page/messages/" in shown
    for value in typed.values():
        assert escape(value) in shown
    if place == "page/add/q/1/":
        assert re.search(r'value="no"[^>]* checked', shown)


def test_a_part_that_is_taken_back_too_late_is_answered_with_the_reason_alone(inside: Person, report: Report) -> None:
    submit(inside, "page/add/1/", text="More of it")
    hidden = _hidden(inside.get("page/add/1/"))
    withdraw_report(report_id=report.pk, now=timezone.now())
    response = inside.client.post("/en/page/add/1/", {**hidden, "then": "back"})
    assert response["Location"] == "/en/page/?gone_back"


def test_a_message_typed_meanwhile_reaches_us_all_the_same(inside: Person, report: Report) -> None:
    hidden = _hidden(inside.get("page/messages/"))
    withdraw_report(report_id=report.pk, now=timezone.now())
    sent = inside.client.post("/en/page/messages/", {**hidden, "text": "Canary"}, follow=True)
    assert "Your message has reached us." in text_of(sent) and Message.objects.count() == 1


@pytest.mark.parametrize("place", ["page/add/0/", "page/add/5/", "page/add/q/0/", "page/add/q/99/"])
def test_what_is_not_there_is_not_found(inside: Person, place: str) -> None:
    assert inside.get(place).status_code == 404


# --- complaints


def test_a_complaint_is_about_an_organisation_or_about_us(inside: Person, body: Body) -> None:
    response = submit(inside, "page/say/", about=str(body.pk), text="Canary")
    assert "Your complaint has reached us." in text_of(response)
    submit(inside, "page/say/", about="us", text="Canary")
    assert {row.about_id for row in Complaint.objects.all()} == {body.pk, None}


@pytest.mark.parametrize("about", ["", "0190a5a0-0000-7000-8000-000000000000", "x"])
def test_a_complaint_about_somebody_else_is_refused(inside: Person, body: Body, about: str) -> None:
    assert submit(inside, "page/say/", about=about, text="x").status_code == 422
    assert not Complaint.objects.exists()


def test_who_has_not_confirmed_is_named_with_since_when(inside: Person, report: Report, body: Body) -> None:
    asked = datetime(2026, 11, 20, 8, tzinfo=timezone.now().tzinfo)
    ask_partner_erasure_step(report_id=report.pk, bodies={uuid4(): body.pk}, now=asked)
    shown = text_of(inside.get("page/"))
    assert "Not yet confirmed: copies deleted" in shown and "asked on 20 November 2026" in shown


# --- taking along


def test_everything_held_is_one_archive_that_reads_without_us(inside: Person, report: Report, body: Body) -> None:
    submit(inside, "page/messages/", text="Canary-message <script>")
    submit(inside, "page/add/1/", text="Canary-addition")
    submit(inside, "page/add/2/", name="Canary-name")
    submit(inside, "page/say/", about=str(body.pk), text="Canary-complaint")
    submit(inside, "page/contact/phone/", value="8 900 000 00 33", safe_word="Canary-word")
    assert "It will stay in this phone's downloads." in text_of(inside.get("page/copy/"))
    response = submit(inside, "page/copy/")
    assert response["Content-Disposition"] == 'attachment; filename="archive.zip"'
    assert {name: response[name] for name in HEADERS} == HEADERS
    made = zipfile.ZipFile(io.BytesIO(b"".join(response.streaming_content)))  # type: ignore[attr-defined]
    assert made.testzip() is None and made.namelist() == ["index.html", "text.txt"]
    for name in made.namelist():
        text = made.read(name).decode("utf-8-sig")
        for word in ("message", "addition", "name", "complaint", "word"):
            assert f"Canary-{word}" in text, (name, word)
        assert report.reference in text and "+79000000033" in text and "Invented Legal Aid" in text
    assert "<script" not in made.read("index.html").decode()


def test_what_was_said_in_between_and_what_cannot_be_opened_yet_is_told_too(
    inside: Person, report: Report, body: Body
) -> None:
    now = timezone.now()
    for number, word in ((2, "name"), (3, "family"), (4, "actor")):
        for time in ("first", "second"):
            submit(inside, f"page/add/{number}/", name=f"Canary-{word}-{time}", text=f"Canary-{word}-{time}")
    submit(inside, "page/add/1/", text="Canary-taken-back")
    submit(inside, "page/add/1/", then="back")
    stored(FileOwner(report_id=report.pk), samples.photo(), now, name="Canary-waits.jpg")
    Report.objects.filter(pk=report.pk).update(actor_kind="landlord", about="other")
    publish_status(report_id=report.pk, code="accepted", organisation_id=body.pk, next_step="Canary-next", now=now)
    response = submit(inside, "page/copy/")
    made = zipfile.ZipFile(io.BytesIO(b"".join(response.streaming_content)))  # type: ignore[attr-defined]
    text = made.read("text.txt").decode("utf-8-sig")
    held = ("name-first", "name-second", "family-first", "family-second", "actor-first", "taken-back", "waits", "next")
    assert [word for word in held if f"Canary-{word}" not in text] == []
    assert "landlord" in text and "About someone else" in text


def test_files_go_along_under_names_of_ours(inside: Person, report: Report) -> None:
    """A name that somebody typed could lead out of the folder in which the archive is opened, or tell on them."""
    file = ready(report.pk, timezone.now())
    response = submit(inside, "page/copy/")
    made = zipfile.ZipFile(io.BytesIO(b"".join(response.streaming_content)))  # type: ignore[attr-defined]
    *_, name = made.namelist()
    assert re.fullmatch(r"files/file-[0-9a-f]{6}\.[a-z0-9]+", name) and len(made.read(name)) == file.clean_bytes


def test_nothing_of_anybody_else_is_in_it(inside: Person, report: Report) -> None:
    """Another report holds a row of every kind, and none of them is taken along."""
    now, other = timezone.now(), Person(Client(), "en")
    for name, given in (
        ("country", {"country": "AZ"}),
        ("category", {"category": "OTH"}),
        ("story", {"story": "Other-s"}),
    ):
        other.begin() if name == "country" else None
        other.answer(name, **given)
    theirs = other.send()
    body = Body.objects.create(kind="partner", labels={"en": "Other-body"})
    ask_consent(report_id=theirs.pk, body_id=body.pk, now=now)
    for voice in ("caseworker", "partner"):
        write_to_reporter_step(
            report_id=theirs.pk, voice=voice, by_ref=None, body_id=None, text="Other-message", now=now
        )
    change_contact(report_id=theirs.pk, contact=ContactEntry(method="phone", value="+79000000077"), now=now)
    complain(report_id=theirs.pk, about=None, text="Other-complaint", submission_key="", now=now)
    correct_report(report_id=theirs.pk, part="identity", content={"name": "Other-name"}, submission_key="", now=now)
    record_access(
        report_id=theirs.pk, voice="partner", by_ref=None, body_id=body.pk, purpose="case_fetched", groups=[], now=now
    )
    ask_partner_erasure_step(report_id=theirs.pk, bodies={uuid4(): body.pk}, now=now)
    response = submit(inside, "page/copy/")
    made = zipfile.ZipFile(io.BytesIO(b"".join(response.streaming_content)))  # type: ignore[attr-defined]
    text = made.read("text.txt").decode("utf-8-sig")
    assert report.reference in text and theirs.reference not in text
    assert "Other-" not in text and "+79000000077" not in text


def test_without_a_press_there_is_no_archive(inside: Person, report: Report) -> None:
    assert inside.get("page/copy/")["Content-Type"].startswith("text/html")
    assert inside.client.post("/en/page/copy/", {"token": "forged"})["Location"] == "/en/page/?again"


# --- taking back, deleting


def test_taking_back_says_what_follows_and_leaves_the_page(inside: Person, report: Report) -> None:
    assert "What you wrote stays with us until you delete it." in text_of(inside.get("page/back/"))
    shown = text_of(submit(inside, "page/back/"))
    assert "You have taken your report back." in shown and "Take my report back" not in shown
    assert "so nothing can be added or passed on" in text_of(submit(inside, "page/add/1/", text="x"))
    assert not Correction.objects.exists()
    assert "Your message has reached us." in text_of(submit(inside, "page/messages/", text="still here"))


def test_deleting_shows_the_certificate_once_and_the_code_opens_nothing(reporting: Person) -> None:
    code = reporting.code()
    report = reporting.send()
    reporting.post("sent/")
    body = Body.objects.create(kind="partner", labels={"en": "Invented Legal Aid"})
    ask_partner_erasure_step(report_id=report.pk, bodies={uuid4(): body.pk}, now=timezone.now())
    assert "nobody can bring them back" in text_of(reporting.get("page/end/"))
    assert Report.objects.get().erased_at is None
    response = submit(reporting, "page/end/")
    shown = text_of(response)
    assert report.reference in shown and "Complete everywhere on" in shown and "Invented Legal Aid" in shown
    assert not reporting.has_cookie(cookies.PAGE)
    assert reporting.open_page(code).status_code == 404
    assert 'name="code"' in reporting.get("page/").content.decode()


def test_two_tabs_the_second_finds_it_deleted(inside: Person) -> None:
    token = inside.token("page/")
    other = Client()
    other.cookies[cookies.PAGE] = inside.client.cookies[cookies.PAGE].value
    submit(inside, "page/end/")
    assert other.post("/en/page/messages/", {"token": token, "text": "x"}).status_code == 410
    assert other.post("/en/page/end/", {"token": token})["Location"] == "/en/page/", "its pass is gone as well"


def test_a_question_about_an_organisation_stands_on_the_page(inside: Person, report: Report, body: Body) -> None:
    ask_consent(report_id=report.pk, body_id=body.pk, now=timezone.now())
    assert "Invented Legal Aid has agreed to help you." in text_of(inside.get("page/"))


def test_the_acknowledgement_has_its_clock(inside: Person, report: Report) -> None:
    with time_machine.travel("2026-11-24T08:00:00+00:00", tick=False):
        inside.client.cookies = _pass_for(report)
        Report.objects.update(received_at=timezone.now())
        due = timezone.now() + timedelta(hours=4)
        publish_status(report_id=report.pk, code="triage", expected_by=due, now=timezone.now())
        shown = text_of(inside.get("page/"))
        assert (
            "We have received your report on 24 November 2026. One of us reads it by 24 November 2026, 15:00." in shown
        )


def _hidden(response: HttpResponse) -> dict[str, str]:
    found = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', response.content.decode())
    return {name: value.replace("&amp;", "&") for name, value in found}


def _pass_for(report: Report) -> Any:
    response = HttpResponse()
    cookies.keep_page(response, report.pk)
    return response.cookies
