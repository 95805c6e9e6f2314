"""Restores two archives into an empty database. Everything is checked before the first row is written."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from django.apps import apps
from django.core.files import File
from django.db import transaction
from django.db.models import Exists, Model, OuterRef

from cases.models import GroupNote
from intake.actions.erase_report import erase_report_step
from intake.actions.file_store import report_files
from intake.models import Report, ReportKey
from intake.vocabulary import ErasedBecause

from . import tables
from .archive import SUMS, Damaged, members, verify
from .writing import FORMAT, HEADER, KEY_FILE, applied_migrations

_STORED = re.compile("[0-9a-f]{2}/[0-9a-f]{32}")  # as file_store names them: nothing else is written anywhere


class Refused(Exception):
    """The database or the archives are not fit for it. Nothing was changed."""


@dataclass(frozen=True, slots=True)
class Restored:
    rows: int
    report_keys: int
    files: int
    erasures_finished: int  # reports that were erased since the data archive was made


def check(path: Path, *, kind: str) -> dict[str, Any]:
    """The header of a whole archive of that kind. Raises Damaged, Refused."""
    verify(path)
    header = _header(path)
    if header.get("kind") != kind or header.get("format") != FORMAT:
        raise Refused(f"{path.name} is no archive of {kind} in a format that this version reads.")
    return header


def restore(*, data: Path, keys: Path, now: datetime) -> Restored:
    """Fills an empty database of the same version. Raises Damaged, Refused.

    All in one transaction. A report whose key is no longer there was erased after the data archive was made: its
    erasure is finished before anything can be read, so that index, contacts and messages do not come back either.
    """
    headers = {kind: check(path, kind=kind) for path, kind in ((data, "data"), (keys, "keys"))}
    for path, header in ((data, headers["data"]), (keys, headers["keys"])):
        _check_version(path, header)
    _check_age(keys, data=headers["data"], keys=headers["keys"])
    if filled := tables.not_empty():
        raise Refused(f"The database is not empty ({', '.join(filled[:3])}). Restore into a new one, after migrate.")
    with transaction.atomic(durable=True):
        tables.empty_what_migrate_made()
        rows, files = _read_in(data, allowed=tables.data_models())
        report_keys = _read_in(keys, allowed=tables.key_models())[0] - _drop_keys_of_nothing()
        tables.set_sequences()
        erased = _finish_erasures(now)
    return Restored(rows, report_keys, files, erased)


def _header(path: Path) -> dict[str, Any]:
    for name, stream in members(path):
        if name == HEADER:
            return dict(json.loads(stream.read()))
        break
    raise Damaged(f"{path.name} has no header.")


def _check_version(path: Path, header: dict[str, Any]) -> None:
    if header["migrations"] != applied_migrations():
        raise Refused(f"{path.name} was made by another version. Install that one, restore, then update.")


def _check_age(path: Path, *, data: dict[str, Any], keys: dict[str, Any]) -> None:
    """A report without a key counts as erased. With keys older than the data that would be every report of the time
    between, for good, and partners would be told to erase what they hold of people who never asked for it."""
    made, needed = (datetime.fromisoformat(header["made_at"]) for header in (keys, data))
    if made < needed:
        raise Refused(f"{path.name} is older than the data, made at {needed.isoformat()}. Name the newest keys.")


def _read_in(path: Path, *, allowed: list[type[Model]]) -> tuple[int, int]:
    """Rows and files of the archive, member by member."""
    names = {f"tables/{model._meta.label}.jsonl" for model in allowed}
    rows = files = 0
    for name, stream in members(path):
        if name in names:
            rows += _read_table(name, stream)
        elif name.startswith("files/"):
            _store(name.removeprefix("files/"), stream)
            files += 1
        elif name not in (HEADER, SUMS, KEY_FILE):
            raise Refused(f"{name} in {path.name} is not known.")
    return rows, files


def _read_table(name: str, stream: IO[bytes]) -> int:
    model = apps.get_model(name.removeprefix("tables/").removesuffix(".jsonl"))
    lines = _lines(stream)
    return tables.insert(model, lines, next(lines))


def _lines(stream: IO[bytes]) -> Iterator[list[Any]]:
    for line in stream:
        yield json.loads(line)


def _store(name: str, stream: IO[bytes]) -> None:
    """Under exactly the name that its row has; what an earlier try left there is written anew."""
    if not _STORED.fullmatch(name):
        raise Refused("A stored file has a name that is none of ours.")
    store = report_files()
    store.delete(name)
    if store.save(name, File(stream)) != name:
        raise Refused("The file store does not keep names.")


def _drop_keys_of_nothing() -> int:
    """Keys are often newer than data: what came in between is lost, and its keys open nothing."""
    known = Report.objects.filter(pk=OuterRef("report_id"))
    notes = GroupNote.objects.filter(pk=OuterRef("report_id"))
    return ReportKey.objects.filter(~Exists(known), ~Exists(notes)).delete()[0]


def _finish_erasures(now: datetime) -> int:
    """Whether the person or retention asked for it is not known any more; it was most likely the person."""
    keyed = ReportKey.objects.filter(report_id=OuterRef("pk"))
    gone = Report.objects.filter(~Exists(keyed), erased_at__isnull=True).values_list("pk", flat=True)
    ids = list(gone)
    for report_id in ids:
        erase_report_step(report_id=report_id, because=ErasedBecause.REPORTER, now=now)
    return len(ids)
