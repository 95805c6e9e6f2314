"""What is deleted each night, and what is not."""

from datetime import datetime, timedelta

import pytest
from axes.models import AccessAttempt
from django.contrib.sessions.models import Session
from oauth2_provider.models import AccessToken

from cases.models import IdempotencyKey
from workers import cleaning
from workers.cleaning import clean_up

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def test_what_is_over_goes_and_the_rest_stays(now: datetime) -> None:
    for number, age in enumerate((25 * HOUR, 23 * HOUR)):
        IdempotencyKey.objects.create(key_hash=bytes([number]), request_hash=b"", created_at=now - age)
    for number, expires in enumerate((now - HOUR, now + HOUR)):
        AccessToken.objects.create(token=f"t{number}", expires=expires, scope="")
        Session.objects.create(session_key=f"s{number}", session_data="", expire_date=expires)
    for number, age in enumerate((25 * HOUR, HOUR)):
        attempt = AccessAttempt.objects.create(user_agent=str(number), failures_since_start=1)
        AccessAttempt.objects.filter(pk=attempt.pk).update(attempt_time=now - age)
    assert clean_up(now=now) == 4
    left = (IdempotencyKey.objects, AccessToken.objects, Session.objects, AccessAttempt.objects)
    assert [rows.count() for rows in left] == [1, 1, 1, 1]
    assert clean_up(now=now) == 0


def test_much_is_deleted_in_portions(now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cleaning, "AT_ONCE", 3)
    rows = [
        IdempotencyKey(key_hash=bytes([number]), request_hash=b"", created_at=now - 25 * HOUR) for number in range(10)
    ]
    IdempotencyKey.objects.bulk_create(rows)
    assert clean_up(now=now) == 10
