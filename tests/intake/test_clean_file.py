"""A file becomes ready, is refused with a reason, or waits; its raw bytes never outlive that."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as site
from django.test import TestCase

from intake.actions import clean_file as module
from intake.actions.clean_file import TRIES, clean_file, clean_waiting
from intake.actions.erase_report import erase_report
from intake.actions.file_owner import FileOwner
from intake.actions.forget_files import sweep_files
from intake.actions.submit_report import ReportEntry
from intake.models import Attachment, ReportKey
from intake.queries.files import files_of, read_clean, ready_file, safe_name
from intake.uploads.cleaning import Crashed
from intake.uploads.scanning import ScannerAway
from intake.uploads.sealing import Damaged
from tests.intake.filing import draft_owner, found_in_store, lying, report_owner, stored
from tests.intake.uploads import samples

pytestmark = pytest.mark.django_db
Entry = Callable[..., ReportEntry]
CANARY = samples.CANARY.encode()


@pytest.fixture
def owner(entry: Entry, now: datetime) -> FileOwner:
    return report_owner(entry, now)


def examined(row: Attachment, now: datetime) -> Attachment:
    with TestCase.captureOnCommitCallbacks(execute=True):
        clean_file(file_id=row.pk, now=now)
    return Attachment.objects.get(pk=row.pk)


def test_a_file_becomes_ready_and_what_came_is_gone(owner: FileOwner, now: datetime) -> None:
    raw = stored(owner, samples.photo(), now)
    row = examined(raw, now)
    assert (row.state, row.kind, row.media_type, row.raw_parts) == ("ready", "photo", "image/jpeg", [])
    assert len(lying()) == 1 and not found_in_store(b"JFIF")
    out = b"".join(read_clean(row, ReportKey.of(row.report_id)))
    assert out.startswith(b"\xff\xd8") and CANARY not in out and len(out) == row.clean_bytes
    assert ready_file(row.report_id, row.pk) is not None
    assert safe_name(row).startswith("file-") and safe_name(row).endswith(".jpg")


def test_a_film_turns_out_to_be_a_voice(owner: FileOwner, now: datetime) -> None:
    row = examined(stored(owner, samples.webm(is_live=True), now, use="story"), now)
    assert (row.state, row.kind, row.media_type) == ("ready", "audio", "audio/webm")


def test_cleaning_again_changes_nothing(owner: FileOwner, now: datetime) -> None:
    row = examined(stored(owner, samples.photo(), now), now)
    assert not clean_file(file_id=row.pk, now=now + timedelta(days=1))
    assert Attachment.objects.get(pk=row.pk).clean_name == row.clean_name


def test_what_cannot_be_cleaned_is_refused_with_its_reason(owner: FileOwner, now: datetime) -> None:
    row = examined(stored(owner, samples.pdf(password="x"), now), now)
    assert (row.state, row.reason, row.clean_name) == ("refused", "encrypted", "")
    assert not lying() and ready_file(row.report_id, row.pk) is None
    assert files_of(row.report_id)[0].reason == "encrypted"


def test_files_of_a_draft_wait_until_it_is_sent(small_reference: None, now: datetime) -> None:
    row = stored(draft_owner(now), samples.photo(), now)
    assert clean_waiting(now=now) == 0
    assert not clean_file(file_id=row.pk, now=now)


def test_a_file_in_work_is_not_taken_twice(owner: FileOwner, now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    row = stored(owner, samples.photo(), now)
    seen = []
    monkeypatch.setattr(module, "_examine", lambda *given: seen.append(clean_file(file_id=row.pk, now=now)))
    clean_file(file_id=row.pk, now=now)
    assert seen == [False]


def test_a_file_that_crashes_its_cleaning_is_given_up_after_some_tries(
    owner: FileOwner, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    row, other = stored(owner, samples.photo(), now), stored(owner, samples.gif(), now + timedelta(seconds=1))

    def crash(_row: Attachment, *_given: Any) -> tuple[str, str]:
        if _row.pk == row.pk:
            raise Crashed("signal 11")
        return original(_row, *_given)

    original = module._clean
    monkeypatch.setattr(module, "_clean", crash)
    moment, pauses = now, []
    with TestCase.captureOnCommitCallbacks(execute=True):
        for _ in range(TRIES + 1):
            clean_waiting(now=moment)
            row.refresh_from_db()
            pauses.append(row.not_before - moment if row.not_before else None)
            assert clean_waiting(now=moment) == 0, "it waits for its turn"
            moment = row.not_before or moment
    assert (row.state, row.reason, row.raw_parts) == ("refused", "damaged", [])
    assert pauses[:2] == [timedelta(seconds=10), timedelta(seconds=40)] and pauses[-1] is None
    assert Attachment.objects.get(pk=other.pk).state == "ready", "it held up nobody else"


@pytest.mark.parametrize("fault", ["a worker with old keys", "a full disk"])
def test_a_fault_of_ours_never_costs_the_file(
    owner: FileOwner, now: datetime, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    row, tries = stored(owner, samples.photo(), now), TRIES + 3
    with monkeypatch.context() as patched, TestCase.captureOnCommitCallbacks(execute=True):
        if "keys" in fault:
            ReportKey.objects.update(master="m9")
        else:
            patched.setattr(module, "keep", full_disk)
        for number in range(tries):
            clean_waiting(now=now + number * timedelta(minutes=6))
    row.refresh_from_db()
    assert (row.state, row.attempts) == ("received", 0) and row.raw_parts
    ReportKey.objects.update(master="m1")
    assert examined(row, now + tries * timedelta(minutes=6)).state == "ready"


def full_disk(*_given: Any) -> str:
    raise OSError(28, "No space left on device")


def test_a_worker_that_dies_costs_a_pause(owner: FileOwner, now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    row = stored(owner, samples.photo(), now)

    def die(*given: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(module, "_examine", die)
        clean_file(file_id=row.pk, now=now)
    assert not clean_file(file_id=row.pk, now=now + timedelta(minutes=1))
    assert examined(row, now + timedelta(minutes=6)).state == "ready"


def test_stored_bytes_that_were_changed_are_never_shown(owner: FileOwner, now: datetime) -> None:
    row = examined(stored(owner, samples.photo(), now), now)
    place = lying()[0]
    content = bytearray(place.read_bytes())
    content[-1] ^= 1
    place.chmod(0o600)
    place.write_bytes(content)
    with pytest.raises(Damaged):
        list(read_clean(row, ReportKey.of(row.report_id)))


def test_the_bytes_of_one_file_do_not_open_as_another(owner: FileOwner, now: datetime) -> None:
    one = examined(stored(owner, samples.photo(), now), now)
    two = examined(stored(owner, samples.gif(), now), now)
    one.clean_name = two.clean_name
    with pytest.raises(Damaged):
        list(read_clean(one, ReportKey.of(one.report_id)))


def test_what_is_erased_while_it_is_cleaned_stays_gone(
    owner: FileOwner, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = stored(owner, samples.photo(), now)
    original = module._clean

    def erase_meanwhile(*given: Any) -> tuple[str, str]:
        made = original(*given)
        erase_report(report_id=owner.report_id, because="reporter", now=now)
        return made

    monkeypatch.setattr(module, "_clean", erase_meanwhile)
    with TestCase.captureOnCommitCallbacks(execute=True):
        clean_file(file_id=row.pk, now=now)
    assert not lying() and not Attachment.objects.exists()


def test_bytes_that_no_row_knows_are_swept_after_a_day(owner: FileOwner, now: datetime) -> None:
    row = examined(stored(owner, samples.photo(), now), now)
    known = lying()
    orphan = Path(known[0].parent.parent) / "ab" / "abcdef"
    orphan.parent.mkdir(exist_ok=True)
    orphan.write_bytes(b"x")
    moment = datetime.fromtimestamp(orphan.stat().st_mtime, tz=now.tzinfo)
    assert sweep_files(now=moment + timedelta(hours=23)) == 0
    assert sweep_files(now=moment + timedelta(hours=25)) == 1
    assert lying() == known and b"".join(read_clean(row, ReportKey.of(row.report_id)))


# --- the scanner ------------------------------------------------------------------------------------------------------


class Clamd(threading.Thread):
    """Speaks clamd's INSTREAM on a real socket: finds EICAR, says OK to the rest, or what `answer` says."""

    def __init__(self, *, answer: bytes | None = None, path: Path | None = None) -> None:
        super().__init__(daemon=True)
        self.answer = answer
        self.seen: list[bytes] = []
        if path is None:
            self.listener = socket.create_server(("127.0.0.1", 0))
            self.address = f"tcp:127.0.0.1:{self.listener.getsockname()[1]}"
        else:
            self.listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            self.listener.bind(str(path))
            self.listener.listen()
            self.address = f"unix:{path}"

    def run(self) -> None:
        while True:
            try:
                line, _address = self.listener.accept()
            except OSError:
                return
            with line, line.makefile("rb") as stream:
                assert stream.read(10) == b"zINSTREAM\0"
                content = b""
                while size := int.from_bytes(stream.read(4), "big"):
                    content += stream.read(size)
                self.seen.append(content)
                found = b"stream: Eicar-Test-Signature FOUND\0" if samples.EICAR in content else b"stream: OK\0"
                line.sendall(found if self.answer is None else self.answer)


