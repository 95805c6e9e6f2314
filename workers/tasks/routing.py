"""Routes the cases that want it, tries those again that found nobody (the state is the queue), and prices places."""

from django.utils import timezone

from cases.actions import price_places as pricing
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


@app.task(name="korpu.price_places")
@alone
def price_places() -> None:
    pricing.price_places(now=timezone.now())


@app.task(name="korpu.price_surges")
@alone
def price_surges() -> None:
    pricing.price_surges(now=timezone.now())
