"""What an operator may not do to the questions, each said at the place where it is wrong."""

import copy
import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from intake.questionnaire import CORE, faults_of, read_definition
from tests.conftest import ROOT

from .conftest import QUESTIONS

CODES = {"about": ("me", "other"), "category": (), "subcode": ("MISSING",)}
CODES["category"] = tuple(
    re.findall(r"^([A-Z]{3}),", (ROOT / "seeds/data/categories.csv").read_text(encoding="utf-8"), re.M)
)
Change = Callable[[dict[str, Any], list[Any]], Any]


def faults(change: Change) -> list[str]:
    definition = copy.deepcopy(QUESTIONS)
    change({row["key"]: row for row in definition["questions"]}, definition["questions"])
    return [str(fault) for fault in faults_of(definition, codes=CODES)]


def test_the_shipped_questions_have_no_fault() -> None:
    assert faults(lambda by_key, rows: None) == []


def test_every_kind_of_problem_has_one_to_four_questions_of_its_own() -> None:
    own: dict[str, list[str]] = {code: [] for code in CODES["category"]}
    for question in read_definition(QUESTIONS):
        for way in question.shown_if:
            for code in way.get("category", ()):
                if "held" not in way:
                    own[code].append(question.key)
    assert len(own) == 16
    assert all(1 <= len(keys) <= 4 for keys in own.values()), own


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda by_key, rows: by_key["wrk_owed"].update(kind="riddle"), ["(wrk_owed)", "no kind “riddle”"]),
        (lambda by_key, rows: by_key["wrk_owed"].update(kind=["x"]), ["(wrk_owed)", "no kind"]),
        (lambda by_key, rows: by_key["wrk_owed"].pop("currencies"), ["(wrk_owed)", "“currencies”"]),
        (lambda by_key, rows: by_key["edu_school"].pop("ru"), ["(edu_school)", "the question", "“ru”"]),
        (lambda by_key, rows: by_key["edu_school"].update(az="  "), ["(edu_school)", "“az”"]),
        (lambda by_key, rows: by_key["saf_who"]["options"][0].pop("en"), ["(saf_who)", "option “partner”", "“en”"]),
        (lambda by_key, rows: by_key["saf_safe"]["other"].pop("en"), ["(saf_safe)", "“other”", "“en”"]),
        (lambda by_key, rows: by_key["saf_who"]["options"].append({"code": "family"}), ["(saf_who)", "there twice"]),
        (lambda by_key, rows: by_key["saf_who"].update(options=[]), ["(saf_who)", "options are missing"]),
        (lambda by_key, rows: by_key["held_since"].update(options=[{"code": "x"}]), ["(held_since)", "has no options"]),
        (
            lambda by_key, rows: rows.append(copy.deepcopy(by_key["oth_wish"])),
            ["Question 65 (oth_wish)", "already used"],
        ),
        (lambda by_key, rows: by_key["oth_wish"].update(key="category"), ["(category)", "already used"]),
        (lambda by_key, rows: by_key["oth_wish"].update(key="Ö!"), ["Question 64 (?)", "small Latin letters"]),
        (lambda by_key, rows: rows.append("text"), ["Question 65", "not a question"]),
        (
            lambda by_key, rows: by_key["oth_wish"].update(shown_if={"nobody": ["yes"]}),
            ["“nobody”", "no such question"],
        ),
        (lambda by_key, rows: by_key["held_where"].update(shown_if={"forced": ["yes"]}), ["“forced”", "comes later"]),
        (lambda by_key, rows: by_key["oth_wish"].update(shown_if={"oth_wish": ["x"]}), ["“oth_wish”", "itself"]),
        (lambda by_key, rows: by_key["oth_wish"].update(shown_if={"harm_now": ["yes"]}), ["not always asked itself"]),
        (
            lambda by_key, rows: by_key["oth_wish"].update(shown_if={"held": ["maybe"]}),
            ["“held” has no answer “maybe”"],
        ),
        (lambda by_key, rows: by_key["oth_wish"].update(shown_if={"category": ["ZZZ"]}), ["has no answer “ZZZ”"]),
        (lambda by_key, rows: by_key["oth_wish"].update(shown_if={"category": "OTH"}), ["needs a list"]),
        (lambda by_key, rows: by_key["oth_wish"].update(shown_if=["OTH"]), ["“shown_if” has to name"]),
        (lambda by_key, rows: by_key["oth_wish"].update(shown_if=7), ["“shown_if” has to name"]),
        (lambda by_key, rows: by_key["oth_wish"].update(limit=10**6), ["“limit” has to be"]),
        (lambda by_key, rows: by_key["oth_wish"].update(limit="12"), ["“limit” has to be"]),
        (lambda by_key, rows: by_key["oth_wish"].update(en="x" * 401), ["more than 400 characters"]),
        (lambda by_key, rows: rows.remove(by_key["need_what"]), ["“need_what” is missing", "urgent"]),
        (lambda by_key, rows: by_key["held"].update(shown_if={"about": ["me"]}), ["“held” has to be asked always"]),
        (lambda by_key, rows: by_key["forced_what"]["options"].pop(0), ["“forced_what” has to keep its option"]),
        (lambda by_key, rows: by_key["held"]["options"].pop(0), ["“held” has to keep its option “yes”"]),
        (lambda by_key, rows: by_key["date_on"].update(kind="line"), ["“date_on” has to stay of the kind “date”"]),
    ],
)
def test_what_is_wrong_is_said_where_it_is(change: Change, said: list[str]) -> None:
    found = faults(change)
    assert any(all(words in fault for words in said) for fault in found), found


@pytest.mark.parametrize(
    "definition", [None, [], {}, {"questions": {}}, {"questions": []}, "x", {"questions": [None] * 201}]
)
def test_what_is_no_set_of_questions_at_all(definition: Any) -> None:
    assert len(faults_of(definition, codes=CODES)) == 1


def test_whatever_has_no_fault_can_be_asked() -> None:
    read_definition(json.loads(json.dumps(QUESTIONS)))


def test_the_guarded_questions_are_those_that_the_urgency_rules_read() -> None:
    source = (ROOT / "cases/urgency/rules.py").read_text(encoding="utf-8").partition("# --- the rules")[2]
    read = set(re.findall(r'(?:_yes|_date|_asked)\(facts, "(\w+)"', source))
    read |= {name for pair in re.findall(r'_ticked\(facts, "(\w+)", "(\w+)"\)', source) for name in pair}
    read |= set(re.findall(r'facts\.answers\.get\("(\w+)"', source))
    assert read == set(CORE)
