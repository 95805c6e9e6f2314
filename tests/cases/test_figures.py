"""Figures: small cells are hidden, nothing lets them be computed, both sides see the same."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.statistics.definitions import CURRENT
from cases.statistics.tables import Count, Quarter, build_table


def shown(*counts: Count) -> dict[tuple[str, str], int | None]:
    table = build_table(counts, definition=CURRENT)
    return {
        (region, category): cell.number
        for region, cells in table.rows
        for category, cell in zip(table.categories, cells, strict=True)
    }


@pytest.mark.parametrize(("category", "floor"), [("WRK", 5), ("DET", 11), ("EXP", 11), ("SAF", 11)])
def test_a_count_below_its_floor_is_hidden(category: str, floor: int) -> None:
    beside = [Count("WRK", "RU-SPE", 40), Count(category, "RU-SPE", 40), Count("WRK", "RU-MOW", 40)]
    beside = beside[:1] if category == "WRK" else beside
    place = ("RU-MOW", category)
    assert shown(*beside, Count(category, "RU-MOW", floor - 1)).get(place) is None
    assert shown(*beside, Count(category, "RU-MOW", floor))[place] == floor


def test_nothing_and_a_few_look_the_same() -> None:
    beside = [Count("WRK", "RU-MOW", 9), Count("EDU", "RU-SPE", 9)]
    assert shown(*beside) == shown(*beside, Count("WRK", "RU-SPE", 4))


def test_a_region_with_only_small_counts_has_no_row() -> None:
    assert shown(Count("WRK", "RU-SAK", 4), Count("EDU", "RU-SAK", 2)) == {}


counts = st.lists(
    st.builds(
        Count,
        category=st.sampled_from(["DET", "WRK", "EDU", "SAF"]),
        region=st.sampled_from(["RU-MOW", "RU-SPE", "AZ-BA", ""]),
        number=st.integers(0, 40),
    ),
    unique_by=lambda count: (count.category, count.region),
)


@given(counts)
def test_no_small_number_is_ever_shown(counts: list[Count]) -> None:
    table = build_table(counts, definition=CURRENT)
    given_numbers = {(count.region, count.category): count.number for count in counts}
    for region, cells in table.rows:
        for category, cell in zip(table.categories, cells, strict=True):
            number = given_numbers.get((region, category), 0)
            assert cell.is_hidden == (number < CURRENT.floor_of(category))
            assert cell.is_hidden or cell.number == number


@pytest.mark.parametrize("text", ["", "2026", "2026-Q0", "2026-Q5", "20266-Q1", "٢٠٢٦-Q1", "0000-Q1", "2026-Q1 "])
def test_a_malformed_quarter_is_none(text: str) -> None:
    assert Quarter.parse(text) is None


@given(st.dates(min_value=date(2000, 1, 1), max_value=date(2100, 1, 1)))
def test_every_day_lies_in_its_quarter(day: date) -> None:
    quarter = Quarter.of(day)
    assert quarter.first_day <= day < quarter.next.first_day
    assert quarter.next.previous == quarter == Quarter.parse(str(quarter))
