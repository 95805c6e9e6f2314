"""Takes up what reporters did and no receiver took up at once."""

from django.utils import timezone

from cases.actions.take_up import take_up_waiting
from workers.alone import alone
from workers.celery import app


@app.task(name="korpu.take_up_events")
@alone
def take_up_events() -> None:
    take_up_waiting(now=timezone.now())
