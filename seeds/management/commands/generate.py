"""`manage.py generate`: adds any number of synthetic cases, for trying how Körpü behaves when it is full."""

from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection
from django.utils import timezone

from seeds.generate.network import FAMILY
from seeds.generate.run import LONGEST_DAYS, GenerateRefused, Wanted, default_until, generate


class Command(BaseCommand):
    help = "Adds synthetic cases with partners, referrals, timelines and deliveries. Demo and testing only."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--cases", type=int, required=True, help="how many")
        parser.add_argument("--partners", type=int, default=40, help=f"invented organisations, at least {FAMILY}")
        parser.add_argument("--seed", type=int, default=1, help="another seed adds other cases; the same goes on")
        parser.add_argument("--days", type=int, default=730, help=f"over how many days, at most {LONGEST_DAYS}")
        parser.add_argument("--jobs", type=int, help="processes; by default two on PostgreSQL, one on SQLite")
        parser.add_argument(
            "--fast", action="store_true", help="PostgreSQL superuser: foreign keys unchecked, see fast.py"
        )
        parser.add_argument("--until", help="the moment at which the data are looked at (ISO 8601); default: now")

    def handle(self, *args: Any, **options: Any) -> None:
        until = self._until(options["until"])
        jobs = options["jobs"]
        if jobs is None:
            jobs = 2 if connection.vendor == "postgresql" else 1
        self._check(options, jobs)
        wanted = Wanted(
            options["cases"], options["partners"], options["seed"], options["days"], jobs, until, options["fast"]
        )
        self.stdout.write(f"until {until.isoformat()} (give it again with --until to go on with a run that broke off)")
        try:
            told = generate(wanted, say=self.stdout.write)
        except GenerateRefused as refused:
            raise CommandError(str(refused)) from None
        rate = told.made / told.seconds if told.seconds else 0
        self.stdout.write(f"{told.made:,} cases made in {told.seconds:.0f} s, {rate:,.0f} a second")
        if told.there:
            self.stdout.write(f"{told.there:,} of this seed were there already")

    def _until(self, typed: str | None) -> datetime:
        if not typed:
            return default_until(timezone.now())
        try:
            until = datetime.fromisoformat(typed)
        except ValueError:
            raise CommandError("--until is no moment: 2026-11-24T08:00:00+00:00") from None
        if until.tzinfo is None:
            raise CommandError("--until needs a zone: 2026-11-24T08:00:00+00:00")
        if not 2000 <= until.year <= 2100:
            raise CommandError("--until is between the years 2000 and 2100.")
        return until.astimezone(timezone.get_default_timezone()).replace(microsecond=0)

    def _check(self, options: dict[str, Any], jobs: int) -> None:
        if options["cases"] < 1 or jobs < 1:
            raise CommandError("--cases and --jobs are at least 1.")
        if options["seed"] < 0:
            raise CommandError("--seed is 0 or more.")
        if options["partners"] < FAMILY:
            raise CommandError(f"--partners is at least {FAMILY}.")
        if not 1 <= options["days"] <= LONGEST_DAYS:
            raise CommandError(f"--days is between 1 and {LONGEST_DAYS}.")
        if jobs > 1 and connection.vendor != "postgresql":
            raise CommandError("SQLite has one writer: --jobs 1.")
