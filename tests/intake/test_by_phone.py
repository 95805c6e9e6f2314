"""A report taken on the telephone: filed by one caseworker, with consent only to words that were read aloud."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from intake.actions.drafts import save_answers, start_draft
from intake.actions.entry import ConsentEntry, ReportEntry
from intake.actions.send_draft import send_draft
from intake.actions.submit_report import submit_report
from intake.errors import DraftExpired, InvalidInput
from intake.models import Consent, Report

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("small_reference")]
WORKER = UUID(int=7)


def call(now: datetime, **consent: Any) -> str:
    secret = start_draft(now=now).secret
    steps: dict[str, Any] = {"call": {"by": str(WORKER)}, "where": {"country": "RU"}, "what": {"category": "WRK"}}
    for step, values in {**steps, "consent": consent}.items():
        save_answers(secret=secret, step=step, values=values, now=now, interface_language="az")
    return secret


def test_the_caseworker_is_kept_as_its_source(now: datetime) -> None:
    send_draft(secret=call(now), now=now, taken_by=WORKER)
    report = Report.objects.get()
    assert (report.channel, report.source_ref) == ("phone", WORKER)


def test_consent_carries_reader_words_and_the_moment_of_reading(now: datetime) -> None:
    read = {"was_read": True, "read_at": now.isoformat(), "read_in": "ru", "text_version": 2}
    send_draft(secret=call(now, share="any", groups=["story"], **read), now=now + timedelta(hours=3), taken_by=WORKER)
    given = Consent.objects.values_list("how", "read_by_ref", "text_version", "language", "given_at")
    assert set(given) == {("verbal", WORKER, 2, "ru", now)} and len(given) == 2


UNTICKED = {"was_read": False, "read_at": "2026-11-24T08:00:00+00:00", "read_in": "az", "text_version": 2}


@pytest.mark.parametrize(
    "read", [{}, {"was_read": False}, {"was_read": True}, {"was_read": True, "read_at": "once"}, UNTICKED]
)
def test_answers_without_reading_are_no_consent(read: dict[str, Any], now: datetime) -> None:
    send_draft(secret=call(now, share="any", groups=["story"], **read), now=now, taken_by=WORKER)
    assert Report.objects.count() == 1
    assert not Consent.objects.exists()


def test_the_call_of_a_colleague_cannot_be_filed(now: datetime) -> None:
    with pytest.raises(DraftExpired):
        send_draft(secret=call(now), now=now, taken_by=uuid4())
    assert not Report.objects.exists()


@pytest.mark.parametrize(
    "consent",
    [
        ConsentEntry(share="any", how="verbal"),
        ConsentEntry(share="any", how="api", read_by_ref=WORKER),
        ConsentEntry(share="any", given_at="now"),  # type: ignore[arg-type]
    ],
)
def test_verbal_consent_has_a_reader_and_no_other_has(consent: ConsentEntry, now: datetime) -> None:
    entry = ReportEntry(channel="api", language="az", country="RU", category="WRK", consent=consent)
    with pytest.raises(InvalidInput):
        submit_report(entry=entry, now=now)
    assert not Report.objects.exists()
