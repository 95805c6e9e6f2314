"""Files are added whole: sealed while they come, refused with a reason, nothing left of what was refused."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as site

from intake.actions.drafts import DraftSent, delete_expired_drafts, discard_draft, open_draft
from intake.actions.erase_report import erase_report
from intake.actions.file_owner import FileOwner, harmless_name
from intake.actions.file_refusals import REASONS, FileRefused
from intake.actions.files import remove_file, store_file
from intake.actions.send_draft import send_draft
from intake.actions.submit_report import ReportEntry
from intake.errors import DraftExpired, ReportErased
from intake.models import Attachment, IntakeEvent, ReportKey
from intake.queries.files import files_of, files_of_draft, read_raw
from intake.uploads import refused
from tests.intake.filing import NAME, draft_owner, found_in_store, lying, report_owner, stored
from tests.intake.uploads import samples

pytestmark = pytest.mark.django_db
Entry = Callable[..., ReportEntry]
CANARY = samples.CANARY.encode()


@pytest.fixture
def owner(entry: Entry, now: datetime) -> FileOwner:
    return report_owner(entry, now)


def refusal(owner: FileOwner, content: bytes, now: datetime) -> str:
    with pytest.raises(FileRefused) as refused:
        stored(owner, content, now)
    return refused.value.reason


def test_a_file_lies_sealed_under_a_name_that_says_nothing(owner: FileOwner, now: datetime) -> None:
    row = stored(owner, samples.photo(), now)
    assert (row.state, row.kind, row.voice) == ("received", "photo", "reporter")
    assert len(lying()) == 1 and not found_in_store(CANARY) and not found_in_store(b"Passport")
    assert lying()[0].stat().st_mode & 0o077 == 0 and lying()[0].parent.stat().st_mode & 0o077 == 0
    key = ReportKey.of(row.report_id)
    assert b"".join(read_raw(row, key)) == samples.photo()
    assert files_of(row.report_id)[0].name == NAME


def test_cases_hears_of_a_file_added_to_a_report(owner: FileOwner, now: datetime) -> None:
    row = stored(owner, samples.photo(), now)
    events = IntakeEvent.objects.filter(report_id=owner.report_id, kind="file")
    assert [(event.subject, event.at) for event in events] == [(row.pk, now)]


def test_a_file_of_another_kind_is_refused_and_nothing_is_left(owner: FileOwner, now: datetime) -> None:
    assert refusal(owner, samples.svg_with_script(), now) == "web_page"
    assert refusal(owner, b"", now) == "empty"
    assert refusal(owner, b"MZ" + bytes(200_000), now) == "program"
    assert not lying() and not Attachment.objects.exists()


def test_a_file_that_is_too_large_is_refused_while_it_comes(owner: FileOwner, now: datetime, settings: Any) -> None:
    settings.FILES_LIMIT_BYTES = 100_000
    read = []

    def endless() -> Iterator[bytes]:
        while True:
            read.append(1)
            yield samples.photo() + bytes(30_000)

    with pytest.raises(FileRefused, match="too_large"):
        store_file(owner=owner, stream=endless(), name="x", now=now)
    assert len(read) == 4 and not lying()


def test_a_stream_that_breaks_leaves_nothing(owner: FileOwner, now: datetime) -> None:
    def broken() -> Iterator[bytes]:
        yield samples.photo()
        raise ConnectionError

    with pytest.raises(ConnectionError):
        store_file(owner=owner, stream=broken(), name="x", now=now)
    assert not lying() and not Attachment.objects.exists()


def test_there_is_room_for_so_many_files_and_no_more(owner: FileOwner, now: datetime, settings: Any) -> None:
    settings.FILES_MOST = 2
    stored(owner, samples.photo(), now)
    stored(owner, samples.photo(), now)
    assert refusal(owner, samples.photo(), now) == "too_many"
    settings.FILES_MOST, settings.FILES_TOTAL_BYTES = 9, 3 * len(samples.photo()) - 1
    assert refusal(owner, samples.photo(), now) == "total_too_large"
    assert len(lying()) == 2


def test_a_full_disk_takes_no_files(owner: FileOwner, now: datetime, settings: Any) -> None:
    settings.FILES_KEEP_FREE_BYTES = 1 << 60
    assert refusal(owner, samples.photo(), now) == "no_space"
    assert not lying()


def test_an_erased_report_takes_no_file(owner: FileOwner, now: datetime) -> None:
    erase_report(report_id=owner.report_id, because="reporter", now=now)
    with pytest.raises(ReportErased):
        stored(owner, samples.photo(), now)
    assert not lying() and not Attachment.objects.exists()


def test_a_draft_that_was_never_given_out_takes_no_file(now: datetime, small_reference: None) -> None:
    with pytest.raises(DraftExpired):
        stored(FileOwner(draft_secret="forged"), samples.photo(), now)
    assert not lying()


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\Aysel\\photo.jpg", "photo.jpg"),
        ("photo.jpg.exe", "photo.jpg.exe"),
        ("\u202egpj.exe", "gpj.exe"),
        ("a\0\r\nb.pdf", "a b.pdf"),
        (".htaccess", "htaccess"),
        ("", ""),
        ("x" * 1_000_000 + ".pdf", "x" * 99 + "…" + "x" * 16 + ".pdf"),
        ("şəkil фото.jpg", "şəkil фото.jpg"),
        ("\ud800", ""),
    ],
)
def test_a_name_is_made_harmless(typed: str, shown: str) -> None:
    assert harmless_name(typed) == shown


def test_a_person_takes_a_file_back_with_all_its_bytes(owner: FileOwner, now: datetime) -> None:
    row = stored(owner, samples.photo(), now)
    with _commits():
        assert remove_file(owner=owner, file_id=row.pk, now=now)
    assert not lying() and not Attachment.objects.exists()
    assert not remove_file(owner=owner, file_id=row.pk, now=now)


def test_nobody_takes_back_the_file_of_somebody_else(owner: FileOwner, entry: Entry, now: datetime) -> None:
    row = stored(owner, samples.photo(), now)
    assert not remove_file(owner=report_owner(entry, now), file_id=row.pk, now=now)
    assert not remove_file(owner=draft_owner(now), file_id=row.pk, now=now)
    assert not remove_file(owner=FileOwner(report_id=owner.report_id, voice="caseworker"), file_id=row.pk, now=now)
    assert Attachment.objects.filter(pk=row.pk).exists() and lying()


def test_files_of_a_draft_go_with_the_report(small_reference: None, now: datetime) -> None:
    owner = draft_owner(now)
    row = stored(owner, samples.photo(), now, use="story")
    opened = open_draft(secret=owner.draft_secret, now=now)
    assert [file.name for file in files_of_draft(opened.draft, opened.key)] == [NAME]
    assert opened.answers["files"] == {"names": [NAME]}
    before = lying()
    sent = send_draft(secret=owner.draft_secret, now=now)
    row.refresh_from_db()
    assert (row.report_id, row.draft_id, row.state, row.use) == (sent.report_id, None, "received", "story")
    assert b"".join(read_raw(row, ReportKey.of(sent.report_id))) == samples.photo()
    assert lying() == before
    assert not IntakeEvent.objects.filter(kind="file").exists(), "SUBMITTED covers it"
    with pytest.raises(DraftSent):
        stored(owner, samples.photo(), now)


def test_files_of_a_draft_that_is_left_or_runs_out_are_deleted(small_reference: None, now: datetime) -> None:
    left, late = draft_owner(now), draft_owner(now)
    stored(left, samples.photo(), now)
    stored(late, samples.photo(), now)
    with _commits():
        discard_draft(secret=left.draft_secret)
    assert len(lying()) == 1
    with _commits():
        delete_expired_drafts(now=now + timedelta(hours=25))
    assert not lying() and not Attachment.objects.exists()


def test_erasing_deletes_every_byte(owner: FileOwner, now: datetime) -> None:
    stored(owner, samples.photo(), now)
    with _commits():
        erase_report(report_id=owner.report_id, because="reporter", now=now)
    assert not lying() and not Attachment.objects.exists()


def test_every_reason_has_words() -> None:
    assert set(refused.REASONS) <= set(REASONS)
    assert all(len(str(words)) > 20 for words in REASONS.values())


def test_temporary_bytes_have_no_name(owner: FileOwner, now: datetime) -> None:
    before = set(Path(site.VAR_DIR).iterdir())

    def watched() -> Iterator[bytes]:
        yield samples.photo()
        assert set(Path(site.VAR_DIR).iterdir()) == before

    store_file(owner=owner, stream=watched(), name="x", now=now)


def _commits() -> Any:
    from django.test import TestCase

    return TestCase.captureOnCommitCallbacks(execute=True)
