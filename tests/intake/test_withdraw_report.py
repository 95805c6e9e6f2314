"""The person takes the report back: once, with everything that was still asked closed."""

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

import pytest

from intake.actions.change_consent import ask_consent
from intake.actions.erase_report import erase_report
from intake.actions.submit_report import ReportEntry, submit_report
from intake.actions.withdraw_report import withdraw_report
from intake.errors import ReportErased
from intake.models import Body, ConsentRequest, IntakeEvent, Report, ReportKey

pytestmark = pytest.mark.django_db
Make = Callable[..., ReportEntry]


@pytest.fixture
def report_id(full_entry: Make, now: datetime) -> UUID:
    return submit_report(entry=full_entry(), now=now).report_id


def test_it_is_taken_back_once_and_handed_over(report_id: UUID, now: datetime) -> None:
    assert withdraw_report(report_id=report_id, now=now)
    assert not withdraw_report(report_id=report_id, now=now + timedelta(hours=1))
    assert Report.objects.get().withdrawn_at == now
    assert IntakeEvent.objects.filter(kind="withdrawn").count() == 1


def test_nobody_is_asked_about_any_more_and_the_words_stay(report_id: UUID, body: Body, now: datetime) -> None:
    ask_consent(report_id=report_id, body_id=body.pk, now=now)
    withdraw_report(report_id=report_id, now=now)
    assert ConsentRequest.objects.get().closed_at == now
    assert "Canary-story" in Report.objects.get().unseal(ReportKey.of(report_id), "story")


def test_of_an_erased_report_there_is_nothing_to_take_back(report_id: UUID, now: datetime) -> None:
    erase_report(report_id=report_id, because="reporter", now=now)
    with pytest.raises(ReportErased):
        withdraw_report(report_id=report_id, now=now)
