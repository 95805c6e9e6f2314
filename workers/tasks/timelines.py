"""Anchors the timelines once a day; the log is one of the places where a copy of the anchor lies."""

import logging

from django.utils import timezone

from cases.actions.anchor_timelines import anchor_timelines
from workers.alone import alone
from workers.celery import app

logger = logging.getLogger(__name__)


@app.task(name="korpu.anchor_timelines")
@alone
def anchor() -> None:
    made = anchor_timelines(now=timezone.now())
    if made is not None:
        logger.info("anchor of the timelines %s=%s", made.day, bytes(made.hash).hex())
