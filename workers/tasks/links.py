"""Compares new cases with others, and gives back merged ones whose other report was taken back."""

from django.utils import timezone

from cases.actions.give_back import give_back_waiting
from cases.actions.suggest_links import compare_waiting
from workers.alone import alone
from workers.celery import app


@app.task(name="korpu.compare_cases")
@alone
def compare_cases() -> None:
    now = timezone.now()
    give_back_waiting(now=now)
    compare_waiting(now=now)
