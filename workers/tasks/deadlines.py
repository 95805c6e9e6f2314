"""Moves the clocks: ends offers, reminds partners, tells staff, and takes alarms further."""

from django.utils import timezone

from cases.actions.escalate import escalate_alarms as escalate
from cases.actions.expire import expire_due
from cases.actions.remind_partners import remind_partners as remind
from cases.actions.watch_clocks import watch_clocks as watch
from workers.alone import alone
from workers.celery import app


@app.task(name="korpu.expire_offers")
@alone
def expire_offers() -> None:
    expire_due(now=timezone.now())


@app.task(name="korpu.watch_clocks")
@alone
def watch_clocks() -> None:
    watch(now=timezone.now())


@app.task(name="korpu.remind_partners")
@alone
def remind_partners() -> None:
    remind(now=timezone.now())


@app.task(name="korpu.escalate_alarms")
@alone
def escalate_alarms() -> None:
    escalate(now=timezone.now())
