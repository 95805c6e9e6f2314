"""Uploads in pieces: resumed after a broken line, repeated, forged, in two tabs."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import TestCase

from intake.actions.file_owner import FileOwner
from intake.actions.file_pieces import PIECE, WrongOffset, add_piece
from intake.actions.file_refusals import FileRefused
from intake.actions.forget_files import sweep_files
from intake.actions.send_draft import send_draft
from intake.actions.submit_report import ReportEntry
from intake.models import Attachment, IntakeEvent, ReportKey
from intake.queries.files import read_raw
from tests.cases.arrange import at_once
from tests.intake.filing import add_all, begun, draft_owner, file_of, lying, pieces, report_owner
from tests.intake.uploads import samples

pytestmark = pytest.mark.django_db
Entry = Callable[..., ReportEntry]
FILM = samples.mp4() + samples.box(b"free", bytes(2 * PIECE))


@pytest.fixture
def owner(entry: Entry, now: datetime) -> FileOwner:
    return report_owner(entry, now)


def add(owner: FileOwner, token: str, offset: int, content: bytes, now: datetime) -> int:
    return add_piece(owner=owner, token=token, offset=offset, content=content, now=now).received


def test_pieces_make_the_file(owner: FileOwner, now: datetime) -> None:
    token = begun(owner, len(FILM), now)
    made = add_all(owner, token, FILM, now)
    row = file_of(owner)
    assert made.is_whole and (row.state, row.kind) == ("received", "video")
    assert b"".join(read_raw(row, ReportKey.of(row.report_id))) == FILM
    assert IntakeEvent.objects.filter(kind="file", subject=row.pk).count() == 1
    assert len(lying()) == len(row.raw_parts) == 3


def test_a_broken_line_goes_on_where_it_stopped(owner: FileOwner, now: datetime) -> None:
    token = begun(owner, len(FILM), now)
    first, second, third = pieces(FILM)
    add(owner, token, *first, now)
    assert add(owner, token, 0, b"", now) == PIECE, "an empty piece asks"
    for _ in range(3):
        assert add(owner, token, *first, now) == PIECE, "repeated"
    add(owner, token, *second, now)
    assert add(owner, token, *third, now) == len(FILM)
    assert add(owner, token, *third, now) == len(FILM), "the answer to the last one was lost"
    assert len(lying()) == 3
    assert IntakeEvent.objects.filter(kind="file").count() == 1


@pytest.mark.parametrize(
    ("offset", "size"), [(PIECE, PIECE), (1, PIECE), (0, 7), (0, PIECE + 1), (-5, PIECE), (1 << 40, 1), (0, PIECE - 1)]
)
def test_a_piece_that_does_not_fit_is_not_kept(owner: FileOwner, now: datetime, offset: int, size: int) -> None:
    token = begun(owner, len(FILM), now)
    with pytest.raises(WrongOffset) as refusal:
        add(owner, token, offset, bytes(size), now)
    assert refusal.value.params == {"received": 0} and not lying()


def test_more_than_was_said_is_not_kept(owner: FileOwner, now: datetime) -> None:
    token = begun(owner, 100, now)
    with pytest.raises(WrongOffset):
        add(owner, token, 0, samples.photo()[:101], now)
    assert not lying()


def test_what_is_no_file_of_ours_is_refused_with_the_first_piece(owner: FileOwner, now: datetime) -> None:
    token = begun(owner, 3 * PIECE, now)
    with TestCase.captureOnCommitCallbacks(execute=True), pytest.raises(FileRefused, match="archive"):
        add(owner, token, 0, b"Rar!\x1a\x07" + bytes(PIECE - 6), now)
    assert not Attachment.objects.exists() and not lying()
    with pytest.raises(FileRefused, match="gone"):
        add(owner, token, 0, b"", now)


@pytest.mark.parametrize("size", [0, -1, 31 * 1024 * 1024, 1 << 50])
def test_a_size_that_cannot_be_is_refused_before_anything_comes(owner: FileOwner, now: datetime, size: int) -> None:
    with pytest.raises(FileRefused):
        begun(owner, size, now)
    assert not Attachment.objects.exists()


def test_room_is_kept_for_what_is_still_coming(owner: FileOwner, now: datetime, settings: Any) -> None:
    settings.FILES_TOTAL_BYTES = 1000
    begun(owner, 900, now)
    with pytest.raises(FileRefused, match="total_too_large"):
        begun(owner, 200, now)


def test_a_forged_token_and_that_of_somebody_else_name_nothing(owner: FileOwner, entry: Entry, now: datetime) -> None:
    token = begun(owner, len(FILM), now)
    other = report_owner(entry, now)
    for who, what in (
        (owner, "forged"),
        (owner, ""),
        (owner, "x" * 100_000),
        (other, token),
        (draft_owner(now), token),
    ):
        with pytest.raises(FileRefused, match="gone"):
            add(who, what, *pieces(FILM)[0], now)
    assert not lying()


def test_an_upload_goes_on_after_the_draft_was_sent(small_reference: None, now: datetime) -> None:
    owner = draft_owner(now)
    token = begun(owner, len(FILM), now)
    first, *others = pieces(FILM)
    add(owner, token, *first, now)
    sent = send_draft(secret=owner.draft_secret, now=now)
    for piece in others:
        add(owner, token, *piece, now)
    row = Attachment.objects.get(report_id=sent.report_id)
    assert row.state == "received" and b"".join(read_raw(row, ReportKey.of(sent.report_id))) == FILM
    assert IntakeEvent.objects.filter(kind="file", subject=row.pk).exists()


def test_an_upload_that_is_never_finished_goes_after_a_day(owner: FileOwner, now: datetime) -> None:
    token = begun(owner, len(FILM), now)
    add(owner, token, *pieces(FILM)[0], now)
    assert sweep_files(now=now + timedelta(hours=23)) == 0
    with TestCase.captureOnCommitCallbacks(execute=True):
        assert sweep_files(now=now + timedelta(hours=25))
    assert not lying() and not Attachment.objects.exists()


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_the_same_piece_at_once_counts_once(now: datetime, small_reference: None, entry: Entry) -> None:
    owner = report_owner(entry, now)
    token = begun(owner, len(FILM), now)
    for offset, content in pieces(FILM):
        made = at_once(4, lambda offset=offset, content=content: _try(owner, token, offset, content, now))
        assert max(made) == min(offset + PIECE, len(FILM))
    row = file_of(owner)
    assert b"".join(read_raw(row, ReportKey.of(row.report_id))) == FILM
    assert len(lying()) == 3


def _try(owner: FileOwner, token: str, offset: int, content: bytes, now: datetime) -> int:
    try:
        return add(owner, token, offset, content, now)
    except WrongOffset as refusal:
        return int(refusal.params["received"])
