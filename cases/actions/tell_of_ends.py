"""Tells staff and partners in time that an agreement ends: the memorandum of 2013 ran out unnoticed (domain.md §7)."""

from datetime import datetime

from django.db import transaction

from cases.actions import notify
from cases.queries.agreement_ends import near_ends


def tell_of_ends(*, now: datetime) -> None:
    """Writes the notice that is due for each agreement in force. Outbox: once for each notice, last day and reader, so
    that running it again, or twice at once, tells nobody twice; an amendment with another last day is told anew."""
    rows = [row for ending in near_ends(now) for row in notify.agreement_ending(ending, now)]
    with transaction.atomic(durable=True):
        notify.write_outbox(rows)
