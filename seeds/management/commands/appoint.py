"""`manage.py appoint`: makes a supervisor or an auditor. Needs the addresses of two administrators of the same side."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from cases.actions.appoint import APPOINTED, appoint
from intake.errors import DomainError


class Command(BaseCommand):
    help = "Makes a staff member supervisor or auditor, when two administrators of their side have decided it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--mail", required=True, help="the staff member's e-mail address")
        parser.add_argument("--role", required=True, choices=[role.value for role in APPOINTED])
        parser.add_argument("--approved-by", required=True, nargs=2, metavar="MAIL", help="two administrators")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            user = appoint(email=options["mail"], role=options["role"], approved_by=options["approved_by"])
        except DomainError as refusal:
            raise CommandError(
                f"Refused ({refusal.code}): it takes an active account that is no administrator, and two different "
                "active administrators of the same side."
            ) from None
        self.stdout.write(f"{user.email}: {', '.join(user.roles)}")
