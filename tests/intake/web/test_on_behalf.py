"""Writing about somebody else: that person's own contact and consent, the form's words, and what must not be asked."""

from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from intake.actions.correct_report import correct_report
from intake.actions.drafts import open_draft
from intake.models import Consent, Report, ReportKey, SafeContact
from intake.queries.everything import everything_of
from intake.vocabulary import Voice
from intake.web import steps
from intake.web.copy_words import copy_words

from .person import Person, text_of

OWN = ("subject_contact", "subject_consent")


def asked(person: Person) -> list[str]:
    draft = open_draft(secret=person.draft_cookie, now=timezone.now()).answers
    return [step.name for _number, step in steps.asked_steps(draft)]


@pytest.mark.parametrize(("about", "is_asked"), [("me", False), ("other", True), ("other_unaware", False), ("", False)])
def test_only_somebody_who_knows_of_it_has_a_contact_and_consent_of_their_own(
    reporting: Person, about: str, is_asked: bool
) -> None:
    reporting.answer("about", about=about)
    assert [name in asked(reporting) for name in OWN] == [is_asked, is_asked]


def test_both_contacts_and_both_consents_arrive_apart(reporting: Person) -> None:
    reporting.answer("about", about="other")
    reporting.answer("contact", way="email")
    reporting.answer("contact_details", value="me@example.org")
    reporting.answer("subject_contact", way="phone")
    reporting.answer("subject_contact_details", value="8 900 123-45-67", safe_word="bənövşə")
    reporting.answer("consent", share="any", groups=["story", "contact"])
    reporting.answer("subject_consent", share="ask_first", groups=["story"])
    report = reporting.send()
    key = ReportKey.of(report.pk)
    contacts = {row.voice: row.unseal(key, "value") for row in SafeContact.objects.all()}
    assert contacts == {"reporter": "me@example.org", "affected_person": "+79001234567"}
    given = {(row.voice, row.question, row.answer) for row in Consent.objects.exclude(question="group")}
    assert given == {("reporter", "share", "any"), ("affected_person", "share", "ask_first")}
    assert Consent.objects.filter(question="group", voice=Voice.AFFECTED_PERSON).count() == 1


def test_only_through_me_is_kept_as_never_contact(reporting: Person) -> None:
    reporting.answer("about", about="other")
    reporting.answer("subject_contact", way="mailbox")
    reporting.send()
    row = SafeContact.objects.get()
    assert row.voice == Voice.AFFECTED_PERSON and row.never_contact and row.value is None


def test_what_was_said_of_a_person_is_dropped_when_the_person_turns_out_not_to_know(reporting: Person) -> None:
    reporting.answer("about", about="other")
    reporting.answer("subject_contact", way="phone")
    reporting.answer("subject_contact_details", value="8 900 123-45-67")
    reporting.answer("subject_consent", share="any", groups=["story"])
    reporting.answer("about", about="other_unaware")
    report = reporting.send()
    assert report.subject_unaware
    assert not SafeContact.objects.exists() and not Consent.objects.exists()


def test_a_wrong_number_of_the_person_is_named_on_its_own_page(reporting: Person) -> None:
    reporting.answer("about", about="other")
    reporting.answer("subject_contact", way="phone")
    response = reporting.answer("subject_contact_details", value="12")
    assert response.status_code == 422 and "This is not a telephone number." in text_of(response)
    assert not Report.objects.exists()


@pytest.mark.parametrize(
    ("step", "words"),
    [
        ("country", "Which country is this person in now?"),
        ("category", "What happened to this person?"),
        ("held", "Is this person being held anywhere now"),
        ("harm", "Is anyone hurting or threatening this person?"),
        ("need", "does this person need a doctor"),
        ("forced", "Has anyone taken this person's papers"),
        ("person", "How old is this person?"),
        ("subject_contact", "How can we reach this person safely?"),
    ],
)
def test_the_words_of_the_pages_are_about_this_person(reporting: Person, step: str, words: str) -> None:
    reporting.answer("about", about="other")
    assert words in text_of(reporting.get(reporting.page_of(step)))
    reporting.answer("about", about="me")
    assert words not in text_of(reporting.client.get(reporting.path(reporting.page_of(step)), follow=True))


OWN_WORDS = ("Who you are", "What is your name?", "When were you born?", "Are you a woman", "Your family")


@pytest.mark.parametrize(
    ("place", "words"),
    [
        ("page/add/", "About the person"),
        ("page/add/", "This person's family"),
        ("page/add/2/", "What is this person's name?"),
        ("page/add/2/", "When was this person born?"),
        ("page/add/3/", "This person's family"),
    ],
)
@pytest.mark.parametrize("about", ["other", "me"])
def test_on_the_page_too_nobody_is_asked_for_their_own_name_in_the_place_of_the_persons(
    reporting: Person, place: str, words: str, about: str
) -> None:
    """What is written there is shown to organisations as who the person concerned is."""
    reporting.answer("about", about=about)
    reporting.send()
    reporting.post("sent/")
    page = text_of(reporting.get(place))
    assert (words in page) is (about == "other")
    assert any(own in page for own in OWN_WORDS) is (about == "me")


def test_the_archive_speaks_of_the_person_concerned(reporting: Person) -> None:
    reporting.answer("about", about="other")
    report = reporting.send()
    content = {"name": "Canary", "birth_date": "1990-01-01", "gender": "female"}
    now = timezone.now()
    correct_report(report_id=report.pk, part="identity", content=content, submission_key="", now=now)
    correct_report(report_id=report.pk, part="family", content="Canary", submission_key="", now=now)
    text = copy_words(everything_of(report.pk), "en", ZoneInfo("UTC"), now=now).as_text()
    assert "What is this person's name?: Canary" in text and "This person's family: Canary" in text
    assert not any(own in text for own in OWN_WORDS)