@contextmanager
def clamd(**options: Any) -> Iterator[Clamd]:
    server = Clamd(**options)
    server.start()
    try:
        yield server
    finally:
        server.listener.close()


def test_what_the_scanner_knows_is_refused_and_deleted(owner: FileOwner, now: datetime, settings: Any) -> None:
    with clamd() as server:
        settings.CLAMD_SOCKET = server.address
        row = examined(stored(owner, samples.photo() + samples.EICAR, now), now)
    assert (row.state, row.reason) == ("refused", "infected") and not lying()
    assert server.seen == [samples.photo() + samples.EICAR]


def test_what_the_scanner_does_not_know_becomes_ready(
    owner: FileOwner, now: datetime, settings: Any, tmp_path: Path
) -> None:
    with clamd(path=tmp_path / "clamd") as server:
        settings.CLAMD_SOCKET = server.address
        assert examined(stored(owner, samples.photo(), now), now).state == "ready"


NO_VERDICTS = (b"", b"stream: ", b"INSTREAM size limit exceeded. ERROR\0", b"OK\0", b"stream: OK but\0", b"\xff" * 5000)


@pytest.mark.parametrize("answer", NO_VERDICTS)
def test_without_a_clear_verdict_nothing_is_let_through(
    owner: FileOwner, now: datetime, settings: Any, answer: bytes
) -> None:
    row = stored(owner, samples.photo(), now)
    with clamd(answer=answer) as server:
        settings.CLAMD_SOCKET = server.address
        with pytest.raises(ScannerAway):
            clean_file(file_id=row.pk, now=now)
    row.refresh_from_db()
    assert (row.state, row.attempts, row.not_before) == ("received", 0, now + timedelta(minutes=1))


def test_a_scanner_that_is_away_keeps_files_waiting_however_long(
    owner: FileOwner, now: datetime, settings: Any
) -> None:
    row = stored(owner, samples.photo(), now)
    settings.CLAMD_SOCKET = "tcp:127.0.0.1:9"
    for minute in range(TRIES + 3):
        clean_waiting(now=now + timedelta(minutes=2 * minute))
    row.refresh_from_db()
    assert row.state == "received" and row.raw_parts
    settings.CLAMD_SOCKET = ""
    assert examined(row, now + timedelta(hours=1)).state == "ready"


def test_without_a_scanner_nothing_is_asked(now: datetime) -> None:
    assert site.CLAMD_SOCKET == ""
