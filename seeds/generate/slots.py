"""The gaps of a mould: what is new in each case that is cast from it, and text with such gaps in it."""

import json
import re
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

Piece = str | int  # plain text, or the number of a slot
Pieces = tuple[Piece, ...]

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_MOMENT = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d{6})?(\+00:00)")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_EPOCH = re.compile(r"\b\d{10}\b")
_PERCENT = re.compile("(%%|%s)")
_TOKEN = re.compile(r"@@(\d+)@@")


@dataclass
class Slots:
    """Numbers the gaps as they are met. `known`: texts that always stand for a gap, such as ids and marks."""

    numbers: dict[Hashable, int] = field(default_factory=dict)
    known: dict[str, int] = field(default_factory=dict)

    def __call__(self, *gap: Hashable) -> int:
        return self.numbers.setdefault(gap, len(self.numbers))

    def of_kind(self, kind: str) -> dict[Any, int]:
        """The gaps of a kind by what distinguishes them."""
        return {
            gap[1] if len(gap) == 2 else gap[1:]: number
            for gap, number in self.numbers.items()
            if isinstance(gap, tuple) and gap[0] == kind
        }

    def moment(self, at: datetime) -> Pieces:
        """`YYYY-MM-DDTHH:MM:SS`, with what follows the seconds as plain text."""
        whole = at.astimezone(UTC)
        rest = f".{whole.microsecond:06d}" if whole.microsecond else ""
        return (self("moment", whole.replace(microsecond=0)), f"{rest}+00:00")

    def day(self, on: date) -> int:
        return self("day", on)

    def text(self, text: str, *, has_moments: bool = True) -> Pieces:
        """Known ids, marks and references become gaps, and so do moments."""
        if text in self.known:
            return (self.known[text],)
        marked = _UUID.sub(lambda found: self._token(found[0]), text)
        for known in _marks_in(marked, self.known):
            marked = marked.replace(known, f"@@{self.known[known]}@@")
        if has_moments:
            marked = _MOMENT.sub(self._moment_token, marked)
            marked = _EPOCH.sub(self._epoch_token, marked)
            if _DAY.fullmatch(marked):
                marked = f"@@{self.day(date.fromisoformat(marked))}@@"
        return split(marked)

    def json(self, value: Any, named: Mapping[str, int], *, dumps: Callable[[Any], str]) -> Pieces:
        """`named`: keys whose values are always that gap, such as `category`."""
        return split(dumps(self._walk(value, named)))

    def _walk(self, value: Any, named: Mapping[str, int]) -> Any:
        if isinstance(value, Mapping):
            return {
                key: f"@@{named[key]}@@" if key in named and item else self._item(key, item, named)
                for key, item in value.items()
            }
        if isinstance(value, list):
            return [self._walk(item, named) for item in value]
        return join_tokens(self.text(value)) if isinstance(value, str) else value

    def _item(self, key: str, item: Any, named: Mapping[str, int]) -> Any:
        return item if key == "birth_date" else self._walk(item, named)

    def _token(self, found: str) -> str:
        return f"@@{self.known[found]}@@" if found in self.known else found

    def _moment_token(self, found: re.Match[str]) -> str:
        whole = datetime.fromisoformat(f"{found[1]}+00:00")
        return f"@@{self('moment', whole)}@@{found[2] or ''}{found[3]}"

    def _epoch_token(self, found: re.Match[str]) -> str:
        return f"@@{self('epoch', datetime.fromtimestamp(int(found[0]), UTC))}@@"


def split(marked: str) -> Pieces:
    """Back from tokens to pieces."""
    parts = _TOKEN.split(marked)
    return tuple(int(part) if place % 2 else part for place, part in enumerate(parts) if place % 2 or part)


def join_tokens(pieces: Pieces) -> str:
    return "".join(f"@@{piece}@@" if isinstance(piece, int) else piece for piece in pieces)


def _marks_in(text: str, known: Mapping[str, int]) -> list[str]:
    """Known texts that are no ids; those were looked for by their form."""
    return [mark for mark in known if len(mark) != 36 and mark in text]


def compact(value: Any) -> str:
    """As values are sealed."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


@dataclass(frozen=True, slots=True)
class Filler:
    """Text with gaps, ready to be filled from a list of values by number."""

    form: str
    numbers: Sequence[int]

    @classmethod
    def of(cls, pieces: Pieces) -> "Filler":
        form = "".join("%s" if isinstance(piece, int) else piece.replace("%", "%%") for piece in pieces)
        return cls(form, tuple(piece for piece in pieces if isinstance(piece, int)))

    def pieces(self) -> list[Piece]:
        """What it was made of."""
        numbers = iter(self.numbers)
        parts = [part for part in _PERCENT.split(self.form) if part]
        return [next(numbers) if part == "%s" else part.replace("%%", "%") for part in parts]

    def fill(self, values: Sequence[Any]) -> str:
        return self.form % tuple([values[number] for number in self.numbers])
