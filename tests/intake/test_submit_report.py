"""A report is stored once, encrypted, in few statements, and handed over."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from intake.actions import entry as entry_module
from intake.actions import submit_report as module
from intake.actions.submit_report import ReportEntry, submit_report, submit_report_step
from intake.errors import ReportErased
from intake.models import Body, Consent, IntakeEvent, PublicStatus, Report, ReportKey, SafeContact
from intake.queries import reference_data, report_by_code
from intake.signals import intake_event

pytestmark = pytest.mark.django_db
Make = Callable[..., ReportEntry]


def whole_database() -> bytes:
    """Every value of every table, as a thief of the disk would read it."""
    seen: list[bytes] = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            for row in cursor.fetchall():
                seen += [bytes(v) if isinstance(v, bytes | memoryview) else str(v).encode() for v in row]
    return b"\0".join(seen)


def test_a_report_with_only_country_and_category_is_taken(entry: Make, now: datetime) -> None:
    sent = submit_report(entry=entry(), now=now)
    report = Report.objects.get(pk=sent.report_id)
    assert (report.reference, report.country_id, report.category_id) == (sent.reference, "RU", "WRK")
    assert report.questions_version == 1
    assert not Consent.objects.exists() and not SafeContact.objects.exists() and not PublicStatus.objects.exists()


def test_the_code_opens_the_report_and_only_its_hash_is_kept(entry: Make, now: datetime) -> None:
    sent = submit_report(entry=entry(), now=now)
    assert sent.code is not None and len(sent.code) == 20
    found = report_by_code(sent.code)
    assert found is not None and found.pk == sent.report_id
    assert sent.code.encode() not in whole_database()


def test_everything_that_was_said_can_be_read_with_the_key(full_entry: Make, now: datetime) -> None:
    report = Report.objects.get(pk=submit_report(entry=full_entry(), now=now).report_id)
    key = ReportKey.of(report.pk)
    assert report.unseal(key, "story") == "Canary-story: üç aydır maaş yoxdur"
    assert report.unseal(key, "identity") == {"name": "Canary-name Əliyev"}
    assert report.unseal(key, "answers")["need_what"] == ["shelter", "medicine"]
    contact = SafeContact.objects.get()
    assert contact.unseal(key, "value") == "+79000000011"
    assert contact.timezone == "Asia/Kamchatka"


def test_nothing_personal_lies_plain_in_the_database(full_entry: Make, now: datetime) -> None:
    submit_report(entry=full_entry(), now=now)
    dump = whole_database()
    assert b"UNPAID" in dump  # what is counted is there, so the dump is a dump
    assert b"Canary" not in dump and b"000000011" not in dump


def test_without_its_key_a_report_is_unreadable(full_entry: Make, now: datetime) -> None:
    sent = submit_report(entry=full_entry(), now=now)
    ReportKey.objects.all().delete()
    with pytest.raises(ReportErased):
        ReportKey.of(sent.report_id)


def test_consent_is_stored_answer_by_answer(full_entry: Make, now: datetime) -> None:
    submit_report(entry=full_entry(), now=now)
    rows = set(Consent.objects.values_list("question", "data_group", "answer", "text_version", "language", "how"))
    assert rows == {
        ("share", "", "any", 3, "az", "form"),
        ("cross_border", "", "no", 3, "az", "form"),
        ("group", "story", "yes", 3, "az", "form"),
        ("group", "contact", "yes", 3, "az", "form"),
    }


@pytest.mark.django_db(transaction=True)
def test_a_full_report_costs_seven_statements_and_no_savepoint(full_entry: Make, body: Body, now: datetime) -> None:
    reference_data()
    with CaptureQueriesContext(
        connection,
    ) as queries:
        submit_report(entry=full_entry(must_not_see=(body.pk,), submission_key="k"), now=now)
    work = [query["sql"] for query in queries if query["sql"].split()[0] not in ("BEGIN", "COMMIT")]
    assert len(work) == 7, work
    assert all(sql.startswith("INSERT") for sql in work), work


@pytest.mark.django_db(transaction=True)
def test_a_report_is_handed_over_after_its_commit(entry: Make, now: datetime) -> None:
    heard: list[Any] = []

    def listen(report_id: Any, **_: Any) -> None:
        heard.append((report_id, connection.in_atomic_block))

    intake_event.connect(listen)
    try:
        sent = submit_report(entry=entry(), now=now)
    finally:
        intake_event.disconnect(listen)
    assert heard == [(sent.report_id, False)]
    assert IntakeEvent.objects.get().kind == "submitted"


@pytest.mark.django_db(transaction=True)
def test_a_fault_in_taking_up_never_reaches_the_reporter(entry: Make, now: datetime) -> None:
    def fail(**_: Any) -> None:
        raise RuntimeError("cases is down")

    intake_event.connect(fail)
    try:
        sent = submit_report(entry=entry(), now=now)
    finally:
        intake_event.disconnect(fail)
    assert IntakeEvent.objects.get(report_id=sent.report_id).taken_up_at is None


@pytest.mark.django_db(transaction=True)
def test_a_repeat_is_the_same_report(entry: Make, now: datetime) -> None:
    first = submit_report(entry=entry(submission_key="k"), now=now)
    second = submit_report(entry=entry(submission_key="k", category="DET"), now=now)
    assert (second.report_id, second.reference, second.code) == (first.report_id, first.reference, None)
    assert second.is_repeat and not first.is_repeat
    assert Report.objects.count() == IntakeEvent.objects.count() == ReportKey.objects.count() == 1


def test_a_repeat_gives_a_code_back_only_if_it_is_the_right_one(entry: Make, now: datetime) -> None:
    code = "1234 5678 9012 3456 7890"
    submit_report(entry=entry(submission_key="k", code=code), now=now)
    again = submit_report(entry=entry(submission_key="k", code=code), now=now)
    assert again.code == code.replace(" ", "")
    assert submit_report(entry=entry(submission_key="k", code="0" * 20), now=now).code is None


def test_the_same_key_of_two_clients_makes_two_reports(entry: Make, now: datetime) -> None:
    for _ in range(2):
        submit_report(entry=entry(channel="api", source_ref=uuid4(), submission_key="1"), now=now)
    assert Report.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_a_taken_reference_is_replaced_by_another(entry: Make, now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    references = iter(["AAAA-AAA-A", "AAAA-AAA-A", "BBBB-BBB-B"])
    monkeypatch.setattr(entry_module, "new_reference", lambda: next(references))
    assert submit_report(entry=entry(), now=now).reference == "AAAA-AAA-A"
    assert submit_report(entry=entry(), now=now).reference == "BBBB-BBB-B"
    assert ReportKey.objects.count() == 2  # the failed attempt left nothing behind


def test_a_failure_that_stays_rises_and_leaves_nothing(
    entry: Make, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(entry_module, "new_reference", lambda: "AAAA-AAA-A")
    submit_report(entry=entry(), now=now)
    with pytest.raises(IntegrityError):
        submit_report(entry=entry(), now=now)
    assert ReportKey.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_the_step_repeats_inside_an_outer_transaction_and_goes_with_it(entry: Make, now: datetime) -> None:
    with transaction.atomic(durable=True):
        first = submit_report_step(entry=entry(submission_key="k"), now=now)
        assert submit_report_step(entry=entry(submission_key="k"), now=now).report_id == first.report_id
        transaction.set_rollback(True)
    assert not Report.objects.exists() and not IntakeEvent.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_the_step_without_a_key_looks_nothing_up(full_entry: Make, now: datetime) -> None:
    reference_data()
    with transaction.atomic(durable=True), CaptureQueriesContext(connection) as queries:
        submit_report_step(entry=full_entry(), now=now)
    assert [query["sql"].split()[0] for query in queries] == ["INSERT"] * 6


@pytest.mark.django_db(transaction=True)
def test_sent_eight_times_at_once_it_is_one_report(entry: Make, now: datetime) -> None:
    reference_data()
    sent = entry(submission_key="k", code="1" * 20)

    def send(_: int) -> module.Submitted:
        try:
            return submit_report(entry=sent, now=now)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(send, range(8)))
    assert {(result.reference, result.code) for result in results} == {(Report.objects.get().reference, "1" * 20)}
    assert sum(not result.is_repeat for result in results) == 1
    assert ReportKey.objects.count() == IntakeEvent.objects.count() == 1


def test_an_entry_shows_nothing_of_the_person_when_printed(full_entry: Make, now: datetime) -> None:
    made = full_entry(code="1" * 20)
    sent = submit_report(entry=made, now=now)
    assert "Canary" not in f"{made!r} {made.contact!r} {sent!r}" and "1111" not in f"{made!r} {sent!r}"
