"""Sending: the code before, one report however often, the code again until it is confirmed."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from intake import screening
from intake.encryption import receipt_code_key
from intake.models import Consent, ConsentText, Draft, ProblemCategory, Report, ReportKey, SafeContact
from intake.queries import forget_reference_data
from intake.references import hash_code
from intake.web import cookies

from .person import Person, text_of


def test_the_code_is_shown_before_anything_is_sent(reporting: Person) -> None:
    code = reporting.code()
    assert len(code) == 20
    assert "This code cannot be recovered. Write it down." in text_of(reporting.get("code/"))
    assert not Report.objects.exists()
    assert bytes(reporting.send().code_hash) == hash_code(code, key=receipt_code_key())


def test_who_was_not_asked_about_passing_on_is_told_what_that_means(reporting: Person) -> None:
    sentence = "So we will ask you first, on your page."
    assert sentence in text_of(reporting.get("code/"))
    reporting.answer("consent", share="any")
    assert sentence not in text_of(reporting.get("code/"))


def test_two_answers_are_a_report_with_nothing_personal(reporting: Person) -> None:
    report = reporting.send()
    assert (report.country_id, report.category_id, report.region_id, report.age_band) == ("RU", "WRK", None, "")
    assert report.story is None and report.identity is None
    assert not SafeContact.objects.exists() and not Consent.objects.exists()


def test_sent_twice_it_is_one_report_with_one_code(reporting: Person) -> None:
    code, token = reporting.code(), reporting.token("code/")
    for _again in range(3):
        response = reporting.client.post("/en/code/", {"token": token})
        assert (response.status_code, response["Location"]) == (303, "/en/sent/")
    assert Report.objects.count() == 1
    assert reporting.code("sent/") == code == reporting.code("sent/")


def test_a_lost_answer_after_sending_is_found_again_from_the_first_page(reporting: Person) -> None:
    reporting.send()
    assert 'href="/en/sent/"' in reporting.get().content.decode()
    assert reporting.get("p/1/")["Location"] == "/en/sent/"
    assert reporting.get("check/")["Location"] == "/en/sent/"
    assert "Your report has already reached us." in text_of(reporting.get("sent/"))


def test_an_answer_typed_after_sending_changes_nothing(reporting: Person) -> None:
    place, token = reporting.page_of("story"), reporting.token(reporting.page_of("story"))
    report = reporting.send()
    response = reporting.client.post(reporting.path(place), {"token": token, "story": "later"})
    assert response["Location"] == "/en/sent/"
    assert Report.objects.get(pk=report.pk).story is None


def test_everything_that_was_answered_arrives(reporting: Person) -> None:
    reporting.answer("story", story="Üç aydır maaş yoxdur\r\nKömək edin")
    reporting.answer("person", language="az", age_band="25_39", citizenship="AZ", identity_name="Əli")
    reporting.answer("contact", way="phone")
    reporting.answer(
        "contact_details", value="8 900 123-45-67", days=["0", "2"], hours_from="09:00", hours_until="18:00"
    )
    reporting.answer("consent", share="ask_first", cross_border="yes", groups=["story", "contact"])
    report = reporting.send()
    key = ReportKey.of(report.pk)
    contact = SafeContact.objects.get()
    assert report.unseal(key, "story") == "Üç aydır maaş yoxdur\nKömək edin"
    assert report.unseal(key, "identity") == {"name": "Əli"}
    assert (contact.unseal(key, "value"), contact.days) == ("+79001234567", [0, 2])
    given = {(row.question, row.data_group, row.answer) for row in Consent.objects.all()}
    assert {("share", "", "ask_first"), ("cross_border", "", "yes"), ("group", "story", "yes")} <= given


def test_without_the_two_answers_sending_leads_to_what_is_missing(person: Person) -> None:
    person.begin()
    response = person.client.get("/en/code/", follow=True)
    assert response.redirect_chain == [("/en/p/1/?problem", 303)]
    assert "Please choose one of these." in text_of(response)


def test_a_way_without_a_number_is_asked_for_before_sending(reporting: Person) -> None:
    assert reporting.answer("contact", way="sms", then="send")["Location"] == reporting.path(
        reporting.page_of("contact_details")
    )
    refused = reporting.answer("contact_details", value="")
    assert "Write the number or address, or choose that you will look here." in text_of(refused)


def test_an_answer_that_is_not_possible_any_more_is_asked_for_again(reporting: Person) -> None:
    token = reporting.token("code/")
    ProblemCategory.objects.filter(code="WRK").update(is_active=False)
    forget_reference_data()
    response = reporting.client.post("/en/code/", {"token": token}, follow=True)
    assert response.redirect_chain[0][0] == reporting.path(reporting.page_of("category")) + "?problem"
    assert "Please choose one of these." in text_of(response)
    assert not Report.objects.exists()


def test_without_the_forms_own_token_nothing_is_sent(reporting: Person) -> None:
    response = reporting.client.post("/en/code/", {"token": "wrong"})
    assert response.status_code == 403
    assert not Report.objects.exists()


def test_a_flood_of_reports_is_told_to_wait_and_keeps_its_code(
    reporting: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(screening, "REPORTS_PER_HOUR", 0)
    code = reporting.code()
    response = reporting.post("code/")
    assert response.status_code == 429 and int(response["Retry-After"]) > 0
    assert reporting.code() == code


def test_confirming_opens_the_page_and_forgets_the_code(reporting: Person) -> None:
    reporting.send()
    response = reporting.post("sent/")
    assert response["Location"] == "/en/page/"
    assert reporting.has_cookie(cookies.PAGE) and not reporting.has_cookie(cookies.DRAFT)
    assert Draft.objects.get().code is None
    assert "We have received your report." in text_of(reporting.get("page/"))


def test_half_an_hour_after_sending_the_code_is_not_shown_any_more(reporting: Person) -> None:
    code = reporting.code()
    reporting.send()
    Draft.objects.update(updated_at=timezone.now() - timedelta(minutes=31))
    response = reporting.get("sent/")
    assert "Your code is not shown any more." in text_of(response)
    assert code[:4] not in text_of(response)


def test_the_code_of_another_draft_is_not_within_reach(reporting: Person) -> None:
    reporting.send()
    assert Person(Client(), "en").get("sent/")["Location"] == "/en/?again"


@pytest.mark.parametrize("place", ["code/", "sent/"])
@pytest.mark.parametrize(
    ("typed", "said"), [("right", "That is right."), ("0", "This is not the last group."), ("", "")]
)
def test_typing_the_last_group_again_is_offered_and_never_in_the_way(
    reporting: Person, place: str, typed: str, said: str
) -> None:
    code = reporting.code()
    if place == "sent/":
        reporting.send()
    response = reporting.post(place, last=" ".join(code[-4:]) if typed == "right" else typed)
    assert response.status_code == 200 and said in text_of(response)
    assert "correct this" not in text_of(response)
    assert reporting.code(place) == code  # and everything goes on
    assert Report.objects.count() == (place == "sent/")
    if place == "code/":
        reporting.send()
    assert reporting.post("sent/")["Location"] == "/en/page/"


@pytest.mark.parametrize("typed", ["9" * 1_000, "\x00\u202e", "'; --", "<b>x</b>", "👩", "１２３４"])
def test_anything_typed_for_the_last_group_is_only_compared(reporting: Person, typed: str) -> None:
    reporting.code()
    response = reporting.post("code/", last=typed)
    assert response.status_code == 200 and typed not in response.content.decode()
    assert not Report.objects.exists()


def test_after_sending_the_page_says_what_can_be_added(reporting: Person) -> None:
    reporting.send()
    shown = text_of(reporting.get("sent/"))
    assert "What you can add on your page" in shown and "Photos, documents, a voice recording" in shown


def test_consent_keeps_the_words_in_which_it_was_answered_not_those_of_the_sending(reporting: Person) -> None:
    first = ConsentText.objects.get()
    reporting.answer("consent", share="any", groups=["story"])
    ConsentText.objects.create(version=first.version + 1, definition=first.definition)
    forget_reference_data()
    reporting.language = "ru"
    reporting.answer("story", story="Потом")
    report = reporting.send()
    rows = Consent.objects.filter(report=report)
    assert report.language_id == "ru" and rows.count() == 2
    assert set(rows.values_list("text_version", "language")) == {(first.version, "en")}
