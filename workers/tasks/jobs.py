"""Long work that people asked for. The row is the queue."""

from django.utils import timezone

from cases.actions.ask_job import forget_jobs
from cases.actions.run_jobs import run_jobs
from workers.alone import alone
from workers.celery import app


@app.task(name="korpu.run_jobs")
@alone
def run() -> None:
    run_jobs(now_fn=timezone.now)


@app.task(name="korpu.forget_jobs")
@alone
def forget() -> None:
    forget_jobs(now=timezone.now())
