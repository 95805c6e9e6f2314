"""`manage.py verify_timelines`: whether every timeline is as it was written. Exit code 1 when one is not."""

import re
import sys
from argparse import ArgumentTypeError
from collections.abc import Iterator
from datetime import UTC, date, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from cases.actions.verify_timelines import Broken, Seen, broken_anchors, broken_timelines
from cases.models import Case, TimelineAnchor

LONGEST = 36500  # days: before there was anything to verify


def _copy(text: str) -> tuple[date, str]:
    """A day and its anchor's hash, as this command prints them."""
    day, _, known = text.partition("=")
    if not re.fullmatch(r"[0-9a-f]{64}", known):
        raise ArgumentTypeError("write it as 2026-11-25=64 hexadecimal digits")
    try:
        return date.fromisoformat(day), known
    except ValueError:
        raise ArgumentTypeError(f"{day} is not a day") from None


def _days(text: str) -> int:
    """A run that looks at nothing must not look like one that found nothing."""
    if not text.isascii() or not text.isdecimal() or not 1 <= int(text) <= LONGEST:
        raise ArgumentTypeError(f"write a number of days between 1 and {LONGEST}")
    return int(text)


class Command(BaseCommand):
    help = "Verifies the timelines: each case's chain of hashes, and the anchors of every day."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--case", default="", metavar="REFERENCE", help="only this case, without the anchors")
        parser.add_argument("--since", type=_days, metavar="DAYS", help="only what was added in the last so many days")
        parser.add_argument(
            "--anchor",
            type=_copy,
            action="append",
            default=[],
            metavar="DAY=HASH",
            help="a copy of an anchor that was kept elsewhere; may be given several times",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        seen, broken = Seen(), 0
        for found in self._findings(seen, options):
            broken += 1
            self.stdout.write(f"BROKEN  {found.where}: {'; '.join(found.wrongs)}")
        self.stdout.write(f"Cases: {seen.cases}, events: {seen.events}, anchors: {seen.anchors}, broken: {broken}")
        newest = TimelineAnchor.objects.order_by("-day").first()
        if newest is not None:
            self.stdout.write(f"Newest anchor: {newest.day}={bytes(newest.hash).hex()}")
        if broken:
            sys.exit(1)

    def _findings(self, seen: Seen, options: dict[str, Any]) -> Iterator[Broken]:
        copies = dict(options["anchor"])
        if options["case"]:
            reference = options["case"].strip().upper()
            if not Case.objects.filter(reference=reference).exists():
                raise CommandError(f"There is no case {reference}.")
            if copies or options["since"] is not None:
                raise CommandError("--case goes with neither --since nor --anchor.")
            yield from broken_timelines(seen, reference=reference)
            return
        since = None if options["since"] is None else timezone.now() - timedelta(days=options["since"])
        yield from broken_timelines(seen, since=since)
        first_day = since.astimezone(UTC).date() if since else None
        yield from broken_anchors(seen, since=min([first_day, *copies]) if first_day else None, copies=copies)
