"""The receipt code opens the page; the page shows what intake holds and names no staff."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from intake.actions.change_consent import ask_consent
from intake.actions.publish_status import publish_status
from intake.actions.record_access import record_access
from intake.actions.submit_report import ReportEntry, submit_report
from intake.models import AccessRecord, Body, PublicStatus, Report
from intake.queries import current_contact, current_public_status, mailbox, report_by_code, who_has_seen
from intake.references import group_code

pytestmark = pytest.mark.django_db
Make = Callable[..., ReportEntry]


@pytest.fixture
def report_id(full_entry: Make, now: datetime) -> UUID:
    return submit_report(entry=full_entry(), now=now).report_id


def test_the_code_is_found_however_it_is_typed(entry: Make, now: datetime) -> None:
    sent = submit_report(entry=entry(), now=now)
    code = sent.code or ""
    arabic = code.translate({ord(str(digit)): chr(0x0660 + digit) for digit in range(10)})
    for typed in (code, group_code(code), f"  {'-'.join(code)} ", arabic):
        found = report_by_code(typed)
        assert found is not None and found.pk == sent.report_id


@pytest.mark.parametrize("typed", ["", "abc", "1" * 20, "1" * 19, "1" * 1_000_000, "\x00", "२" * 20, "' OR 1=1 --"])
def test_malformed_never_issued_and_erased_cost_and_answer_the_same(entry: Make, now: datetime, typed: str) -> None:
    code = submit_report(entry=entry(), now=now).code or ""
    Report.objects.update(code_hash=None, erased_at=now)
    seen = []
    for tried in (typed, code):
        with CaptureQueriesContext(connection) as queries:
            assert report_by_code(tried) is None
        seen.append([query["sql"].split("WHERE")[0] for query in queries])
    assert seen[0] == seen[1] and len(seen[0]) == 1


def test_a_report_nobody_has_touched_is_received(report_id: UUID, now: datetime) -> None:
    page = mailbox(report_id, now)
    assert page is not None and page.status.code == "received" and page.status.organisation is None


def test_the_status_is_what_was_published_last(report_id: UUID, body: Body, now: datetime) -> None:
    due = now + timedelta(hours=4)
    publish_status(report_id=report_id, code="offered", expected_by=due, now=now)
    publish_status(report_id=report_id, code="accepted", organisation_id=body.pk, now=now)
    state = current_public_status(Report.objects.get(pk=report_id))
    assert (state.code, state.expected_by, state.organisation) == ("accepted", None, body)
    assert PublicStatus.objects.count() == 1


def test_publishing_costs_one_statement(report_id: UUID, now: datetime) -> None:
    with transaction.atomic(), CaptureQueriesContext(connection) as queries:
        publish_status(report_id=report_id, code="triage", now=now)
    assert len([query for query in queries if "SAVEPOINT" not in query["sql"]]) == 1


def test_the_page_costs_the_same_with_one_row_and_with_twenty(
    report_id: UUID, body: Body, now: datetime, django_assert_num_queries: Any
) -> None:
    publish_status(report_id=report_id, code="accepted", organisation_id=body.pk, now=now)
    for rows in (1, 20):
        for _ in range(rows):
            other = Body.objects.create(kind="partner")
            ask_consent(report_id=report_id, body_id=other.pk, now=now)
            record_access(
                report_id=report_id,
                voice="partner",
                by_ref=uuid4(),
                body_id=other.pk,
                purpose="case_fetched",
                groups=["story"],
                now=now,
            )
        with django_assert_num_queries(5):
            page = mailbox(report_id, now)
            assert page is not None
            [(one.organisation.kind, one.asked_at) for one in page.requests]
            [(one.organisation and one.organisation.kind, one.purpose_label) for one in page.seen]


def test_the_page_shows_rules_of_contact_but_no_number(report_id: UUID, now: datetime) -> None:
    page = mailbox(report_id, now)
    assert page is not None and page.contact is not None
    assert (page.contact.method, page.contact.days, page.contact.timezone) == ("phone", (0, 4), "Asia/Kamchatka")
    assert not hasattr(page.contact, "value") and "000000011" not in repr(page)


def test_an_erased_report_has_no_page(report_id: UUID, now: datetime) -> None:
    Report.objects.update(erased_at=now)
    assert mailbox(report_id, now) is None
    assert mailbox(uuid4(), now) is None


def test_the_newest_contact_replaces_the_ones_before(report_id: UUID, now: datetime) -> None:
    first = current_contact(report_id)
    assert first is not None
    first.pk, first.never_contact, first.created_at = uuid4(), True, now + timedelta(days=1)
    first.save(force_insert=True)
    newest = current_contact(report_id)
    assert newest is not None and newest.never_contact


STAFF = {"voice": "caseworker", "body_id": None, "purpose": "story_read"}


def test_staff_leave_one_record_a_day_and_no_name(report_id: UUID, now: datetime) -> None:
    person = uuid4()
    for hours in (0, 3, 15.9):
        record_access(report_id=report_id, by_ref=person, groups=["story"], now=now + timedelta(hours=hours), **STAFF)
    record_access(report_id=report_id, by_ref=uuid4(), groups=["story"], now=now, **STAFF)
    record_access(report_id=report_id, by_ref=person, groups=["story"], now=now + timedelta(hours=16), **STAFF)
    seen = who_has_seen(report_id)
    assert len(seen) == 3 and seen[0].at > seen[-1].at
    assert str(person) not in repr(seen) and all(one.organisation is None for one in seen)


def test_a_group_that_the_record_does_not_name_is_recorded(report_id: UUID, now: datetime) -> None:
    person = uuid4()
    wrote = [
        record_access(report_id=report_id, by_ref=person, groups=groups, now=now, **STAFF)
        for groups in (["story"], ["story", "contact"], ["contact"])
    ]
    assert wrote == [True, True, False]


def test_a_partner_leaves_one_record_an_hour_whichever_client_it_uses(
    report_id: UUID, body: Body, now: datetime
) -> None:
    for minutes in (0, 30, 59, 60):
        record_access(
            report_id=report_id,
            voice="partner",
            by_ref=uuid4(),
            body_id=body.pk,
            purpose="case_fetched",
            groups=["story"],
            now=now + timedelta(minutes=minutes),
        )
    assert AccessRecord.objects.count() == 2
    assert who_has_seen(report_id)[0].organisation == body
