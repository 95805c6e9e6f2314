"""What intake hands over is taken up in the same moment, and never at the reporter's expense."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from cases import receivers
from cases.models import Case
from intake.actions.hand_over import hand_over
from intake.models import IntakeEvent, Report
from intake.signals import intake_event
from tests.cases.arrange import submitted

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]
Commit = Callable[..., Any]


def test_a_report_has_its_case_as_soon_as_it_is_committed(
    now: datetime, django_capture_on_commit_callbacks: Commit
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        report_id = submitted(now)
    assert Case.objects.get().report_id == report_id


def test_connecting_again_takes_nothing_up_twice(now: datetime, django_capture_on_commit_callbacks: Commit) -> None:
    receivers.connect()
    receivers.connect()
    assert len([key for key, *_ in intake_event.receivers if key[0] == "cases.take_up"]) == 1


def test_whatever_goes_wrong_the_report_is_safe_and_nobody_hears_of_it(
    now: datetime,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    django_capture_on_commit_callbacks: Commit,
) -> None:
    def fail(**kwargs: Any) -> int:
        raise RuntimeError("Canary")

    monkeypatch.setattr(receivers, "take_up_new_report", fail)
    with django_capture_on_commit_callbacks(execute=True):
        report_id = submitted(now)
    assert Report.objects.filter(pk=report_id).exists() and IntakeEvent.objects.get().taken_up_at is None
    assert str(report_id) in caplog.text and "RuntimeError" in caplog.text and "Canary" not in caplog.text


def test_an_act_after_the_first_is_taken_up_as_well(now: datetime, django_capture_on_commit_callbacks: Commit) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        report_id = submitted(now)
    with django_capture_on_commit_callbacks(execute=True):
        hand_over(report_id=report_id, kind="message", subject=report_id, now=now)
    assert not IntakeEvent.objects.filter(taken_up_at__isnull=True).exists()
    assert Case.objects.get().last_event == "message_received"
