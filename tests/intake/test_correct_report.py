"""What a person says anew about the report: added or replaced, never edited; and how it reads afterwards."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from intake.actions import correct_report as module
from intake.actions.correct_report import correct_report
from intake.actions.erase_report import erase_report
from intake.actions.submit_report import ReportEntry, submit_report
from intake.actions.withdraw_report import withdraw_report
from intake.errors import InvalidInput, ReportErased, ReportTakenBack
from intake.models import BlindIndex, Correction, IntakeEvent, Report, ReportKey
from intake.queries.words import Words, answers_of, words_of

pytestmark = pytest.mark.django_db
Make = Callable[..., ReportEntry]


@pytest.fixture
def report_id(full_entry: Make, now: datetime) -> UUID:
    return submit_report(entry=full_entry(), now=now).report_id


def say(report_id: UUID, part: str, content: Any, now: datetime, key: str = "") -> Correction:
    return correct_report(report_id=report_id, part=part, content=content, submission_key=key, now=now)


def words(report_id: UUID) -> Words:
    return words_of(Report.objects.get(pk=report_id), ReportKey.of(report_id))


def test_what_is_added_stands_beside_the_story_with_its_time(report_id: UUID, now: datetime) -> None:
    say(report_id, "story", "first", now)
    say(report_id, "story", "second", now + timedelta(days=1))
    read = words(report_id)
    assert read.story == "Canary-story: üç aydır maaş yoxdur"
    assert [(one.text, one.at) for one in read.additions] == [("first", now), ("second", now + timedelta(days=1))]
    assert read.whole_story.index("Canary") < read.whole_story.index("first") < read.whole_story.index("second")


def test_the_report_itself_is_never_edited(report_id: UUID, now: datetime) -> None:
    before = Report.objects.values().get(pk=report_id)
    for part, content in (("story", None), ("identity", {"name": "B"}), ("family", "x"), ("answers", {"held": "no"})):
        say(report_id, part, content, now)
    assert Report.objects.values().get(pk=report_id) == before
    assert words(report_id).original["story"] == "Canary-story: üç aydır maaş yoxdur"


@pytest.mark.parametrize(
    ("part", "content"), [("identity", {"name": "New Name"}), ("family", "two children"), ("actor_name", "A company")]
)
def test_a_part_is_replaced_and_taken_back(report_id: UUID, now: datetime, part: str, content: Any) -> None:
    say(report_id, part, content, now)
    assert getattr(words(report_id), part) == content
    say(report_id, part, None, now + timedelta(seconds=1))
    assert not getattr(words(report_id), part)
    assert words(report_id).original[part]


def test_the_story_can_be_taken_back_with_all_that_was_added_until_then(report_id: UUID, now: datetime) -> None:
    say(report_id, "story", "added before", now)
    say(report_id, "story", None, now + timedelta(seconds=1))
    say(report_id, "story", "said instead", now + timedelta(seconds=2))
    read = words(report_id)
    assert (read.story, [one.text for one in read.additions]) == ("", ["said instead"])


def test_questions_that_are_answered_anew_leave_the_others(report_id: UUID, now: datetime) -> None:
    say(report_id, "answers", {"held": "no", "held_since": ""}, now)
    expected = {"held": "no", "need": "yes", "need_what": ["shelter", "medicine"]}
    assert words(report_id).answers == expected
    assert answers_of(Report.objects.get(), ReportKey.of(report_id)) == expected


def test_who_was_anonymous_can_say_later_who_they_are(entry: Make, now: datetime) -> None:
    report_id = submit_report(entry=entry(), now=now).report_id
    say(report_id, "identity", {"name": "Canary Name", "birth_date": "1990-01-31", "gender": "female"}, now)
    assert words(report_id).identity == {"name": "Canary Name", "birth_date": "1990-01-31", "gender": "female"}
    assert BlindIndex.objects.filter(report_id=report_id, kind="name").count() == 1
    say(report_id, "identity", None, now)
    assert not BlindIndex.objects.filter(report_id=report_id, kind="name").exists()


def test_it_is_sealed_and_handed_over_once(report_id: UUID, now: datetime) -> None:
    first = say(report_id, "story", "Canary", now, key="a")
    assert say(report_id, "story", "Canary again", now, key="a") == first
    row = Correction.objects.get()
    assert "Canary" not in repr(bytes(row.content.blob))
    assert IntakeEvent.objects.get(kind="corrected").subject == row.pk


@pytest.mark.parametrize(
    ("part", "content"),
    [
        ("must_not_see", "x"),
        ("", "x"),
        ("story", ""),
        ("story", "x" * 20_001),
        ("story", 7),
        ("family", " "),
        ("actor_name", "x" * 201),
        ("identity", {}),
        ("identity", {"name": ""}),
        ("identity", "name"),
        ("identity", {"passport": "1"}),
        ("identity", {"birth_date": "yesterday"}),
        ("answers", {}),
        ("answers", {"held": "perhaps"}),
        ("answers", {"nothing_such": "yes"}),
        ("answers", ["held"]),
        ("answers", {1: "yes"}),
    ],
)
def test_what_cannot_be_meant_is_refused(report_id: UUID, now: datetime, part: str, content: Any) -> None:
    with pytest.raises(InvalidInput):
        say(report_id, part, content, now)
    assert not Correction.objects.exists() and not IntakeEvent.objects.filter(kind="corrected").exists()


def test_there_is_an_end_to_it(report_id: UUID, now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST", 1)
    say(report_id, "story", "x", now)
    with pytest.raises(InvalidInput):
        say(report_id, "story", "y", now)


def test_to_what_was_taken_back_or_erased_nothing_is_added(report_id: UUID, now: datetime) -> None:
    withdraw_report(report_id=report_id, now=now)
    with pytest.raises(ReportTakenBack):
        say(report_id, "story", "x", now)
    erase_report(report_id=report_id, because="reporter", now=now)
    with pytest.raises(ReportErased):
        say(report_id, "story", "x", now)
