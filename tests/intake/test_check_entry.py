"""What cannot be stored is refused by name of the field; nothing is cut off, nothing is guessed."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import uuid4

import pytest

from intake.actions.check_entry import STORY, check_entry
from intake.actions.submit_report import ConsentEntry, ContactEntry, ReportEntry
from intake.errors import InvalidInput
from intake.models import Body, Country, ProblemCategory, QuestionSet
from intake.queries import forget_reference_data, reference_data

pytestmark = pytest.mark.django_db
Make = Callable[..., ReportEntry]


def wrong_fields(entry: ReportEntry, now: datetime) -> set[str]:
    with pytest.raises(InvalidInput) as refused:
        check_entry(entry, today=now.date())
    return set(refused.value.fields)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("country", "TR"),  # nobody is taken care of there
        ("country", ""),
        ("country", None),
        ("country", ["RU"]),
        ("region", "AZ-BA"),  # not in this country
        ("region", "RU-XXX"),
        ("region", {"a": 1}),
        ("category", "XXX"),
        ("category", 7),
        ("subcode", "POLICE"),  # of another category
        ("subcode", ["UNPAID"]),
        ("language", "xx"),
        ("citizenship", "QQ"),
        ("citizenship", []),
        ("channel", "pigeon"),
        ("source_ref", "not-a-uuid"),
        ("about", ""),
        ("subject_unaware", "no"),
        ("age_band", "30"),
        ("handler", "TR"),
        ("actor_kind", "devil"),
        ("story", 12),
        ("story", ["text"]),
        ("identity", {"name": "A", "passport": "1"}),
        ("identity", "A"),
        ("must_not_see", ["x"]),
        ("must_not_see", (uuid4(),)),
        ("code", "123"),
        ("consent", {"share": "any"}),
        ("contact", {"method": "phone"}),
        ("answers", [1]),
        ("answers", {"unknown_key": "yes"}),
        ("answers", {"held": "perhaps"}),
        ("answers", {"held": ["yes"]}),
        ("answers", {"held": True}),
        ("answers", {"need_what": "shelter"}),
        ("answers", {"need_what": [["shelter"]]}),
        ("answers", {"held_since": "yesterday"}),
        ("answers", {"held_since": "20261120"}),
        ("answers", {"held_since": "2026-02-30"}),
    ],
)
def test_a_wrong_value_is_refused_by_its_field(entry: Make, now: datetime, field: str, value: Any) -> None:
    assert wrong_fields(entry(**{field: value}), now) == {field}


@pytest.mark.parametrize("day", ["1899-12-31", "2047-01-01"])
def test_a_day_that_cannot_be_meant_is_refused(entry: Make, now: datetime, day: str) -> None:
    assert wrong_fields(entry(answers={"date_on": day}), now) == {"answers.date_on"}


@pytest.mark.parametrize("day", ["1900-01-01", "2046-12-31"])
def test_a_possible_day_is_kept(entry: Make, now: datetime, day: str) -> None:
    assert check_entry(entry(answers={"date_on": day}), today=now.date()).answers == {"date_on": day}


def test_everything_wrong_is_said_at_once(entry: Make, now: datetime) -> None:
    assert wrong_fields(entry(country="", category="", story="x" * 20_001), now) == {"country", "category", "story"}


def test_a_long_story_is_kept_whole_or_refused_never_cut(entry: Make, now: datetime) -> None:
    assert len(check_entry(entry(story="ə" * STORY), today=now.date()).story) == STORY
    assert wrong_fields(entry(story="ə" * (STORY + 1)), now) == {"story"}
    assert wrong_fields(entry(story="x" * 1_000_000), now) == {"story"}


@pytest.mark.parametrize("field", ["actor_name", "must_not_see_text", "family"])
def test_a_megabyte_is_refused_in_every_text(entry: Make, now: datetime, field: str) -> None:
    assert wrong_fields(entry(**{field: "x" * 1_000_000}), now) == {field}


def test_a_birth_date_lies_in_the_past(entry: Make, now: datetime) -> None:
    assert wrong_fields(entry(identity={"birth_date": "2026-11-26"}), now) == {"identity.birth_date"}
    assert wrong_fields(entry(identity={"birth_date": "soon"}), now) == {"identity.birth_date"}
    clean = check_entry(entry(identity={"name": " ", "birth_date": "1990-05-01"}), today=now.date())
    assert clean.identity == {"birth_date": "1990-05-01"}


def test_empty_answers_are_no_answers(entry: Make, now: datetime) -> None:
    clean = check_entry(entry(answers={"held": "", "need_what": [], "date_on": None}), today=now.date())
    assert clean.answers == {}


@pytest.mark.parametrize(
    ("consent", "field"),
    [
        (ConsentEntry(share="maybe"), "consent.share"),
        (ConsentEntry(cross_border="any"), "consent.cross_border"),
        (ConsentEntry(groups=frozenset({"everything"})), "consent.groups"),
        (ConsentEntry(how="telepathy"), "consent.how"),
        (ConsentEntry(text_version=-1), "consent.text_version"),
        (ConsentEntry(language="xx"), "consent.language"),
    ],
)
def test_consent_is_never_guessed(entry: Make, now: datetime, consent: ConsentEntry, field: str) -> None:
    assert wrong_fields(entry(consent=consent), now) == {field}


PHONE = ContactEntry(method="phone", value="+994 50 123 45 67")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"value": "112"}, "contact.value"),
        ({"value": "+7 900"}, "contact.value"),
        ({"value": "call me"}, "contact.value"),
        ({"value": "9" * 10_000}, "contact.value"),
        ({"value": 79000000011}, "contact.value"),
        ({"value": ""}, "contact.value"),
        ({"method": "email", "value": "a@b"}, "contact.value"),
        ({"method": "email", "value": "a@b.org\nBcc: c@d.org"}, "contact.value"),
        ({"method": "pigeon"}, "contact.method"),
        ({"method": ""}, "contact.method"),
        ({"days": (7,)}, "contact.days"),
        ({"days": ("1",)}, "contact.days"),
        ({"days": (True,)}, "contact.days"),
        ({"days": 3}, "contact.days"),
        ({"hours_from": "25:00", "hours_until": "08:00"}, "contact.hours_from"),
        ({"hours_from": "8 am", "hours_until": "09:00"}, "contact.hours_from"),
        ({"hours_from": "18+02", "hours_until": "09:00"}, "contact.hours_from"),
        ({"hours_from": 8, "hours_until": "09:00"}, "contact.hours_from"),
        ({"hours_from": "08:00"}, "contact.hours_until"),
        ({"hours_until": "08:00"}, "contact.hours_from"),
        ({"hours_from": "08:00", "hours_until": "08:00"}, "contact.hours_until"),
        ({"timezone": "Mars/Olympus"}, "contact.timezone"),
        ({"timezone": "../../etc/passwd"}, "contact.timezone"),
        ({"timezone": ["UTC"]}, "contact.timezone"),
        ({"device_shared": "maybe"}, "contact.device_shared"),
        ({"never_contact": "false"}, "contact.never_contact"),
        ({"may_leave_message": 1}, "contact.may_leave_message"),
        ({"notify": None}, "contact.notify"),
        ({"cover_name": "x" * 201}, "contact.cover_name"),
        ({"valid_until": "some day"}, "contact.valid_until"),
        ({"valid_until": "3000-01-01"}, "contact.valid_until"),
    ],
)
def test_a_contact_that_could_harm_is_refused(entry: Make, now: datetime, changes: dict[str, Any], field: str) -> None:
    assert wrong_fields(entry(contact=replace(PHONE, **changes)), now) == {field}


@pytest.mark.parametrize(
    ("country", "typed", "kept"),
    [("RU", "8 (900) 000-00-11", "+79000000011"), ("AZ", "050 123 45 67", "+994501234567")],
)
def test_a_number_is_read_as_in_the_country_of_stay(
    entry: Make, now: datetime, country: str, typed: str, kept: str
) -> None:
    clean = check_entry(entry(country=country, contact=replace(PHONE, value=typed)), today=now.date())
    assert clean.contact is not None and clean.contact.value == kept


@pytest.mark.parametrize(
    ("region", "zone", "kept"),
    [("RU-KAM", "", "Asia/Kamchatka"), (None, "", "Europe/Moscow"), ("RU-KAM", "Asia/Baku", "Asia/Baku")],
)
def test_safe_hours_are_in_the_persons_zone(entry: Make, now: datetime, region: str, zone: str, kept: str) -> None:
    clean = check_entry(entry(region=region, contact=replace(PHONE, timezone=zone)), today=now.date())
    assert clean.contact is not None and clean.contact.timezone == kept


def test_never_contact_needs_no_number_and_silences_messages(entry: Make, now: datetime) -> None:
    clean = check_entry(entry(contact=ContactEntry(never_contact=True, notify=True)), today=now.date())
    assert clean.contact is not None and clean.contact.never_contact and not clean.contact.notify


def test_an_empty_contact_is_none(entry: Make, now: datetime) -> None:
    assert check_entry(entry(contact=ContactEntry()), today=now.date()).contact is None


def test_a_body_that_was_added_a_moment_ago_can_be_named(entry: Make, now: datetime) -> None:
    reference_data()
    late = Body.objects.create(kind="employer")
    assert check_entry(entry(must_not_see=(late.pk, late.pk)), today=now.date()).must_not_see == (late.pk,)


def test_reference_data_is_asked_for_once(
    entry: Make, now: datetime, django_assert_num_queries: Callable[[int], Any]
) -> None:
    check_entry(entry(), today=now.date())
    with django_assert_num_queries(0):
        check_entry(entry(region="RU-MOW", citizenship="XX"), today=now.date())


def test_a_category_added_since_is_found_and_wrong_codes_cannot_make_us_read_all_the_time(
    entry: Make, now: datetime, django_assert_max_num_queries: Callable[[int], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    reference_data()
    ProblemCategory.objects.create(code="NEW", default_urgency=4)
    monkeypatch.setattr("intake.queries.reference.RELOAD_PAUSE", -1.0)
    assert check_entry(entry(category="NEW"), today=now.date()).category == "NEW"
    monkeypatch.undo()
    with django_assert_max_num_queries(0):
        for _ in range(5):
            wrong_fields(entry(category="NOT"), now)


def test_a_broken_question_set_does_not_stop_reports(entry: Make, now: datetime) -> None:
    QuestionSet.objects.create(version=2, definition={"questions": [{"key": "x", "kind": "riddle"}]})
    assert check_entry(entry(answers={"held": "no"}), today=now.date()).answers == {"held": "no"}
    assert reference_data().questions_version == 1


def test_an_empty_site_is_not_remembered(db: None) -> None:
    assert not reference_data().countries
    Country.objects.create(code="RU", is_stay=True)
    ProblemCategory.objects.create(code="WRK", default_urgency=3)
    assert "RU" in reference_data().countries
    forget_reference_data()
