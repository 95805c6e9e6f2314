"""Reminds staff of follow-ups whose hour has come."""

from django.utils import timezone

from cases.actions.follow_ups import remind_due
from workers.alone import alone
from workers.celery import app


@app.task(name="korpu.remind_of_follow_ups")
@alone
def remind_of_follow_ups() -> None:
    remind_due(now=timezone.now())
