"""What our people and partners say in the demo keeps to the words that the pages keep to; and every act is one."""

import inspect
import re
from collections.abc import Iterator
from typing import Any

from intake.vocabulary import Side
from seeds.demo.papers import PAPERS
from seeds.demo.script import ACTS
from seeds.demo.source import read
from seeds.demo.variations import varied_reports

from .test_words import forbidden

STEPS = [(row, step) for row in read("reports") for step in row.get("life", [])]
# Words of an act that the reporter reads; all others are read by caseworkers.
TO_REPORTERS = {("write", "text"), ("complaint_answered", "text"), ("progress", "next_step")}
OWN_WORDS = {"message", "complaint", "correct"}  # of people, who write as they like


def said() -> Iterator[tuple[str, str, str]]:
    """Language, register and sentence."""
    for row, step in STEPS:
        for name in {"text", "next_step", "note", "reason", "words", "summary"} & set(step):
            if step["act"] in OWN_WORDS or " " not in step[name]:
                continue
            is_theirs = (step["act"], name) in TO_REPORTERS
            yield row["language"] if is_theirs else "", "R" if is_theirs else "S", step[name]
    for occasion in ("ask", "advice", "next", "progress", "summary"):
        for language, sentences in read("phrases")[occasion].items():
            yield from ((language, "R", sentence) for sentence in sentences)


def test_nobody_of_ours_uses_a_word_that_the_pages_avoid() -> None:
    found = list(said())
    assert len(found) > 100
    for language, register, sentence in found:
        for one in [language] if language else ["az", "ru"]:
            wrong = [pattern.pattern for pattern in forbidden(one, register) if pattern.search(sentence.casefold())]
            assert not wrong, sentence


def test_the_voices_of_chance_are_there_in_every_language() -> None:
    phrases = {name: value for name, value in read("phrases").items() if name != "how"}
    for occasion, by_language in phrases.items():
        spoken = {side.lower() for side in Side.values} if occasion in {"progress", "summary"} else {"az", "ru", "en"}
        assert set(by_language) == spoken
        assert all(len(set(sentences)) == len(sentences) > 0 for sentences in by_language.values())


def test_every_step_is_an_act_with_the_words_that_it_takes() -> None:
    keys = [row["key"] for row in read("reports") if "key" in row]
    assert len(keys) == len(set(keys))
    for row, step in STEPS:
        given = {name: step[name] for name in step if name not in {"after", "act"}}
        inspect.signature(ACTS[step["act"]]).bind(None, None, **given)
        assert step["after"] > 0
        assert {step.get("other"), step.get("into")} - {None} <= set(keys), row["key"]
        assert step.get("paper", "letter") in PAPERS


def test_a_life_fits_into_the_days_since_the_report() -> None:
    """With room for an attempt that waits for a safe hour."""
    for row in read("reports"):
        hours = sum(step["after"] for step in row.get("life", []))
        assert hours <= row["days_ago"] * 24 * 0.98, row.get("key")


def test_people_write_about_every_kind_of_problem_in_both_countries() -> None:
    rows = read("reports")
    assert {row["country"] for row in rows} == {"RU", "AZ"}
    assert len({row["category"] for row in rows}) == 16
    assert {row["language"] for row in rows} == {"az", "ru", "en"}
    assert {"web", "phone", "partner"} <= {row.get("channel", "web") for row in rows}
    assert any(row["subject_unaware"] for row in rows)
    assert any(row["age_band"] in {"under_14", "14_17"} for row in rows)
    assert any(row["contact"] is None for row in rows)


def own_phones(rows: list[dict[str, Any]]) -> list[str]:
    return [row["contact"]["value"] for row in rows if row["contact"] and row["contact"]["value"].startswith("+")]


def test_only_people_who_write_again_share_a_number() -> None:
    """Else the system would suggest that strangers are one person."""
    by_hand, varied = own_phones(read("reports")), own_phones(list(varied_reports()))
    assert len(varied) == len(set(varied))
    assert not set(by_hand) & set(varied)
    again = {row["contact"]["value"] for row in read("reports") if re.match("repeat|wages", row.get("key", ""))}
    assert {number for number in by_hand if by_hand.count(number) > 1} <= again
