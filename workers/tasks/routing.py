"""Routes the cases that want it (the state is the queue), and prices the places of partners every night."""

from django.utils import timezone

from cases.actions import price_places as pricing
from cases.actions.route_case import route_waiting
from workers.alone import alone
from workers.celery import app


@app.task(name="korpu.route_cases")
@alone
def route_cases() -> None:
    route_waiting(now=timezone.now())


@app.task(name="korpu.price_places")
@alone
def price_places() -> None:
    pricing.price_places(now=timezone.now())


@app.task(name="korpu.price_surges")
@alone
def price_surges() -> None:
    pricing.price_surges(now=timezone.now())
