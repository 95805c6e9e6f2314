"""Casts cases from a mould: new ids, moments, people and words; sealed, indexed and chained by the real functions."""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from operator import itemgetter
from random import Random
from typing import Any
from uuid import UUID

from intake.actions.entry import ReportEntry
from intake.actions.index_person import digest_of
from intake.actions.submit_report import submission_hash
from intake.encryption import DataKey, new_key, newest_master, receipt_code_key, wrap_key
from intake.matching import normal_email, normal_name, normal_phone
from intake.models import BlindIndex
from intake.references import ALPHABET, CODE_DIGITS, REFERENCE_LENGTH, check_character, format_reference, hash_code

from . import words
from .facts import dial
from .mould import Blob, Block, Cell, Constant, Mould, Reporter, Table
from .network import Network

Values = list[Any]
_KINDS = BlindIndex.Kind
_PHONES = 10_000_000  # numbers with one area code
_REFERENCES = len(ALPHABET) ** REFERENCE_LENGTH
_OF_A_SEED = 10_000_000
_ODD = (0x2C9277B5D, 0x5851F42D5, 0x14057B7EF)  # odd: so that multiplying can be undone
# How often each kind of problem is met, in the proportions of the demo.
_OFTEN = {
    "DET": 7, "SAF": 4, "EXP": 4, "HLT": 7, "DTH": 5, "POL": 6, "BAN": 6, "HAT": 5,
    "HOU": 8, "DOC": 10, "RES": 12, "WRK": 16, "CIV": 7, "EDU": 8, "SCM": 7, "OTH": 5,
}  # fmt: skip
_SPOKEN = {("AZ", "az"): 7, ("AZ", "ru"): 3, ("RU", "ru"): 9}


@dataclass
class Batch:
    """What is to be written: by table, in COPY's form or as parameters; and the changes, each with its partner and
    moment, which get their numbers last."""

    tables: dict[Table, list[Any]] = field(default_factory=lambda: defaultdict(list))
    changes: list[tuple[str, str, Any]] = field(default_factory=list)
    changes_table: Table | None = None
    cases: int = 0


class Caster:
    """Of one run. The same seed gives the same people, moments, ids and codes; keys and nonces are always new."""

    def __init__(self, network: Network, *, seed: int, is_copied: bool) -> None:
        self._network, self._seed = network, seed
        self._is_copied = is_copied
        self._blob: Callable[[bytes], Any] = _hex if is_copied else bytes
        self._master = newest_master()
        self._ready: dict[int, Callable[[Values, Batch], None]] = {}

    def cast(self, mould: Mould, number: int, shift: timedelta, rng: Random, into: Batch) -> None:
        """`shift`: by how much earlier than the mould's own life. `number`: of the case within the run."""
        values: Values = [None] * mould.size
        self._fill(mould, values, number, shift, rng)
        seal(mould, values, self._blob, self._keys(mould, values))
        chain(mould, values, self._blob)
        render = self._ready.get(id(mould))
        if render is None:
            render = self._ready[id(mould)] = self._renderer(mould)
        render(values, into)
        into.cases += mould.cases

    # --- what is new in each case -------------------------------------------------------------------------------------
    def _fill(self, mould: Mould, values: Values, number: int, shift: timedelta, rng: Random) -> None:
        _fill_moments(mould, values, shift)
        earlier = shift // timedelta(milliseconds=1)
        for slot, at, place in mould.ids:
            values[slot] = _uuid7(_milliseconds(at) - earlier, place, rng.getrandbits(62))
        self._fill_network(mould, values, rng)
        for slot, length in mould.randoms:
            values[slot] = self._blob(rng.randbytes(length))
        category, language = self._words(mould, values, rng)
        for place, reporter in enumerate(mould.reporters):
            values[reporter.reference] = reference_of(self._seed, number + place)
            self._person(mould, reporter, values, f"{number}.{place}", number, category, language, rng)
        for slot, source, how in mould.derived:
            values[slot] = values[source].replace("-", "") if how == "nodash" else values[source].replace("T", " ")

    def _fill_network(self, mould: Mould, values: Values, rng: Random) -> None:
        """One family of partners, and the staff of the side in turn."""
        family = self._network.families[rng.randrange(len(self._network.families))]
        for slot, side, member, name in mould.partners:
            values[slot] = getattr(family[side][member], name)
        turn = rng.randrange(1000)
        for slot, side, role, person in mould.people:
            people = self._network.staff[side][role]
            values[slot] = people[(person + turn) % len(people)]

    def _words(self, mould: Mould, values: Values, rng: Random) -> tuple[str, str]:
        weights = [_OFTEN[category] for category, _ in mould.kinds]
        category, subcode = rng.choices(mould.kinds, weights)[0]
        language = rng.choices(mould.languages, [_SPOKEN.get((mould.side, one), 1) for one in mould.languages])[0]
        chosen = {"category": category, "subcode": subcode, "language": language, "region": rng.choice(mould.regions)}
        for name, slot in mould.words.items():
            values[slot] = chosen[name]
        return category, language

    def _person(
        self,
        mould: Mould,
        reporter: Reporter,
        values: Values,
        key: str,
        number: int,
        category: str,
        language: str,
        rng: Random,
    ) -> None:
        code = f"{rng.randrange(10**CODE_DIGITS):0{CODE_DIGITS}d}"
        values[reporter.code_hash] = self._blob(hash_code(code, key=receipt_code_key()))
        values[reporter.submission] = self._blob(submission_of(self._seed, key))
        name = words.name(rng, language)
        contact = self._contact(mould, reporter, key, number)
        marks = reporter.marks
        values[marks["name"]], values[marks["contact"]] = name, contact
        values[marks["story"]] = words.story(rng, language, category)
        values[marks["message"]] = words.message(rng, language)
        values[reporter.digests["name"]] = self._blob(_name_digest(name))
        values[reporter.digests["contact"]] = self._blob(_contact_digest(contact)) if contact else None

    def _contact(self, mould: Mould, reporter: Reporter, key: str, number: int) -> str:
        if reporter.contact == "email":
            return f"g{self._seed}.{key}@example.org"
        if reporter.contact == "phone":
            return f"{dial(mould.country)}{(self._seed * 7919 + number) % _PHONES:07d}"
        return ""

    def _keys(self, mould: Mould, values: Values) -> list[DataKey | None]:
        keys: list[DataKey | None] = []
        for reporter in mould.reporters:
            if not reporter.has_key:
                keys.append(None)
                continue
            raw = new_key()
            master, wrapped = wrap_key(raw, owner=UUID(values[reporter.report]))
            if master != self._master:
                raise RuntimeError("the master key was changed while cases were being generated: run it again")
            values[reporter.wrapped] = self._blob(wrapped)
            keys.append(DataKey(raw))
        return keys

    # --- written down -------------------------------------------------------------------------------------------------
    def _renderer(self, mould: Mould) -> Callable[[Values, Batch], None]:
        """Everything about the mould that is the same for each case is looked up once."""
        make = _copier if self._is_copied else _parameters
        blocks = [(block.table, make(block)) for block in mould.blocks]
        changes = [(who, when, make(block)) for who, when, block in mould.changes.rows] if mould.changes else []

        def render(values: Values, into: Batch) -> None:
            for table, rows in blocks:
                into.tables[table] += rows(values)
            for who, when, rows in changes:
                into.changes.append((values[who], values[when], rows(values)[0]))
            if mould.changes:
                into.changes_table = mould.changes.table

        return render


