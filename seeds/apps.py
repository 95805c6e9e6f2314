"""Django's entry to seeds, for its management commands."""

from django.apps import AppConfig


class SeedsConfig(AppConfig):
    name = "seeds"
