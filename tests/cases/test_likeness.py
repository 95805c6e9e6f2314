"""What is suggested for a pair of cases: as the table says, which a lawyer can read."""

import csv
from dataclasses import replace
from datetime import date, timedelta
from uuid import uuid4

import pytest

from cases.likeness import Facts, Terms, likenesses
from cases.workflow import LinkKind
from tests.conftest import ROOT

with (ROOT / "tests/cases/tables/likenesses.csv").open(encoding="utf-8", newline="") as file:
    TABLE = list(csv.DictReader(file))
TERMS = Terms(most=5, look_back_days=999, shared_by_at_most=9, apart_days=3, families=(("EXP", "WRK"),))
RULES = dict.fromkeys(LinkKind.values, TERMS)
MINE = Facts(uuid4(), "RU", "RU-MOW", "WRK", "employer", "AZ", date(2026, 11, 24))


def found(row: dict[str, str], rules: dict[str, Terms]) -> str:
    other = replace(
        MINE,
        region="RU-MOW" if row["same_region"] == "yes" else "RU-SPE",
        category=row["category"],
        day=MINE.day - timedelta(days=int(row["days_apart"])),
        citizenship=row["citizenship"],
        actor_kind=row["actor_kind"],
    )
    either_way = [
        sorted(f"{one.kind}:{one.ground}:{one.strength}" for one in likenesses(a, b, shared, same, rules))
        for a, b in ((MINE, other), (other, MINE))
        for shared, same in [(row["shared"].split(), row["same_name"] == "yes")]
    ]
    assert either_way[0] == either_way[1]
    return " ".join(either_way[0])


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row["why"])
def test_each_line_holds_whichever_case_came_first(row: dict[str, str]) -> None:
    assert found(row, RULES) == row["suggested"]


@pytest.mark.parametrize("kind", LinkKind.values)
def test_a_rule_that_was_switched_off_suggests_nothing(kind: str) -> None:
    rest = {other: terms for other, terms in RULES.items() if other != kind}
    assert not [row for row in TABLE if f"{kind}:" in found(row, rest)]


def test_without_a_region_there_is_no_place() -> None:
    nowhere = replace(MINE, region=None)
    assert likenesses(nowhere, nowhere, (), True, RULES) == []
