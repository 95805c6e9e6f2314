"""`manage.py backup`: two archives, the data and the keys that open it, to two places."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from cases.management.archives.writing import write_backup


class Command(BaseCommand):
    help = (
        "Writes an archive of the data (encrypted, without the keys) and one of the keys. Older archives of keys in the"
        " folder are deleted: only so does what was erased stay unreadable in older archives of data."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--data", type=Path, required=True, help="folder for the archive of the data")
        parser.add_argument("--keys", type=Path, required=True, help="another folder, for the archive of the keys")
        parser.add_argument("--with-key-file", action="store_true", help="put the file of master keys in with the keys")

    def handle(self, *args: Any, **options: Any) -> None:
        data, keys = options["data"].resolve(), options["keys"].resolve()
        if data == keys or data in keys.parents or keys in data.parents:
            raise CommandError("Data and keys go to two places apart: together they open everything.")
        key_file = settings.KEYS_FILE if options["with_key_file"] else None
        try:
            for folder in (data, keys):
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            made = write_backup(data_folder=data, keys_folder=keys, key_file=key_file, now=timezone.now())
        except OSError as problem:
            where = problem.filename or "while writing"
            raise CommandError(f"{problem.strerror}: {where}. No backup was made.") from None
        self.stdout.write(f"Data: {made.data} ({made.rows} rows, {made.files} files)")
        self.stdout.write(f"Keys: {made.keys} ({made.report_keys} report keys)")
        if made.missing_files:
            self.stdout.write(f"{made.missing_files} files were deleted or cleaned while this ran and are not in it.")
        if key_file is None:
            self.stdout.write(f"The file of master keys, {settings.KEYS_FILE}, is not in it: keep a copy of its own.")
