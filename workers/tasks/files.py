"""Cleans files that have arrived, and sweeps what was left behind."""

from django.utils import timezone

from intake.actions.clean_file import clean_waiting
from intake.actions.forget_files import sweep_files as sweep
from workers.alone import alone
from workers.celery import app


@app.task(name="korpu.examine_files")
@alone
def examine_files() -> None:
    clean_waiting(now=timezone.now())


@app.task(name="korpu.sweep_files")
@alone
def sweep_files() -> None:
    sweep(now=timezone.now())
