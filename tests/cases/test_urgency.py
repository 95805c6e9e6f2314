"""The rules of domain.md §3, as shipped in seeds, against a table that a lawyer can read, and against nonsense."""

import csv
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.urgency import CHECKS, Facts, Firing, Rule, assess

ROOT = Path(__file__).resolve().parents[2]
LISTS = ("need_what", "forced_what")
YES_NO = ["held", "held_contact", "date_near", "harm", "harm_now", "harm_reprisal", "child", "child_alone", "need"]
YES_NO += ["forced", "no_papers", "police_expected", "contact_lost"]
TICKS = {
    "need_what": ["emergency", "late_pregnancy", "medicine", "self_harm", "shelter"],
    "forced_what": ["papers_taken", "cannot_leave", "threats", "debt", "withheld_pay", "sexual", "sign_military"],
}


def shipped_rules() -> list[Rule]:
    data = json.loads((ROOT / "seeds/data/urgency_rules.json").read_text(encoding="utf-8"))
    return [Rule(r["code"], r["version"], r["level"], r["step_up"], r.get("levels")) for r in data]


def table() -> list[dict[str, str]]:
    with (Path(__file__).parent / "tables/urgency.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def answers(text: str) -> dict[str, object]:
    pairs = dict(pair.split("=", 1) for pair in text.split())
    return {key: value.split("+") if key in LISTS else value for key, value in pairs.items()}


def facts(**changes: object) -> Facts:
    ordinary = Facts("OTH", "INFO", 4, None, {}, "25_39", date(2026, 6, 15))
    return replace(ordinary, **changes)  # type: ignore[arg-type]


RULES = shipped_rules()
TABLE = table()


@pytest.mark.parametrize("row", TABLE, ids=[row["what_it_shows"] for row in TABLE])
def test_the_table(row: dict[str, str]) -> None:
    case = Facts(
        category=row["category"],
        subcode=row["subcode"],
        category_level=int(row["category_level"]),
        subcode_level=int(row["subcode_level"]) if row["subcode_level"] else None,
        answers=answers(row["answers"]),
        age_band=row["age_band"] or None,
        today=date.fromisoformat(row["today"]),
        earlier_reports_30d=int(row["earlier_reports"]),
        clocks_missed=int(row["clocks_missed"]),
    )
    result = assess(case, RULES)
    assert result.level == int(row["expected_level"])
    assert {firing.code for firing in result.firings} == set(row["expected_rules"].split())


def test_the_table_is_large_enough_and_fires_every_rule() -> None:
    assert len(TABLE) >= 60
    assert {code for row in TABLE for code in row["expected_rules"].split()} == set(CHECKS)


def test_the_shipped_rules_are_the_thirteen_that_have_a_check() -> None:
    assert {rule.code for rule in RULES} == set(CHECKS)
    assert len(RULES) == len(CHECKS) == 13


def test_a_rule_that_is_not_given_does_not_fire() -> None:
    held = facts(answers={"held": "yes"})
    assert assess(held, [rule for rule in RULES if rule.code != "detained_now"]).level == 4
    assert assess(held, []).firings == ()


def test_a_rule_nobody_wrote_a_check_for_does_not_fire() -> None:
    assert assess(facts(answers={"held": "yes"}), [Rule("horoscope", 1, level=1)]).level == 4


def test_a_firing_names_the_version_and_the_level_that_counted() -> None:
    soon = facts(answers=answers("date_near=yes date_kind=removal date_on=2026-06-25 child=yes"))
    result = assess(soon, [replace(rule, version=7) for rule in RULES])
    assert result.firings == (Firing("removal_soon", 7, 2, False), Firing("minor", 7, None, True))
    assert (result.level, result.default_level) == (1, 4)


def test_the_same_facts_give_the_same_reasons_in_any_order_of_the_rules() -> None:
    busy = facts(answers=answers("held=yes child=yes harm=yes harm_reprisal=yes need=yes need_what=shelter"))
    assert assess(busy, RULES) == assess(busy, RULES[::-1])


def test_thresholds_are_data() -> None:
    rule = Rule("removal_soon", 2, levels=[{"level": 1, "within_days": 5}])
    near = facts(answers=answers("date_near=yes date_kind=removal date_on=2026-06-20"))
    assert assess(near, [rule]).level == 1
    assert assess(near, [replace(rule, levels=[{"level": 1, "within_days": 4}])]).level == 4


@pytest.mark.parametrize(
    "levels",
    [[], [7], ["x"], [{}], [{"level": "1"}], [{"level": 0}], [{"level": 9}], [{"level": True}], [{"within_days": "3"}]],
)
@pytest.mark.parametrize("code", sorted(CHECKS))
def test_a_rule_with_nonsense_for_levels_never_raises_an_error_and_never_lowers(
    code: str, levels: list[object]
) -> None:
    everything = facts(answers=answers(TABLE[-1]["answers"]), earlier_reports_30d=9, clocks_missed=9)
    assert 1 <= assess(everything, [Rule(code, 1, levels=levels)]).level <= 4  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "rule", [Rule("detained_now", 1), *(Rule("detained_now", 1, levels=[{"level": n}]) for n in (0, 5, True))]
)
def test_a_rule_without_a_level_that_exists_and_without_a_step_does_not_fire(rule: Rule) -> None:
    assert assess(facts(answers={"held": "yes"}), [rule]).firings == ()


