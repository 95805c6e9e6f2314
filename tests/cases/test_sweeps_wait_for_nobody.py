"""A sweep passes by a case that somebody has locked, and says nothing of it: it neither waits nor fails."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from threading import Event, Thread

import pytest
from django.db import connection, transaction

from cases.actions.expire import expire_due
from cases.actions.follow_ups import remind_due
from cases.actions.watch_clocks import watch_clocks
from cases.actions.wind_down import wind_down_ended
from cases.models import AgreementVersion, Case, FollowUp
from cases.queries.remembered import forget_reference
from tests.cases.routing_world import NOW, make_case, make_partner, make_reference, make_referral, make_staff

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
LATE = NOW + timedelta(days=9)
Sweep = Callable[[datetime], int]
SWEEPS: dict[str, Sweep] = {
    "watch_clocks": lambda now: watch_clocks(now=now),
    "expire": lambda now: expire_due(now=now),
    "remind": lambda now: remind_due(now=now),
    "wind_down": lambda now: wind_down_ended(now=now),
}


@pytest.fixture(autouse=True)
def world() -> Iterator[None]:
    make_reference()
    yield
    forget_reference()


def due_case() -> Case:
    """Something for each of the sweeps: a missed clock, an offer without an answer or an agreement, a follow-up."""
    case = make_case(state="offered", routing_wanted_at=None, urgency=2)
    make_referral(case, make_partner(), state="offered")
    AgreementVersion.objects.update(valid_until=date(2026, 11, 1))
    user = make_staff()
    FollowUp.objects.create(case=case, user=user, due_at=NOW, made_by=user, made_at=NOW)
    return case


@contextmanager
def locked(case: Case) -> Iterator[None]:
    """By somebody else, who takes their time."""
    held, release = Event(), Event()

    def hold() -> None:
        with transaction.atomic():
            Case.objects.select_for_update(no_key=True).get(pk=case.pk)
            held.set()
            release.wait(30)
        connection.close()

    thread = Thread(target=hold)
    thread.start()
    try:
        assert held.wait(30)
        yield
    finally:
        release.set()
        thread.join()


@pytest.mark.parametrize("name", SWEEPS)
def test_what_somebody_has_locked_is_left_to_the_next_run(
    name: str, is_postgres: bool, caplog: pytest.LogCaptureFixture
) -> None:
    assert is_postgres
    case = due_case()
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '2s'")  # who waits would fail, and say so
    try:
        with locked(case), caplog.at_level(logging.WARNING):
            assert SWEEPS[name](LATE) == 0
        assert caplog.records == []
        assert SWEEPS[name](LATE) == 1
    finally:
        with connection.cursor() as cursor:
            cursor.execute("RESET lock_timeout")
