"""Every state and way of ending × language in plain words, as the table shows; no code and nobody else on the page."""

import csv
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.utils import translation

from intake.queries.mailboxes import PublicState
from intake.web.status_words import ENDINGS, status_words
from tests.conftest import ROOT

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
with Path(ROOT / "tests/intake/tables/status_words.csv").open(encoding="utf-8", newline="") as file:
    TABLE = list(csv.DictReader(file))


def words(code: str, language: str) -> tuple[str, str, bool]:
    with translation.override(language):
        said = status_words(PublicState(code), now=NOW, zone=UTC)
    return said.sentence, said.next, said.shows_numbers


@pytest.mark.parametrize("row", TABLE, ids=lambda row: f"{row['code']}-{row['language']}")
def test_it_says_what_the_table_says(row: dict[str, str]) -> None:
    sentence, what_next, numbers = words(row["code"], row["language"])
    assert (sentence, what_next, "yes" if numbers else "no") == (row["sentence"], row["next"], row["numbers"])


@pytest.mark.parametrize("code", ["closed", "closed.died", "resolved.died", "closed.duplicate", "closed.anything"])
def test_a_way_that_is_not_told_reads_as_its_state(code: str) -> None:
    assert words(code, "en") == words(code.partition(".")[0], "en")


def test_a_joined_report_reads_as_one_that_is_worked_on() -> None:
    assert words("duplicate", "en") == words("in_progress", "en")


@pytest.mark.parametrize("ending", sorted(ENDINGS))
@pytest.mark.parametrize("language", ["az", "ru"])
def test_every_ending_is_translated(ending: str, language: str) -> None:
    assert words(f"closed.{ending}", language)[:2] != words(f"closed.{ending}", "en")[:2]
