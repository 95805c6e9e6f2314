"""A mould: the rows of one played life with gaps where each case that is cast from it differs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NamedTuple

from .slots import Filler

Table = tuple[str, tuple[str, ...]]  # name and columns, quoted


class Constant(NamedTuple):
    value: Any  # as the database's driver takes it


class Blob(NamedTuple):
    """Bytes that are made for each case."""

    slot: int


Cell = Constant | Blob | Filler


@dataclass(frozen=True, slots=True)
class Block:
    """Rows of one table: for COPY one text with gaps, else row by row."""

    table: Table
    copied: Filler | None = None
    rows: Sequence[Sequence[Cell]] = ()


@dataclass(frozen=True, slots=True)
class Changes:
    """Rows of partners' feeds, without their number, which is given last of all."""

    table: Table
    rows: Sequence[tuple[int, int, Block]]  # the slots of the partner and of the moment, and the row


@dataclass(frozen=True, slots=True)
class Sealing:
    """A value that is sealed under its report's key and bound to its table, column and row."""

    slot: int
    label: str
    row: int  # slot of the row's id
    content: Filler
    reporter: int


@dataclass(frozen=True, slots=True)
class Link:
    """One event of a timeline: the text that is hashed, and the slots for the hash, as bytes and in hex."""

    content: Filler
    hash: int
    hex: int


@dataclass(frozen=True, slots=True)
class Reporter:
    """Slots of what belongs to one report. `marks`: name, contact, story, message; `digests`: of name and contact."""

    report: int
    reference: int
    code_hash: int
    submission: int
    wrapped: int
    marks: Mapping[str, int]
    digests: Mapping[str, int]
    contact: str  # email | phone | nothing
    has_key: bool


class Clock(NamedTuple):
    """A clock that ran in this life: where it would end must not change when the life is moved."""

    start: datetime
    hours: int
    urgency: int
    side: str
    member: int  # of the family; -1: the side's own


@dataclass(frozen=True, slots=True)
class Mould:
    name: str
    side: str
    country: str
    weight: float
    begins: datetime
    slack: float  # days by which it may begin earlier; what its clocks allow
    by_days: bool  # a date set by law is in it: it moves by whole days
    size: int  # slots
    cases: int
    moments: Sequence[tuple[int, datetime]]  # in UTC, without a zone: quicker
    days: Sequence[tuple[int, date]]
    epochs: Sequence[tuple[int, datetime]]
    ids: Sequence[tuple[int, datetime, int]]  # slot, when it was made, its place among those of the life
    derived: Sequence[tuple[int, int, str]]  # slot, of which, how: nodash | spaced
    partners: Sequence[tuple[int, str, int, str]]  # slot, side, member, which of its ids
    people: Sequence[tuple[int, str, str, int]]  # slot, side, role, number
    randoms: Sequence[tuple[int, int]]  # slot, bytes
    words: Mapping[str, int]  # category, subcode, region, language, page_language
    reporters: Sequence[Reporter]
    seals: Sequence[Sealing]
    chain: Sequence[Link]
    blocks: Sequence[Block]
    changes: Changes | None
    clocks: Sequence[Clock]
    kinds: Sequence[tuple[str, str]]  # categories and subcodes that are as urgent, for the same reasons
    languages: Sequence[str]
    regions: Sequence[str]
    tables: frozenset[str] = field(default_factory=frozenset)
