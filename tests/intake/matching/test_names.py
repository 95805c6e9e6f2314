"""The same person gives the same skeleton, and people who are told apart by ear give two."""

import csv
from itertools import product

import pytest

from intake.matching import normal_name
from tests.conftest import ROOT

with (ROOT / "tests/intake/tables/names.csv").open(encoding="utf-8", newline="") as file:
    TABLE = list(csv.DictReader(file))


def test_the_table_says_enough_of_both() -> None:
    counted = [row["same"] for row in TABLE]
    assert len(TABLE) >= 60 and counted.count("no") >= 15 and counted.count("yes") >= 45


@pytest.mark.parametrize("row", TABLE, ids=lambda row: f"{row['one']}~{row['other']}")
def test_each_pair_is_as_the_table_says(row: dict[str, str]) -> None:
    assert (normal_name(row["one"]) == normal_name(row["other"])) is (row["same"] == "yes"), row["why"]


@pytest.mark.parametrize("spelling", ["Hüseynov", "Гусейнов", "Huseynov", "Guseinov"])
def test_a_skeleton_is_what_is_heard(spelling: str) -> None:
    assert normal_name(spelling) == "kusainov"


def test_order_does_not_matter() -> None:
    words = ("Məmmədov", "Rəşid", "Canary")
    assert len({normal_name(" ".join(order)) for order in product(words, repeat=3) if len(set(order)) == 3}) == 1


@pytest.mark.parametrize("typed", ["", "   ", "--", "…", "'", "\u200f", "\x00", "😀"])
def test_what_holds_no_letter_is_no_name(typed: str) -> None:
    assert normal_name(typed) == ""


def test_a_megabyte_is_read_no_further_than_a_name() -> None:
    assert len(normal_name("ə" * 1_000_000)) < 300
    assert len(normal_name("щ" * 1_000_000)) < 300


@pytest.mark.parametrize("typed", ["Əliyev Vüqar", "Е\u0308лкин Ии\u0306", "İİİ ııı", "ﬁ ﬀ"])
def test_a_skeleton_is_its_own_skeleton_or_stays_plain(typed: str) -> None:
    assert normal_name(typed).replace(" ", "").isascii()


def test_a_name_without_end_costs_no_more_than_the_longest() -> None:
    assert normal_name("a" * 199 + " b" * 1_000_000) == normal_name("a" * 199 + " ")
