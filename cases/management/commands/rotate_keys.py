"""`manage.py rotate_keys`: a new master key while the site serves. May be killed at any line and run again."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from cases.conf import keys
from intake.actions.rewrap_keys import keys_by_master, rewrap_keys

# Longer than any request or task lives: after it no process can still commit a key that it wrapped with an old master.
SETTLE = timedelta(minutes=10)


class Command(BaseCommand):
    help = (
        "Adds a master key and wraps every report key with it. Run it again with --finish, ten minutes later at the"
        " earliest, to remove the old one. A run that was killed is simply repeated."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--finish", action="store_true", help="remove the old master, if no key needs it any more")
        parser.add_argument("--batch", type=int, default=200, help="report keys in one transaction (default 200)")

    def handle(self, *args: Any, **options: Any) -> None:
        path = settings.KEYS_FILE
        with _alone(path):
            if options["finish"]:
                self._finish(path)
            else:
                self._rotate(path, batch=min(max(1, options["batch"]), 5000))

    def _rotate(self, path: Path, *, batch: int) -> None:
        masters = list(keys.read_keys(path).masters)
        if len(masters) == 1:
            added = keys.add_master(path, now=timezone.now())
            self.stdout.write(f"Master {added} added before {masters[0]} in {path}")
        else:
            self.stdout.write(f"Going on with master {masters[0]}; not yet removed: {', '.join(masters[1:])}")
        total = sum(keys_by_master().values())
        done = 0
        while wrapped := rewrap_keys(limit=batch):
            done += wrapped
            self.stdout.write(f"  {done} report keys wrapped anew (of {total})")
        self.stdout.write("Every report key is under the newest master.")
        self.stdout.write("Copy the file of keys to its safe place now. In ten minutes: rotate_keys --finish")

    def _finish(self, path: Path) -> None:
        newest, *old = keys.read_keys(path).masters
        if not old:
            self.stdout.write(f"There is one master only ({newest}): nothing to remove.")
            return
        added = keys.added_at(path, newest)
        if added is not None and timezone.now() < added + SETTLE:
            raise CommandError(f"Master {newest} is too new. Finish after {added + SETTLE:%H:%M:%S} UTC.")
        self._check_unused(newest)
        before = keys.keep_only(path, newest)
        try:
            self._check_unused(newest)
        except CommandError:
            keys.put_back(path, before)
            raise
        self.stdout.write(f"Removed from {path}: {', '.join(old)}. What was wrapped with them, old backups of keys")
        self.stdout.write("among it, cannot be opened with this file any more: make a new backup now.")

    def _check_unused(self, newest: str) -> None:
        others = {name: count for name, count in keys_by_master().items() if name != newest}
        if others:
            told = ", ".join(f"{count} under {name}" for name, count in others.items())
            raise CommandError(f"Report keys still need the old master ({told}). Run rotate_keys first.")


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Two rotations at once would each add a master. The lock goes with the process, however that ends."""
    with path.resolve().with_name(f"{path.name}.lock").open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise CommandError("Another rotation is running.") from None
        yield
