"""`manage.py restore`: fills an empty database from two archives, or only checks them (--check)."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from cases.management.archives.archive import Damaged
from cases.management.archives.reading import Refused, check, restore


class Command(BaseCommand):
    help = "Restores into an empty database, after migrate. With --check: reads every checksum and changes nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--data", type=Path, help="archive of the data")
        parser.add_argument("--keys", type=Path, help="archive of the keys, the newest there is")
        parser.add_argument("--check", action="store_true", help="only verify the archives that are named")

    def handle(self, *args: Any, **options: Any) -> None:
        paths = {kind: options[kind] for kind in ("data", "keys") if options[kind] is not None}
        absent = [str(path) for path in paths.values() if not path.is_file()]
        if absent or not paths or (len(paths) < 2 and not options["check"]):
            raise CommandError(f"No such file: {absent[0]}" if absent else "Name both archives: --data and --keys.")
        try:
            if options["check"]:
                self._check(paths)
            else:
                self._restore(paths)
        except (Damaged, Refused) as problem:
            raise CommandError(f"{problem} Nothing was changed.") from None

    def _check(self, paths: dict[str, Path]) -> None:
        for kind, path in paths.items():
            header = check(path, kind=kind)
            self.stdout.write(f"{path.name}: whole, made at {header['made_at']}")

    def _restore(self, paths: dict[str, Path]) -> None:
        done = restore(data=paths["data"], keys=paths["keys"], now=timezone.now())
        self.stdout.write(f"Restored: {done.rows} rows, {done.files} files, {done.report_keys} report keys")
        if done.erasures_finished:
            self.stdout.write(
                f"Erased again: {done.erasures_finished} reports that were erased after the data was saved"
            )
        self.stdout.write("Sessions, tokens of API clients and drafts are not restored: everybody signs in again.")
