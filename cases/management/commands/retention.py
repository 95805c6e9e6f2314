"""`manage.py retention`: erases what is past its time, as the worker does each night."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from cases.actions.retain import count_due, erase_due
from cases.queries.retention import retention_days


class Command(BaseCommand):
    help = "Erases reports and access records past their time. With --dry-run: says how many, and erases nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="only count")
        parser.add_argument("--limit", type=int, default=500, help="reports at most (default 500)")

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        for code, days in sorted(retention_days().items()):
            self.stdout.write(f"Rule {code}: {days} days")
        is_dry = options["dry_run"]
        found = count_due(now=now) if is_dry else erase_due(now=now, limit=max(1, options["limit"]))
        self.stdout.write(f"Reports {'to erase' if is_dry else 'erased'}: {found.reports}")
        self.stdout.write(f"Access records {'to delete' if is_dry else 'deleted'}: {found.access_records}")
