"""Routes the cases that want it, and tries those again that found nobody. The state is the queue."""

from django.utils import timezone

from cases.actions.route_case import route_waiting
from cases.actions.wake_unrouted import wake_all
from workers.alone import alone
from workers.celery import app


@app.task(name="korpu.route_cases")
@alone
def route_cases() -> None:
    route_waiting(now=timezone.now())


@app.task(name="korpu.wake_unrouted")
@alone
def wake_unrouted() -> None:
    wake_all(now=timezone.now())
