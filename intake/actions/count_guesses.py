"""Counts wrong codes of all networks together. Nobody is locked out by it: it only lets our people know."""

import logging
from datetime import UTC, datetime, timedelta

from django.db import DatabaseError, transaction
from django.db.models import F

from intake.models import GuessAlarm
from intake.screening import wrong_codes_now

logger = logging.getLogger(__name__)
ALARM_EVERY = 100  # wrong codes in ten minutes: a few people mistype, a machine goes on


def count_wrong_code(*, now: datetime) -> None:
    """At each hundredth wrong code within ten minutes: one line in the log, one row that Health and doctor show."""
    counted = wrong_codes_now(now)
    if counted is None or counted % ALARM_EVERY:
        return
    logger.warning("%s wrong codes within ten minutes: somebody may be guessing.", counted)
    hour = now.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    try:
        _count(hour)
    except DatabaseError as error:  # the person who typed is answered all the same
        logger.warning("The alarm could not be kept (%s).", type(error).__name__)


@transaction.atomic(durable=True)
def _count(hour: datetime) -> None:
    GuessAlarm.objects.get_or_create(hour=hour)
    GuessAlarm.objects.filter(hour=hour).update(wrong_codes=F("wrong_codes") + ALARM_EVERY)
    GuessAlarm.objects.filter(hour__lt=hour - timedelta(days=90)).delete()