def _fill_moments(mould: Mould, values: Values, shift: timedelta) -> None:
    for slot, at in mould.moments:
        values[slot] = (at - shift).isoformat()
    for slot, on in mould.days:
        values[slot] = (on - shift).isoformat()
    for slot, at in mould.epochs:
        values[slot] = f"{(at - shift).timestamp():.0f}"


def seal(mould: Mould, values: Values, blob: Callable[[bytes], Any], keys: Sequence[DataKey | None]) -> None:
    for sealing in mould.seals:
        key = keys[sealing.reporter]
        if key is not None:
            plain = sealing.content.fill(values).encode()
            values[sealing.slot] = blob(key.seal(plain, label=f"{sealing.label}{values[sealing.row]}"))


def chain(mould: Mould, values: Values, blob: Callable[[bytes], Any]) -> None:
    for link in mould.chain:
        digest = hashlib.sha256(link.content.fill(values).encode()).digest()
        values[link.hex], values[link.hash] = digest.hex(), blob(digest)


def submission_of(seed: int, key: str) -> bytes:
    """The submission key of one generated report, by which a run that is repeated finds what is there already."""
    entry = ReportEntry(channel="web", language="", country="", category="", submission_key=f"generated:{seed}:{key}")
    return submission_hash(entry) or b""


def reference_of(seed: int, number: int) -> str:
    """The reference of one generated case: no two of a seed are alike, nor of two seeds below 3,000.

    Drawn by lot, a million would hold fifteen pairs. Each step can be undone, so what differs stays different; yet a
    reference tells nothing of the next.
    """
    found = seed * _OF_A_SEED + number
    for factor in _ODD:
        found = found * factor % _REFERENCES
        found ^= found >> 17
    body = "".join(ALPHABET[found >> bits & 31] for bits in range(0, 5 * REFERENCE_LENGTH, 5))
    return format_reference(body + check_character(body))


def _copier(block: Block) -> Callable[[Values], list[str]]:
    filler = block.copied
    if filler is None:
        raise ValueError("this mould was not made for COPY")
    form, numbers = filler.form, filler.numbers
    if len(numbers) < 2:
        return lambda values: [filler.fill(values)]
    gaps = itemgetter(*numbers)
    return lambda values: [form % gaps(values)]


def _parameters(block: Block) -> Callable[[Values], list[tuple[Any, ...]]]:
    return lambda values: [tuple(_parameter(cell, values) for cell in row) for row in block.rows]


def _parameter(cell: Cell, values: Values) -> Any:
    if isinstance(cell, Constant):
        return cell.value
    return values[cell.slot] if isinstance(cell, Blob) else cell.fill(values)


def _hex(value: bytes) -> str:
    return "\\\\x" + value.hex()  # the backslash is escaped for COPY


@lru_cache(maxsize=100_000)
def _milliseconds(at: datetime) -> int:
    return int(at.replace(tzinfo=UTC).timestamp() * 1000)


def _uuid7(milliseconds: int, place: int, bits: int) -> str:
    """RFC 9562 §5.7: the moment, the place within it, and chance."""
    text = f"{milliseconds:012x}7{place:03x}{0x8000000000000000 | bits:016x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


@lru_cache(maxsize=10_000)
def _name_digest(name: str) -> bytes:
    return digest_of(_KINDS.NAME, normal_name(name))


def _contact_digest(contact: str) -> bytes:
    if "@" in contact:
        return digest_of(_KINDS.EMAIL, normal_email(contact))
    return digest_of(_KINDS.PHONE, normal_phone(contact))
