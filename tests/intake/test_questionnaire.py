"""A question definition is asked, answered and understood as it is written."""

from datetime import date
from typing import Any

import pytest
from django.utils.translation import override

from intake.questionnaire import asked, build_form, follow_ups, read_definition, still_asked

from .conftest import QUESTIONS

SIX = read_definition(QUESTIONS)
FIRST = ["held", "date_near", "harm", "child", "need", "forced"]


def keys(questions: Any) -> list[str]:
    return [question.key for question in questions]


def test_the_six_questions_are_always_asked_and_nothing_else_at_first() -> None:
    assert keys(asked(SIX, {})) == FIRST


@pytest.mark.parametrize(
    ("key", "answers", "opened"),
    [
        ("held", {"held": "yes"}, ["held_where", "held_since", "held_contact"]),
        ("held", {"held": "yes", "about": "other"}, ["held_where", "held_since", "held_contact", "contact_lost"]),
        ("held", {"held": "unknown", "about": "other"}, ["contact_lost"]),
        ("held", {"held": "no", "about": "other"}, []),
        ("held", {"held": "no", "about": "other", "subcode": "MISSING"}, ["contact_lost"]),
        ("forced", {"forced": "yes"}, ["forced_what", "no_papers", "police_expected"]),
        ("forced", {"forced": "unknown"}, []),
        ("forced", {}, []),
    ],
)
def test_a_yes_opens_its_follow_ups(key: str, answers: dict[str, Any], opened: list[str]) -> None:
    assert keys(follow_ups(SIX, key, answers)) == opened


def test_answers_to_questions_that_closed_again_are_left_out() -> None:
    answers = {"held": "no", "held_where": "police", "harm": "yes", "harm_now": "no", "stranger": 1}
    assert still_asked(SIX, answers, {"about": "me"}) == {"held": "no", "harm": "yes", "harm_now": "no"}


@pytest.mark.parametrize("language", ["az", "ru", "en"])
def test_a_form_asks_in_the_readers_language(language: str) -> None:
    form = build_form(SIX, language)()
    first = QUESTIONS["questions"][0]
    assert form.fields["held"].label == first[language]
    assert form.fields["held"].help_text == first["why"][language]
    html = str(form["held"])
    assert html.count('type="radio"') == 3 and first["options"][2][language].replace("'", "&#x27;") in html


def test_an_empty_form_is_fine_and_takes_answers_back() -> None:
    form = build_form(SIX, "az")({})
    assert form.is_valid() and set(form.answers().values()) == {None}


def test_answers_come_out_as_a_report_keeps_them() -> None:
    form = build_form(SIX, "en")({"held": "yes", "need_what": ["shelter", "medicine"], "date_on": "1.12.2026"})
    assert form.is_valid(), form.errors
    answers = {key: value for key, value in form.answers().items() if value}
    assert answers == {"held": "yes", "need_what": ["shelter", "medicine"], "date_on": "2026-12-01"}
    by_key = {question.key: question for question in SIX}
    assert all(by_key[key].accepts(value) for key, value in answers.items())


@pytest.mark.parametrize(
    "data", [{"held": "maybe"}, {"need_what": ["gold"]}, {"date_on": "soon"}, {"held": "x" * 1_000_000}]
)
def test_what_was_not_asked_for_is_refused(data: dict[str, Any]) -> None:
    assert set(build_form(SIX, "ru")(data).errors) == set(data)


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        ("24.11.2026", date(2026, 11, 24)),
        ("4/1/2026", date(2026, 1, 4)),
        (" 24 11 2026 ", date(2026, 11, 24)),
        ("2026-11-24", date(2026, 11, 24)),
        ("٢٤.١١.٢٠٢٦", date(2026, 11, 24)),
        ("24.11.26", None),
        ("31.02.2026", None),
        ("24.11", None),
        ("24.11.1899", None),
        ("24.11.9999", None),
        ("tomorrow", None),
        ("1" * 1_000_000, None),
    ],
)
def test_a_day_is_read_as_people_write_it(typed: str, day: date | None) -> None:
    form = build_form([question for question in SIX if question.key == "date_on"], "en")({"date_on": typed})
    assert (form.cleaned_data["date_on"] if form.is_valid() else None) == day


@pytest.mark.parametrize("language", ["az", "ru", "en"])
def test_how_to_write_a_day_stands_there_before_it_is_wrong(language: str) -> None:
    [asked] = [question for question in SIX if question.key == "date_on"]
    with override(language):
        shown = str(build_form([asked], language)()["date_on"].help_text)
    assert shown.endswith("24.11.2026") and len(shown) > len("24.11.2026") + 5


def test_a_kept_day_is_shown_as_people_write_it() -> None:
    form = build_form([question for question in SIX if question.key == "date_on"], "en")(
        initial={"date_on": "2026-12-01"}
    )
    assert 'value="01.12.2026"' in str(form["date_on"])


@pytest.mark.parametrize(
    "definition",
    [
        {"questions": [{"key": "a", "kind": "riddle"}]},
        {"questions": [{"key": "a", "kind": "yesno"}, {"key": "a", "kind": "yesno"}]},
        {"nothing": []},
        {"questions": [{"kind": "yesno"}]},
        {"questions": ["held"]},
    ],
)
def test_a_definition_that_cannot_be_asked_is_refused(definition: Any) -> None:
    with pytest.raises((ValueError, KeyError, TypeError)):
        read_definition(definition)
