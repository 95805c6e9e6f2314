"""Names of those who are said to have done it: every row of the table of names, firms without their form, several."""

import csv

import pytest

from intake.matching import normal_actors
from tests.conftest import ROOT

with (ROOT / "tests/intake/tables/names.csv").open(encoding="utf-8", newline="") as file:
    TABLE = list(csv.DictReader(file))


@pytest.mark.parametrize("row", TABLE, ids=lambda row: f"{row['one']}-{row['other']}")
def test_a_person_is_the_same_actor_as_the_table_of_names_says(row: dict[str, str]) -> None:
    assert (normal_actors(row["one"]) == normal_actors(row["other"])) is (row["same"] == "yes")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ООО «Ромашка»", "Romashka LLC"),
        ("Araz MMC", "Araz"),
        ("ИП Гусейнов Эльчин", "Hüseynov Elçin"),
        ("Əliyev Vüqar və Məmmədov Rəşid", "Мамедов Рашид, Алиев Вугар"),
    ],
)
def test_a_firm_is_known_without_its_form_and_several_in_any_order(one: str, other: str) -> None:
    assert normal_actors(one) == normal_actors(other) != []


@pytest.mark.parametrize("typed", ["", "…", "он", "MM", "ООО"])
def test_what_is_no_name_joins_nobody(typed: str) -> None:
    assert normal_actors(typed) == []


def test_nobody_floods_the_index() -> None:
    assert len(normal_actors(",".join(f"Canary{'abcdefghij'[n % 10] * 3}{n}" for n in range(500)))) <= 8
