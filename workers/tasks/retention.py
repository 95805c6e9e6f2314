"""Erases what is past its time, ends access to completed cases, asks partners again whether their copies are gone."""

from django.utils import timezone

from cases.actions.complete_referral import end_access
from cases.actions.confirm_erasure import remind_of_erasures
from cases.actions.retain import erase_due
from workers.alone import alone
from workers.celery import app


@app.task(name="korpu.retention")
@alone
def retention() -> None:
    erase_due(now=timezone.now())


@app.task(name="korpu.remind_of_erasures")
@alone
def remind() -> None:
    remind_of_erasures(now=timezone.now())


@app.task(name="korpu.end_access")
@alone
def end_partners_access() -> None:
    end_access(now=timezone.now())
