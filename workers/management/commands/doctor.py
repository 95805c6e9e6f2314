"""`manage.py doctor`: what is wrong with this installation, in plain words. Exit code 1 when something is grave."""

import sys
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from workers.examination import examine


class Command(BaseCommand):
    help = "Says in plain words what is wrong with this installation and what to do about it."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        findings = examine(timezone.now())
        for finding in sorted(findings, key=lambda finding: not finding.grave):
            self.stdout.write(f"{'WRONG' if finding.grave else 'look '}  {finding.what}\n       → {finding.remedy}")
        if not findings:
            self.stdout.write("All is well.")
        if any(finding.grave for finding in findings):
            sys.exit(1)
