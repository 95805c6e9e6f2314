"""Sends what is due: at each wake-up, and each second for what a wake-up missed."""

from typing import Any

from celery.signals import worker_shutting_down

from workers import delivery
from workers.celery import app


@app.task(name="korpu.send_outbox")
def send_outbox() -> None:
    delivery.drain()


@worker_shutting_down.connect
def _finish_soon(**_: Any) -> None:
    delivery.stop()
