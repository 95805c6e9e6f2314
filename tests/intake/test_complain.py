"""A complaint about us or about an organisation that the report has met; sealed, once, handed over."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import pytest

from intake.actions import complain as module
from intake.actions.change_consent import ask_consent
from intake.actions.complain import complain
from intake.actions.submit_report import ReportEntry, submit_report
from intake.errors import InvalidInput
from intake.models import Body, Complaint, IntakeEvent, ReportKey
from intake.queries.organisations import organisations_of

pytestmark = pytest.mark.django_db
Make = Callable[..., ReportEntry]


@pytest.fixture
def report_id(entry: Make, now: datetime) -> UUID:
    return submit_report(entry=entry(), now=now).report_id


def about(report_id: UUID, now: datetime, **changes: Any) -> Complaint:
    values: dict[str, Any] = {"about": None, "text": "Canary-complaint", "submission_key": "a"}
    return complain(report_id=report_id, now=now, **(values | changes))


def test_about_us(report_id: UUID, now: datetime) -> None:
    complaint = about(report_id, now)
    assert complaint.about is None and complaint.answered_at is None
    assert complaint.unseal(ReportKey.of(report_id), "text") == "Canary-complaint"
    assert IntakeEvent.objects.get(kind="complaint").subject == complaint.pk


def test_about_an_organisation_that_the_report_has_met(report_id: UUID, body: Body, now: datetime) -> None:
    ask_consent(report_id=report_id, body_id=body.pk, now=now)
    assert set(organisations_of(report_id)) == {body.pk}
    assert about(report_id, now, about=body.pk).about == body


def test_an_organisation_it_never_met_is_refused(report_id: UUID, body: Body, now: datetime) -> None:
    for forged in (body.pk, uuid4()):
        with pytest.raises(InvalidInput):
            about(report_id, now, about=forged)
    assert not Complaint.objects.exists() and not IntakeEvent.objects.filter(kind="complaint").exists()


def test_pressing_twice_complains_once(report_id: UUID, now: datetime) -> None:
    assert about(report_id, now) == about(report_id, now, text="again")
    assert IntakeEvent.objects.filter(kind="complaint").count() == 1


@pytest.mark.parametrize("text", ["", " ", None, "x" * (module.LENGTH + 1)])
def test_an_empty_or_endless_one_is_refused(report_id: UUID, now: datetime, text: Any) -> None:
    with pytest.raises(InvalidInput):
        about(report_id, now, text=text)


def test_there_is_an_end_to_it(report_id: UUID, now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST", 1)
    about(report_id, now)
    with pytest.raises(InvalidInput):
        about(report_id, now, submission_key="b")
