"""`manage.py first_run`: what a new installation needs. Safe to run twice."""

from typing import Any

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email
from django.db import transaction
from django.urls import reverse

from cases.models import User
from cases.models.user import Role
from intake.vocabulary import Side
from seeds.reference import load_reference


class Command(BaseCommand):
    help = "Makes keys, tables, reference data and the first administrator of a side, with a link to enrol."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--side", choices=Side.values, required=True, help="the national body that runs this site")
        parser.add_argument("--name", required=True, help="the administrator's name")
        parser.add_argument("--mail", required=True, help="the administrator's e-mail address, with which they sign in")
        parser.add_argument("--language", choices=[code for code, _ in settings.LANGUAGES], default="en")

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.DEMO:
            raise CommandError("This is the demo (KORPU_DEMO is set). A place for real people is never made from it.")
        name, mail = options["name"].strip(), options["mail"].strip().lower()
        self._check(name, mail)
        self.stdout.write(f"Keys: {settings.KEYS_FILE} (copy them to a safe place apart from the data)")
        call_command("migrate", interactive=False, verbosity=0)
        self.stdout.write("Tables: up to date")
        load_reference()
        self.stdout.write("Reference data: loaded")
        user = self._administrator(name=name, mail=mail, side=options["side"], language=options["language"])
        self.stdout.write("\nOpen this link once, choose a password, sign in and enrol a second factor:")
        self.stdout.write(f"  {self._enrolment_link(user)}")
        self.stdout.write("\nNext: python manage.py doctor")

    def _check(self, name: str, mail: str) -> None:
        try:
            validate_email(mail)
        except ValidationError:
            raise CommandError("--mail is not an e-mail address.") from None
        if not name or len(name) > 120:
            raise CommandError("--name needs between 1 and 120 characters.")

    @transaction.atomic(durable=True)
    def _administrator(self, *, name: str, mail: str, side: str, language: str) -> User:
        """The account of that address; a second administrator is made by the first one, not by this command."""
        there = User.objects.filter(email=mail).first()
        if there is not None:
            if there.side != side or Role.ADMINISTRATOR not in there.roles:
                raise CommandError("This address already has an account with another role or on the other side.")
            self.stdout.write("Administrator: already there, nothing changed")
            return there
        others = [user for user in User.objects.filter(side=side) if Role.ADMINISTRATOR in user.roles]
        if others:
            raise CommandError("This side has an administrator already; that person makes further accounts.")
        user = User(email=mail, name=name, side=side, language=language, roles=[Role.ADMINISTRATOR])
        user.timezone = {"AZ": "Asia/Baku", "RU": "Europe/Moscow"}[side]
        user.set_unusable_password()
        user.save()
        self.stdout.write("Administrator: made")
        return user

    def _enrolment_link(self, user: User) -> str:
        path = reverse(
            "account_reset_password_from_key",
            kwargs={"uidb36": user_pk_to_url_str(user), "key": default_token_generator.make_token(user)},
        )
        return settings.SITE_URL.rstrip("/") + path