yes_no = st.dictionaries(st.sampled_from(YES_NO), st.sampled_from(["yes", "no", "unknown"]))
ticked = st.fixed_dictionaries(
    {}, optional={key: st.lists(st.sampled_from(values), max_size=4) for key, values in TICKS.items()}
)
dated = st.fixed_dictionaries(
    {},
    optional={
        "date_kind": st.sampled_from(["removal", "court", "appeal", "permit"]),
        "date_on": st.dates(date(2026, 5, 1), date(2026, 8, 1)).map(date.isoformat),
        "held_since": st.dates(date(2026, 6, 1), date(2026, 6, 20)).map(date.isoformat),
    },
)
reports = st.builds(
    lambda flags, ticks, dates, category, band: facts(
        answers={**flags, **ticks, **dates}, category=category, age_band=band
    ),
    yes_no,
    ticked,
    dated,
    st.sampled_from(["OTH", "WRK", "EXP", "HOU"]),
    st.sampled_from([None, "under_14", "14_17", "18_24"]),
)


# To have seen a lawyer is the one yes that reassures.
@given(reports, st.sampled_from([key for key in YES_NO if key != "held_contact"]))
def test_one_more_yes_never_makes_a_case_less_urgent(report: Facts, question: str) -> None:
    more = replace(report, answers={**report.answers, question: "yes"})
    assert assess(more, RULES).level <= assess(report, RULES).level


@given(reports, st.sampled_from([(key, tick) for key, ticks in TICKS.items() for tick in ticks]))
def test_one_more_tick_never_makes_a_case_less_urgent(report: Facts, tick: tuple[str, str]) -> None:
    before = report.answers.get(tick[0], [])
    assert isinstance(before, list)
    more = replace(report, answers={**report.answers, tick[0]: [*before, tick[1]]})
    assert assess(more, RULES).level <= assess(report, RULES).level


@given(reports, st.integers(1, 4))
def test_machines_only_raise(report: Facts, default: int) -> None:
    result = assess(replace(report, category_level=default), RULES)
    assert 1 <= result.level <= default == result.default_level


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12) | st.just("yes"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
KEYS = [*YES_NO, *TICKS, "date_kind", "date_on", "held_since", "held_where"]


@given(st.dictionaries(st.sampled_from(KEYS) | st.text(max_size=5), json_values), json_values)
def test_malformed_answers_never_raise_an_error(nonsense: Mapping[str, object], band: object) -> None:
    band = band if isinstance(band, str) else None
    assert 1 <= assess(facts(answers=nonsense, age_band=band), RULES).level <= 4


@pytest.mark.parametrize(
    "wrong",
    [
        {"held": True},
        {"held": ["yes"]},
        {"held": "YES"},
        {"forced": "yes", "forced_what": "debt"},
        {"forced": "yes", "forced_what": {"debt": True}},
        {"forced": "yes", "forced_what": [["debt"], {"debt": 1}, None]},
        {"need": "yes", "need_what": "shelter"},
        {"date_near": "yes", "date_kind": "removal", "date_on": "16.06.2026"},
        {"date_near": "yes", "date_kind": "removal", "date_on": "2026-02-30"},
        {"date_near": "yes", "date_kind": "removal", "date_on": "20260616"},
        {"date_near": "yes", "date_kind": "removal", "date_on": "2026-W25-2"},
        {"date_near": "yes", "date_kind": "removal", "date_on": 20260616},
        {"date_near": "yes", "date_kind": ["removal"], "date_on": "2026-06-16"},
    ],
)
def test_an_answer_of_a_wrong_kind_fires_nothing(wrong: dict[str, object]) -> None:
    assert assess(facts(answers=wrong), RULES).firings == ()
