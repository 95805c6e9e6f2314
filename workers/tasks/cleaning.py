"""Deletes what has served its time."""

from django.utils import timezone

from intake.actions.drafts import delete_expired_drafts
from workers import cleaning
from workers.alone import alone
from workers.celery import app


@app.task(name="korpu.clean_drafts")
@alone
def clean_drafts() -> None:
    delete_expired_drafts(now=timezone.now())


@app.task(name="korpu.clean_up")
@alone
def clean_up() -> None:
    cleaning.clean_up(now=timezone.now())
