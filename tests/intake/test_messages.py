"""The person writes and is written to: once per press, sealed, handed over."""

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest
from django.db import transaction

from intake.actions import messages
from intake.actions.erase_report import erase_report
from intake.actions.messages import LENGTH, mark_read, mark_read_step, notice_step, post_message, write_to_reporter_step
from intake.actions.submit_report import ReportEntry, submit_report
from intake.errors import InvalidInput, ReportErased, Throttled
from intake.models import IntakeEvent, Message, ReportKey

pytestmark = pytest.mark.django_db
Make = Callable[..., ReportEntry]


@pytest.fixture
def report_id(entry: Make, now: datetime) -> UUID:
    return submit_report(entry=entry(), now=now).report_id


def text_of(message: Message) -> str:
    return str(message.unseal(ReportKey.of(message.report_id), "text"))


def test_a_message_is_sealed_and_handed_over(report_id: UUID, now: datetime) -> None:
    message = post_message(report_id=report_id, text=" Canary \u202e salam\r\n", submission_key="a", now=now)
    row = Message.objects.get()
    assert text_of(row) == "Canary  salam" and "Canary" not in repr(bytes(row.text.blob))
    event = IntakeEvent.objects.get(kind="message")
    assert (event.subject, row.voice, row.organisation) == (message.pk, "reporter", None)


def test_pressing_twice_posts_once(report_id: UUID, now: datetime) -> None:
    first = post_message(report_id=report_id, text="one", submission_key="a", now=now)
    again = post_message(report_id=report_id, text="two", submission_key="a", now=now + timedelta(minutes=5))
    assert first == again and text_of(again) == "one"
    assert IntakeEvent.objects.filter(kind="message").count() == 1
    post_message(report_id=report_id, text="one", submission_key="b", now=now)
    assert Message.objects.count() == 2


def test_the_same_key_on_another_report_is_another_message(report_id: UUID, entry: Make, now: datetime) -> None:
    other = submit_report(entry=entry(), now=now).report_id
    for report in (report_id, other):
        post_message(report_id=report, text="x", submission_key="a", now=now)
    assert set(Message.objects.values_list("report_id", flat=True)) == {report_id, other}


@pytest.mark.parametrize("text", ["", "  \n ", "\u202e\x00", None, 5, ["x"], "x" * (LENGTH + 1), "x" * 1_000_000])
def test_nothing_and_far_too_much_are_refused(report_id: UUID, now: datetime, text: object) -> None:
    with pytest.raises(InvalidInput) as refusal:
        post_message(report_id=report_id, text=text, submission_key="a", now=now)  # type: ignore[arg-type]
    assert list(refusal.value.fields) == ["text"]
    assert not Message.objects.exists() and not IntakeEvent.objects.filter(kind="message").exists()


@pytest.mark.parametrize("text", ["x" * LENGTH, "👍🏽", "<script>alert(1)</script>", "'; DROP TABLE", "دستگیر شدم"])
def test_whatever_else_a_person_writes_is_kept_as_it_is(report_id: UUID, now: datetime, text: str) -> None:
    assert text_of(post_message(report_id=report_id, text=text, submission_key="a", now=now)) == text


def test_a_program_cannot_fill_the_disk(report_id: UUID, now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(messages, "MOST_A_DAY", 2)
    for key in "ab":
        post_message(report_id=report_id, text="x", submission_key=key, now=now)
    with pytest.raises(Throttled):
        post_message(report_id=report_id, text="x", submission_key="c", now=now)
    post_message(report_id=report_id, text="x", submission_key="c", now=now + timedelta(days=1, seconds=1))


def test_to_an_erased_report_nothing_is_added(report_id: UUID, now: datetime) -> None:
    erase_report(report_id=report_id, because="reporter", now=now)
    with pytest.raises(ReportErased):
        post_message(report_id=report_id, text="x", submission_key="a", now=now)
    with pytest.raises(ReportErased), transaction.atomic():
        write_to_reporter_step(report_id=report_id, voice="caseworker", by_ref=None, body_id=None, text="x", now=now)
    assert not Message.objects.exists()


def test_a_notice_is_a_code_without_words(report_id: UUID, now: datetime) -> None:
    notice = notice_step(report_id=report_id, code="vital_interest", body_id=None, now=now)
    assert (notice.voice, notice.code, notice.text) == ("system", "vital_interest", None)


def test_each_side_marks_as_read_what_was_written_to_it(report_id: UUID, now: datetime) -> None:
    mine = post_message(report_id=report_id, text="x", submission_key="a", now=now)
    theirs = write_to_reporter_step(
        report_id=report_id, voice="caseworker", by_ref=uuid4(), body_id=None, text="y", now=now
    )
    later = write_to_reporter_step(
        report_id=report_id, voice="caseworker", by_ref=None, body_id=None, text="z", now=now + timedelta(seconds=9)
    )
    assert mark_read(report_id=report_id, until=now, now=now) == 1
    assert mark_read(report_id=report_id, until=now, now=now) == 0
    read = {row.pk: row.read_at for row in Message.objects.all()}
    assert read == {mine.pk: None, theirs.pk: now, later.pk: None}
    assert mark_read_step(report_id=report_id, by="caseworker", until=now, now=now) == 1
    assert Message.objects.get(pk=mine.pk).read_at == now
