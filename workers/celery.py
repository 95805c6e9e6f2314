"""The Celery app: its broker, its queues and the whole timetable. The work itself is in tasks/ and behind them.

Celery carries wake-ups only. Every task may run twice, be lost or come late: the database says what is to be done.
"""

import logging
import os
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import celery
from celery.schedules import crontab
from celery.signals import beat_init, setup_logging, task_postrun, task_prerun, worker_ready

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cases.conf.settings")

from django.conf import settings
from django.db import close_old_connections
from kombu import Exchange, Queue

from workers.broker import folder_options

PUBLISH_TIMEOUT = 1  # seconds
NIGHT = {"hour": 23, "minute": 30}  # UTC: 2:30 in Moscow, 3:30 in Baku


def _timetable() -> dict[str, dict[str, Any]]:
    """Every job is idempotent: two clocks at once do no harm."""
    seconds = {
        "korpu.send_outbox": 1,
        "korpu.take_up_events": 1,
        "korpu.number_feed": 1,
        "korpu.route_cases": 5,
        "korpu.run_jobs": 5,
        "korpu.examine_files": 5,
        "korpu.compare_cases": 10,
        "korpu.expire_offers": 30,
        "korpu.remind_of_follow_ups": 30,
        "korpu.escalate_alarms": 30,
        "korpu.remind_partners": 60,
        "korpu.watch_clocks": 60,
        "korpu.clean_drafts": 60,
        "korpu.wind_down": 60,  # an offer that nobody may accept any more must not wait at midnight
        "korpu.wake_unrouted": 300,
        "korpu.remind_of_erasures": 3600,
        "korpu.agreement_notices": 3600,
        "korpu.price_surges": 900,
    }
    jobs = {task: _entry(task, timedelta(seconds=every), every) for task, every in seconds.items()}
    nightly = (
        "korpu.end_access",
        "korpu.clean_up",
        "korpu.retention",
        "korpu.sweep_files",
        "korpu.anchor_timelines",
        "korpu.price_places",
        "korpu.forget_jobs",
    )
    return jobs | {task: _entry(task, crontab(**NIGHT), 24 * 3600) for task in nightly}


def _entry(task: str, schedule: Any, seconds: int) -> dict[str, Any]:
    """A run that nobody took before the next one is due is dropped: they never pile up."""
    return {"task": task, "schedule": schedule, "options": {"expires": seconds}}


def _broker() -> dict[str, Any]:
    if not settings.REDIS_URL:
        return {
            "broker_url": "filesystem://localhost",
            "broker_transport": "workers.broker:Transport",
            "broker_transport_options": folder_options(settings.BROKER_DIR),
            "worker_enable_remote_control": False,
        }
    return {
        "broker_url": settings.REDIS_URL,
        "broker_transport_options": {
            "global_keyprefix": f"{settings.CACHES['default']['KEY_PREFIX']}:",
            "socket_connect_timeout": PUBLISH_TIMEOUT,
            "socket_timeout": 5,  # more than the second for which a consumer waits at the server
            "socket_keepalive": True,
            "health_check_interval": 10,
            "visibility_timeout": 3600,
        },
    }


app = celery.Celery("korpu")
app.conf.update(
    **_broker(),
    include=[
        f"workers.tasks.{name}"
        for name in (
            "outbox",
            "events",
            "feed",
            "routing",
            "deadlines",
            "cleaning",
            "files",
            "retention",
            "links",
            "agreements",
            "follow_ups",
            "timelines",
            "jobs",
        )
    ],
    beat_schedule=_timetable(),
    beat_schedule_filename=str(settings.VAR_DIR / "clock"),
    beat_scheduler="workers.clock:Clock",
    beat_max_loop_interval=1,  # seconds: how soon a clock that was set back is noticed
    # Two queues, so that an installation can give notifications workers of their own. A plain worker takes both.
    task_queues=[Queue(name, Exchange(name), routing_key=name) for name in ("notify", "cases")],
    task_default_queue="cases",
    task_routes={"korpu.send_outbox": {"queue": "notify"}},
    task_acks_late=True,
    task_ignore_result=True,
    result_backend=None,
    task_publish_retry=False,
    task_serializer="json",
    accept_content=["json"],
    timezone="UTC",
    enable_utc=True,
    broker_connection_timeout=PUBLISH_TIMEOUT,
    broker_connection_retry_on_startup=True,
    broker_connection_max_retries=None,  # for ever: a worker that gave up would have to be noticed by somebody
    worker_prefetch_multiplier=1,
    worker_hijack_root_logger=False,
    worker_redirect_stdouts=False,
    worker_send_task_events=False,
    CELERY_DB_REUSE_MAX=sys.maxsize,  # each thread keeps its connection, as those of the site do
)


class WithoutException(logging.Filter):
    """Celery writes the exception's words into the message, and they may hold what somebody typed."""

    def filter(self, record: logging.LogRecord) -> bool:
        failed = getattr(record, "data", None)
        if isinstance(failed, dict) and record.exc_info:
            record.msg, record.args = "task %s failed", (failed.get("name"),)
        return True


@setup_logging.connect
def _keep_our_logging(**_: Any) -> None:
    """Django's settings have configured it; being connected here keeps Celery from doing so anew.

    Five jobs a second are started and done: what is worth a line is what goes wrong.
    """
    for name in ("celery.app.trace", "celery.worker.strategy", "celery.beat"):
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.getLogger("celery.app.trace").addFilter(WithoutException())


@task_prerun.connect
@task_postrun.connect
def _look_at_the_connection(**_: Any) -> None:
    """As before and after a request: one that failed, or whose server has gone, is not used again."""
    close_old_connections()


@worker_ready.connect
@beat_init.connect
def _tell_the_keeper(**_: Any) -> None:
    """Whoever started us (seeds: serve) may want to know when we are up."""
    if path := os.environ.get("KORPU_READY_FILE"):
        Path(path).touch()


@beat_init.connect
def _publish_quickly(sender: Any, **_: Any) -> None:
    """The clock only publishes: it must not wait for a broker that hangs."""
    if settings.REDIS_URL:
        app.conf.broker_transport_options["socket_timeout"] = PUBLISH_TIMEOUT
