"""How cells are written down for a database: text for COPY on PostgreSQL, parameters elsewhere."""

from collections.abc import Callable, Sequence
from typing import Any

from django.db import models

from .mould import Blob, Block, Cell, Constant, Table
from .slots import Filler, Pieces

_ESCAPED = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


class Writer:
    """`derive` makes a slot whose value is another's in another form."""

    def __init__(self, connection: Any, derive: Callable[[int, str], int]) -> None:
        self._connection, self._derive = connection, derive
        self.is_copied = connection.vendor == "postgresql"

    def fields(self, table: type[models.Model]) -> list[Any]:
        """All columns but numbers that the database gives."""
        return [field for field in table._meta.concrete_fields if not isinstance(field, models.AutoField)]

    def table(self, table: type[models.Model], fields: Sequence[Any]) -> Table:
        quote = self._connection.ops.quote_name
        return quote(table._meta.db_table), tuple(quote(field.column) for field in fields)

    def block(self, table: type[models.Model], rows: Sequence[Sequence[Cell]], *, is_open: bool = False) -> Block:
        """`is_open`: a last column follows."""
        named = self.table(table, self.fields(table))
        if not self.is_copied:
            return Block(named, rows=rows)
        pieces: list[str | int] = []
        for row in rows:
            for place, cell in enumerate(row):
                pieces += ["\t"] if place else []
                pieces += _copied(cell)
            pieces.append("\t" if is_open else "\n")
        return Block(named, copied=Filler.of(tuple(pieces)))

    def constant(self, field: Any, value: Any) -> Constant:
        if not self.is_copied:
            value = field.get_db_prep_save(value, self._connection)
        return Constant(bytes(value) if isinstance(value, memoryview) else value)

    def cell(self, field: Any, pieces: Pieces) -> Cell:
        """On SQLite ids have no dashes in columns, and moments a blank and no zone."""
        if not self.is_copied:
            kind = field.target_field if field.is_relation else field
            if isinstance(kind, models.UUIDField):
                pieces = tuple(self._derive(piece, "nodash") for piece in pieces if isinstance(piece, int))
            elif isinstance(kind, models.DateTimeField):
                whole, rest = pieces
                pieces = (self._derive(int(whole), "spaced"), str(rest).removesuffix("+00:00"))
        return Filler.of(pieces)


def _copied(cell: Cell) -> list[str | int]:
    if isinstance(cell, Blob):
        return [cell.slot]
    if isinstance(cell, Constant):
        return [_as_text(cell.value)]
    return [piece if isinstance(piece, int) else piece.translate(_ESCAPED) for piece in cell.pieces()]


def _as_text(value: Any) -> str:
    if value is None:
        return "\\N"
    if isinstance(value, bool):
        return "t" if value else "f"
    if isinstance(value, bytes | memoryview):
        return "\\\\x" + bytes(value).hex()
    return str(value).translate(_ESCAPED)
