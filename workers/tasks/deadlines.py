"""Ends offers that nobody answered in time."""

from django.utils import timezone

from cases.actions.expire import expire_due
from workers.alone import alone
from workers.celery import app


@app.task(name="korpu.expire_offers")
@alone
def expire_offers() -> None:
    expire_due(now=timezone.now())
