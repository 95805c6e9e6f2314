"""Writes the two archives from one snapshot of the database."""

import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from django.db import connection, transaction
from django.db.migrations.recorder import MigrationRecorder

from intake.actions.file_store import report_files
from intake.models import Attachment

from .archive import Writer
from .tables import columns, data_models, key_models, rows

FORMAT = 1
HEADER = "header.json"
KEY_FILE = "keys.json"
DATA_NAME, KEYS_NAME = "korpu-data-{}.tar.gz", "korpu-keys-{}.tar.gz"


@dataclass(frozen=True, slots=True)
class Backup:
    data: Path
    keys: Path
    rows: int
    report_keys: int
    files: int
    missing_files: int  # forgotten or cleaned between the snapshot and their turn


def write_backup(*, data_folder: Path, keys_folder: Path, key_file: Path | None, now: datetime) -> Backup:
    """Both archives; earlier archives of keys in that folder are deleted once the new one is safe.

    `key_file`: put into the archive of keys too. Rows are of one moment; files follow after the snapshot is closed, so
    that a long copy holds up nothing.
    """
    stamp = f"{now.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    data, keys = data_folder / DATA_NAME.format(stamp), keys_folder / KEYS_NAME.format(stamp)
    with tempfile.TemporaryFile(dir=data_folder) as names, Writer(data) as archive, Writer(keys) as key_archive:
        with _snapshot():
            archive.add(HEADER, _header("data", now))
            written = sum(_add_table(archive, model) for model in data_models())
            _note_files(names)
            key_archive.add(HEADER, _header("keys", now))
            report_keys = sum(_add_table(key_archive, model) for model in key_models())
        if key_file is not None:
            key_archive.add(KEY_FILE, key_file.read_bytes())
        copied, missing = _add_files(archive, names)
    for old in keys_folder.glob(KEYS_NAME.format("*")):
        if old != keys:
            old.unlink()
    return Backup(data, keys, written, report_keys, copied, missing)


@contextmanager
def _snapshot() -> Iterator[None]:
    """Everything read inside is of one moment, and nobody waits for it."""
    if connection.vendor == "sqlite":
        # Our transactions begin IMMEDIATE, which would stop every writer for as long as this takes.
        connection.ensure_connection()
        sqlite: Any = connection
        mode, sqlite.transaction_mode = sqlite.transaction_mode, "DEFERRED"
        try:
            with transaction.atomic():
                yield
        finally:
            sqlite.transaction_mode = mode
        return
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


def _header(kind: str, now: datetime) -> bytes:
    content = {"format": FORMAT, "kind": kind, "made_at": now.isoformat(), "migrations": applied_migrations()}
    return json.dumps(content, indent=1).encode()


def applied_migrations() -> list[str]:
    return sorted(f"{app}.{name}" for app, name in MigrationRecorder(connection).applied_migrations())


def _add_table(archive: Writer, model: type) -> int:
    """The first line names the columns."""

    def lines() -> Iterator[bytes]:
        yield _line(columns(model))
        for row in rows(model):
            yield _line(row)

    return archive.add_lines(f"tables/{model._meta.label}.jsonl", lines()) - 1  # type: ignore[attr-defined]


def _line(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def _note_files(names: IO[bytes]) -> None:
    stored = Attachment.objects.filter(report__isnull=False).order_by("pk").values_list("raw_parts", "clean_name")
    for parts, clean in stored.iterator(chunk_size=500):
        for name in (*parts, clean):
            if name:
                names.write(name.encode() + b"\n")


def _add_files(archive: Writer, names: IO[bytes]) -> tuple[int, int]:
    copied, missing, store = 0, 0, report_files()
    names.seek(0)
    for line in names:
        name = line.decode().rstrip("\n")
        try:
            with store.open(name, "rb") as stream:
                archive.add_file(f"files/{name}", stream)
            copied += 1
        except FileNotFoundError:
            missing += 1
    return copied, missing
