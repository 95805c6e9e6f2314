"""`manage.py load_reference`: loads or updates the reference data."""

from typing import Any

from django.core.management.base import BaseCommand

from seeds.reference import load_reference


class Command(BaseCommand):
    help = "Loads or updates the reference data (categories, regions, languages, rules, texts)."

    def handle(self, *args: Any, **options: Any) -> None:
        load_reference()
        self.stdout.write("Reference data loaded.")
