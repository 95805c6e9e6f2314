"""Django's entry to cases: connects the hand-over from intake."""

from django.apps import AppConfig


class CasesConfig(AppConfig):
    name = "cases"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from cases import receivers

        receivers.connect()
