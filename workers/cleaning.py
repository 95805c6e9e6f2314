"""What is deleted each night because its time is over. Nothing of a report or a case."""

from datetime import datetime, timedelta

from axes.models import AccessAttempt
from django.contrib.sessions.models import Session
from django.db.models import QuerySet
from oauth2_provider.models import get_access_token_model

from cases.models import IdempotencyKey

AT_ONCE = 1000  # rows of one statement, so that no lock is held for long
ANSWERS_KEPT = timedelta(hours=24)  # partner-api.md: Idempotency-Key
ATTEMPTS_KEPT = timedelta(days=1)  # failed sign-ins count for half an hour; the rest is for who looks into an attack


def clean_up(*, now: datetime) -> int:
    """Answers to API writes, access tokens, sessions and failed sign-ins past their time; returns how many rows."""
    old = (
        IdempotencyKey.objects.filter(created_at__lt=now - ANSWERS_KEPT),
        get_access_token_model().objects.filter(expires__lt=now),
        Session.objects.filter(expire_date__lt=now),
        AccessAttempt.objects.filter(attempt_time__lt=now - ATTEMPTS_KEPT),
    )
    return sum(_delete(rows) for rows in old)


def _delete(rows: QuerySet) -> int:  # type: ignore[type-arg]
    deleted = 0
    while keys := list(rows.order_by().values_list("pk", flat=True)[:AT_ONCE]):
        deleted += rows.model.objects.filter(pk__in=keys).delete()[0]
        if len(keys) < AT_ONCE:
            break
    return deleted
