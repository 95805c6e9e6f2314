"""The pages of the form: order, what is kept, what is asked next. Bad input: test_bad_input.py."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from intake.actions.drafts import open_draft
from intake.models import Body, Draft
from intake.web import steps

from .person import Person, text_of


def kept(person: Person) -> dict:
    return dict(open_draft(secret=person.draft_cookie, now=timezone.now()).answers)


def test_a_page_without_a_draft_leads_to_the_first_page_with_a_sentence(person: Person) -> None:
    response = person.client.get("/en/p/7/", follow=True)
    assert response.redirect_chain == [("/en/?again", 303)]
    assert "Your answers are not here any more. Please begin again." in text_of(response)


@pytest.mark.parametrize("place", ["p/1/", "check/", "code/", "sent/"])
def test_a_draft_out_of_time_is_a_clear_page(reporting: Person, place: str) -> None:
    Draft.objects.update(expires_at=timezone.now() - timedelta(minutes=1))
    response = reporting.get(place)
    assert response.status_code == 410
    assert "Your answers were kept for 24 hours and are now deleted." in text_of(response)
    assert not reporting.has_cookie("korpu_draft")


def test_a_cookie_that_was_never_given_out_is_like_one_out_of_time(person: Person) -> None:
    person.client.cookies["korpu_draft"] = "x" * 5000
    assert person.get("p/1/").status_code == 410


@pytest.mark.parametrize("number", [0, 99, 10**30])
def test_a_page_that_does_not_exist_is_not_found(reporting: Person, number: int) -> None:
    assert reporting.get(f"p/{number}/").status_code == 404


def test_a_page_that_is_not_asked_leads_to_the_next_one(reporting: Person) -> None:
    response = reporting.get(reporting.page_of("held_more"))
    assert response["Location"] == reporting.path(reporting.page_of("harm"))


def test_pages_come_in_the_order_by_danger(person: Person) -> None:
    names = [step.name for step in steps.all_steps()]
    wanted = ["country", "about", "held", "harm", "category", "date_near", "story", "exclude", "contact", "consent"]
    assert [name for name in names if name in wanted] == wanted


def test_only_country_and_kind_have_to_be_answered(person: Person) -> None:
    person.begin()
    person.answer("country", country="AZ")
    person.answer("category", category="OTH")
    refused = [step.name for _, step in steps.asked_steps(kept(person)) if person.answer(step.name).status_code != 303]
    assert refused == ["country", "category"]


def test_sending_now_is_offered_on_every_page_from_the_second_answer_on(person: Person) -> None:
    person.begin()
    assert 'value="send"' not in person.get("p/1/").content.decode()
    person.answer("country", country="AZ")
    for number, step in steps.asked_steps(kept(person)):
        assert 'value="send"' in person.get(f"p/{number}/").content.decode(), step.name


def test_send_now_asks_for_the_one_answer_that_is_missing_and_then_sends(person: Person) -> None:
    person.begin()
    person.answer("country", country="AZ")
    response = person.answer("held", held="yes", then="send")
    assert response["Location"] == person.path(person.page_of("category")) + "?then=send"
    shown = person.client.get(response["Location"])
    assert "Only this answer is still needed." in text_of(shown)
    assert "Send now" not in text_of(shown)
    refused = person.answer("category", then="send", sending="send")
    assert refused.status_code == 422 and 'name="then" value="send"' in refused.content.decode()
    assert person.answer("category", category="OTH", then="send")["Location"] == "/en/code/"
    assert kept(person)["questions"] == {"held": "yes"}


def test_send_now_keeps_what_stands_on_the_page_and_goes_to_the_code(reporting: Person) -> None:
    response = reporting.answer("story", story="Nobody pays me", then="send")
    assert response["Location"] == "/en/code/"
    assert kept(reporting)["story"] == {"story": "Nobody pays me"}


def test_a_yes_opens_its_follow_up_on_the_next_page(reporting: Person) -> None:
    response = reporting.answer("held", held="yes")
    assert response["Location"] == reporting.path(reporting.page_of("held_more"))
    assert reporting.answer("harm", harm="no")["Location"] == reporting.path(reporting.page_of("category"))


def test_a_yes_taken_back_takes_its_follow_ups_back(reporting: Person) -> None:
    reporting.answer("held", held="yes")
    reporting.answer("held_more", held_where="centre", held_since="20.11.2026")
    assert kept(reporting)["questions"]["held_since"] == "2026-11-20"
    reporting.answer("held", held="no")
    assert kept(reporting)["questions"] == {"held": "no"}


def test_somebody_who_has_disappeared_is_asked_about_once(reporting: Person) -> None:
    lost = "Has contact with this person been lost?"
    reporting.answer("about", about="other")
    reporting.answer("category", category="DET")
    response = reporting.answer("subcode", subcode="MISSING")
    assert response["Location"] == reporting.path(reporting.page_of("by_kind"))
    assert lost in text_of(reporting.get(reporting.page_of("by_kind")))
    reporting.answer("held", held="yes")
    assert lost not in text_of(reporting.get(reporting.page_of("by_kind")))
    assert lost in text_of(reporting.get(reporting.page_of("held_more")))


def test_where_and_since_when_is_asked_once_wherever_it_comes_up(reporting: Person) -> None:
    since = "Since which day?"
    reporting.answer("category", category="DET")
    assert since in text_of(reporting.get(reporting.page_of("by_kind")))
    reporting.answer("held", held="yes")
    assert since not in text_of(reporting.get(reporting.page_of("by_kind")))
    assert since in text_of(reporting.get(reporting.page_of("held_more")))
    reporting.answer("held", held="no")
    assert since not in text_of(reporting.get(reporting.page_of("by_kind")))


def test_that_the_person_does_not_know_is_kept_as_its_own_answer(reporting: Person) -> None:
    reporting.answer("about", about="other_unaware")
    assert kept(reporting)["about"] == {"about": "other", "subject_unaware": True}
    page = reporting.get(reporting.page_of("about")).content.decode()
    assert re.search(r'value="other_unaware"[^>]* checked>', page)


def test_another_country_does_not_keep_the_old_region(reporting: Person) -> None:
    reporting.answer("region", region="RU-MOW")
    reporting.answer("country", country="AZ")
    assert kept(reporting)["where"] == {"country": "AZ", "region": ""}


def test_a_wrong_answer_is_named_at_the_top_and_everything_typed_stays(reporting: Person) -> None:
    reporting.answer("contact", way="phone")
    response = reporting.answer("contact_details", value="12", safe_word="bənövşə")
    page = response.content.decode()
    assert response.status_code == 422
    assert 'href="#id_value"' in page and "This is not a telephone number." in page
    assert 'value="12"' in page and 'value="bənövşə"' in page
    assert "<title>Please correct this" in page


def test_a_radio_question_is_linked_to_its_first_choice(reporting: Person) -> None:
    page = reporting.answer("country", country="XX").content.decode()
    assert 'href="#id_country_0"' in page and 'id="id_country_0"' in page


def test_a_form_from_an_older_draft_keeps_nothing_and_loses_nothing(reporting: Person) -> None:
    response = reporting.client.post(
        reporting.path(reporting.page_of("story")), {"token": "0" * 64, "story": "What I typed"}
    )
    assert response.status_code == 403
    assert "What I typed" in response.content.decode()
    assert "story" not in kept(reporting)


def test_another_language_keeps_the_place_and_the_answers(reporting: Person) -> None:
    place = reporting.page_of("country")
    assert f'href="/ru/{place}"' in reporting.get(place).content.decode()
    in_russian = Person(reporting.client, "ru").get(place).content.decode()
    assert "В какой стране вы сейчас?" in in_russian and 'value="RU"' in in_russian and "checked" in in_russian


def test_a_change_from_the_list_of_answers_leads_back_to_it(reporting: Person) -> None:
    place = reporting.page_of("held")
    assert reporting.post(place, held="no", **{"from": "check"})["Location"] == "/en/check/"
    opened = reporting.post(place, held="yes", **{"from": "check"})["Location"]
    assert opened == reporting.path(reporting.page_of("held_more")) + "?from=check"


def test_the_list_of_answers_says_what_was_chosen_in_words(reporting: Person) -> None:
    reporting.answer("held", held="yes")
    reporting.answer("held_more", held_since="20.11.2026")
    reporting.answer("story", story="<b>bold</b>")
    shown = text_of(reporting.get("check/"))
    assert "Russia" in shown and "Not paid, or trouble at work" in shown and "20 November 2026" in shown
    assert "<b>bold</b>" in shown  # as text
    assert "<b>bold</b>" not in reporting.get("check/").content.decode()


def test_bodies_can_be_chosen_and_kept_from_seeing_it(reporting: Person) -> None:
    near = Body.objects.create(kind="consulate", country_id="RU", labels={"en": "A consulate"})
    Body.objects.create(kind="consulate", country_id="AZ", labels={"en": "Far away"})
    assert "Far away" not in text_of(reporting.get(reporting.page_of("exclude")))
    reporting.answer("exclude", must_not_see=[str(near.pk)])
    assert kept(reporting)["exclude"]["must_not_see"] == [str(near.pk)]
    assert "A consulate" in text_of(reporting.get("check/"))


def test_neutral_mail_is_shown_word_by_word_before_anybody_opts_in(reporting: Person) -> None:
    reporting.answer("contact", way="email")
    shown = text_of(reporting.get(reporting.page_of("contact_details")))
    assert "no-reply@info.example.org" in shown and "“You have a new message.”" in shown
    reporting.answer("contact_details", value="a@example.org")
    assert kept(reporting)["contact"]["notify"] is False


def test_nothing_is_ticked_beforehand(reporting: Person) -> None:
    asked = [name for name in ("about", "held", "category", "handler", "contact", "consent") if name != "category"]
    assert not [name for name in asked if "checked" in reporting.get(reporting.page_of(name)).content.decode()]


def test_a_page_of_the_form_asks_the_database_at_most_twice(reporting: Person) -> None:
    for number, step in steps.asked_steps(kept(reporting)):
        with CaptureQueriesContext(connection) as asked:
            reporting.get(f"p/{number}/")
        assert len(asked) <= 2, step.name


@pytest.mark.parametrize("place", ["p/1/", "code/", "page/", ""])
def test_a_huge_body_or_too_many_fields_get_a_plain_page(reporting: Person, place: str) -> None:
    for body in ("story=" + "a" * (7 * 1024 * 1024), "&".join(f"f{n}=1" for n in range(1000))):
        response = reporting.client.post(reporting.path(place), body, content_type="application/x-www-form-urlencoded")
        assert response.status_code == 400
        assert b"<h1>" in response.content


def test_another_draft_is_not_within_reach(reporting: Person) -> None:
    stranger = Person(Client(), "en")
    stranger.begin()
    assert "Not paid" not in text_of(stranger.get("check/", follow=True))
    assert stranger.get("code/").status_code == 303
