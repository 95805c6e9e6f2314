"""Builds the table of figures from coded rows. Pure: handed counts, it gives back cells, hidden ones without value."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from .definitions import Definition


@dataclass(frozen=True)
class Count:
    category: str
    region: str  # ISO 3166-2, or "" where it was not said
    number: int


@dataclass(frozen=True)
class Cell:
    """`number` is None where the count is hidden; `floor` is the bound under which it lies."""

    number: int | None
    floor: int

    @property
    def is_hidden(self) -> bool:
        return self.number is None


@dataclass(frozen=True)
class Table:
    """Rows by region, columns by category. No totals: from them hidden cells could be computed."""

    categories: tuple[str, ...]
    rows: tuple[tuple[str, tuple[Cell, ...]], ...]
    hidden: int


@dataclass(frozen=True, order=True)
class Quarter:
    year: int
    number: int  # 1–4

    @classmethod
    def of(cls, day: date) -> "Quarter":
        return cls(day.year, (day.month + 2) // 3)

    @property
    def first_day(self) -> date:
        return date(self.year, 3 * self.number - 2, 1)

    @property
    def next(self) -> "Quarter":
        return Quarter(self.year + 1, 1) if self.number == 4 else Quarter(self.year, self.number + 1)

    @property
    def previous(self) -> "Quarter":
        return Quarter(self.year - 1, 4) if self.number == 1 else Quarter(self.year, self.number - 1)

    def __str__(self) -> str:
        return f"{self.year}-Q{self.number}"

    @classmethod
    def parse(cls, text: str) -> "Quarter | None":
        """`2026-Q4`, or None for anything else."""
        year, _, number = text.partition("-Q")
        if len(year) == 4 and year.isascii() and year.isdigit() and number in {"1", "2", "3", "4"} and int(year) > 0:
            return cls(int(year), int(number))
        return None


def build_table(counts: Iterable[Count], *, definition: Definition) -> Table:
    """Every cell below its floor is hidden, zero included: a hidden cell can be anything from nothing to the floor.

    A region or category without one cell that may be shown has no row or column, so that presence says nothing either.
    """
    shown = {
        (count.region, count.category): count.number
        for count in counts
        if count.number >= definition.floor_of(count.category)
    }
    categories = tuple(sorted({category for _region, category in shown}))
    rows = tuple(
        (region, tuple(Cell(shown.get((region, category)), definition.floor_of(category)) for category in categories))
        for region in sorted({region for region, _category in shown})
    )
    hidden = sum(cell.is_hidden for _region, cells in rows for cell in cells)
    return Table(categories=categories, rows=rows, hidden=hidden)
