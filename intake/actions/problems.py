"""Gathers everything that is wrong with an entry, so that a person hears it all at once. Keeps no value."""

from datetime import date
from typing import Any

from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from intake.clean_text import TooLong, clean_line, clean_text
from intake.errors import InvalidInput


class Problems:
    def __init__(self) -> None:
        self.fields: dict[str, list[str | Promise]] = {}

    def add(self, name: str, message: str | Promise) -> None:
        self.fields.setdefault(name, []).append(message)

    def raise_any(self) -> None:
        if self.fields:
            raise InvalidInput(fields=self.fields)

    def text(self, name: str, value: Any, *, limit: int) -> str:
        return self._cleaned(name, value, clean_text, limit)

    def line(self, name: str, value: Any, *, limit: int) -> str:
        return self._cleaned(name, value, clean_line, limit)

    def day(self, name: str, value: Any) -> date | None:
        """A day as ISO text, or a date; None when empty or unreadable."""
        if value in ("", None):
            return None
        try:
            return value if type(value) is date else date.fromisoformat(value)
        except (TypeError, ValueError):
            self.add(name, _("This cannot be read."))
            return None

    def _cleaned(self, name: str, value: Any, clean: Any, limit: int) -> str:
        if value is None:
            return ""
        if not isinstance(value, str):
            self.add(name, _("This cannot be read."))
            return ""
        try:
            return str(clean(value, limit=limit))
        except TooLong:
            self.add(name, format_lazy(_("This is too long. It can have {limit} characters."), limit=limit))
            return ""
