"""Routes the cases that want it. The state is the queue."""

from django.utils import timezone

from cases.actions.route_case import route_waiting
from workers.alone import alone
from workers.celery import app


@app.task(name="korpu.route_cases")
@alone
def route_cases() -> None:
    route_waiting(now=timezone.now())
