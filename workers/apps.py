"""Django's entry to workers: connects the thread that wakes them."""

from django.apps import AppConfig


class WorkersConfig(AppConfig):
    name = "workers"

    def ready(self) -> None:
        from workers import wake

        wake.connect()
