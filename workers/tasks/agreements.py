"""Ends what an agreement no longer carries, tells in time that one ends, and closes requests that nobody decided."""

from django.utils import timezone

from cases.actions.decide_approval import expire_requests
from cases.actions.tell_of_ends import tell_of_ends
from cases.actions.wind_down import wind_down_ended
from workers.alone import alone
from workers.celery import app


@app.task(name="korpu.wind_down")
@alone
def wind_down() -> None:
    wind_down_ended(now=timezone.now())


@app.task(name="korpu.agreement_notices")
@alone
def agreement_notices() -> None:
    now = timezone.now()
    expire_requests(now=now)
    tell_of_ends(now=now)
