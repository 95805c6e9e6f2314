"""Writes outbox rows and announces them; in which lane a notice goes, and in which language."""

from collections.abc import Iterable

from django.conf import settings
from django.db import transaction

from cases.models import Case, OutboxMessage
from cases.signals import outbox_written

URGENT = frozenset({1, 2})  # urgencies whose notices overtake all others


def write_outbox(rows: Iterable[OutboxMessage]) -> None:
    """Writes the rows in one statement, leaving out what was written before, and announces them after commit."""
    if rows := list(rows):
        OutboxMessage.objects.bulk_create(rows, ignore_conflicts=True)
        announce()


def announce() -> None:
    """Sends `outbox_written` after commit. What a receiver does wrong must not reach the one who acted."""
    transaction.on_commit(lambda: outbox_written.send(sender=OutboxMessage), robust=True)


def lane_of(urgency: int) -> int:
    return OutboxMessage.Lane.URGENT if urgency in URGENT else OutboxMessage.Lane.NORMAL


def interface_language(code: str) -> str:
    return code if code in dict(settings.LANGUAGES) else "en"


def reporter_language(case: Case) -> str:
    """The person's own, where we have the words; else the language of the country, which they are likelier to read."""
    spoken = {"AZ": "az", "RU": "ru"}.get(case.country_id, "en")
    return case.language_id if case.language_id in dict(settings.LANGUAGES) else spoken
