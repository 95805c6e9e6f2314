"""Numbers partners' changes that were committed since."""

from cases.actions.number_feed import number_waiting
from workers.alone import alone
from workers.celery import app


@app.task(name="korpu.number_feed")
@alone
def number_feed() -> None:
    number_waiting()
