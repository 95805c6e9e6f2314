"""Writes a batch in one transaction: COPY on PostgreSQL, many-row INSERTs elsewhere. Every constraint is checked.

With fast.py the one place of seeds with SQL of its own: Django has no COPY, and a batch holds text, not objects.
"""

from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from cases.models import FeedHead

from .cast import Batch
from .fast import unchecked
from .mould import Table


@transaction.atomic
def write(batch: Batch, *, is_fast: bool = False) -> None:
    """`is_fast`: foreign keys are not looked up (fast.py)."""
    if is_fast:
        unchecked()
    for table, rows in batch.tables.items():
        _write(table, rows)
    _write_changes(batch)


def _write_changes(batch: Batch) -> None:
    """The next numbers of each partner's feed, in the order of the moments. The heads are locked to the end."""
    if batch.changes_table is None:
        return
    batch.changes.sort(key=lambda change: change[1])
    wanted = [UUID(partner) for partner in sorted({partner for partner, _at, _row in batch.changes})]
    FeedHead.objects.bulk_create([FeedHead(partner_id=partner) for partner in wanted], ignore_conflicts=True)
    locked = FeedHead.objects.select_for_update(no_key=True).filter(partner__in=wanted).order_by("partner")
    heads = {str(head.partner_id): head for head in locked}
    rows = []
    for partner, _at, row in batch.changes:
        head = heads[partner]
        head.last_number += 1
        rows.append(f"{row}{head.last_number}\n" if isinstance(row, str) else (*row, head.last_number))
    _write(batch.changes_table, rows)
    FeedHead.objects.bulk_create(
        heads.values(), update_conflicts=True, unique_fields=["partner"], update_fields=["last_number"]
    )


def _write(table: Table, rows: Sequence[Any]) -> None:
    name, columns = table
    listed = ", ".join(columns)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY {name} ({listed}) FROM STDIN") as copy:
                for some in _some(rows, 2000):
                    copy.write("".join(some))
            return
        places = ", ".join(["%s"] * len(columns))
        cursor.executemany(f"INSERT INTO {name} ({listed}) VALUES ({places})", rows)  # noqa: S608


def _some(rows: Sequence[Any], most: int) -> Iterable[list[Any]]:
    left = iter(rows)
    while some := list(islice(left, most)):
        yield some
