"""A draft kept under its code is opened by the code alone, from any browser, until it is sent or out of time."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from intake.actions.drafts import DraftSent, discard_draft, draft_key, open_draft, save_answers, start_draft
from intake.actions.file_owner import FileOwner
from intake.actions.file_pieces import PIECE, add_piece
from intake.actions.resume_draft import close_draft, keep_under_code, secret_by_code
from intake.actions.send_draft import send_draft
from intake.encryption import CannotDecrypt
from intake.errors import DraftExpired
from intake.models import Attachment, Draft, ReportKey
from intake.queries import report_by_code
from intake.queries.files import read_raw
from intake.references import group_code
from tests.cases.arrange import at_once
from tests.intake.filing import begun, pieces
from tests.intake.uploads import samples

from .test_submit_report import whole_database

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("small_reference")]
FILM = samples.mp4() + samples.box(b"free", bytes(2 * PIECE))


@pytest.fixture
def secret(small_reference: None, now: datetime) -> str:
    secret = start_draft(now=now).secret
    save_answers(secret=secret, step="where", values={"country": "RU"}, now=now)
    save_answers(secret=secret, step="what", values={"category": "WRK"}, now=now)
    return secret


def test_the_code_opens_the_draft_and_nothing_else_does(secret: str, now: datetime) -> None:
    code = keep_under_code(secret=secret, now=now).code or ""
    assert secret_by_code(group_code(code), now=now) == secret
    assert secret_by_code("1" * 20, now=now) is None and secret_by_code("", now=now) is None
    dump = whole_database()
    assert secret.encode() not in dump and code.encode() not in dump


def test_only_what_the_person_wanted_kept_is_kept(secret: str, now: datetime) -> None:
    code = open_draft(secret=secret, now=now).code or ""
    assert secret_by_code(code, now=now) is None
    assert Draft.objects.get().code_hash is None


def test_it_is_kept_for_24_hours_from_then_and_no_longer(secret: str, now: datetime) -> None:
    evening = now + timedelta(hours=20)
    code = keep_under_code(secret=secret, now=evening).code or ""
    keep_under_code(secret=secret, now=evening + timedelta(hours=10))  # no longer by asking again
    assert secret_by_code(code, now=evening + timedelta(hours=23, minutes=59)) == secret
    assert secret_by_code(code, now=evening + timedelta(hours=24)) is None


def test_after_sending_the_same_code_opens_the_report(secret: str, now: datetime) -> None:
    code = keep_under_code(secret=secret, now=now).code or ""
    sent = send_draft(secret=secret, now=now)
    found = report_by_code(code)
    assert sent.code == code and found is not None and found.pk == sent.report_id
    assert secret_by_code(code, now=now) is None
    row = Draft.objects.get()
    assert row.code_hash is None and row.secret_by_code is None
    assert keep_under_code(secret=secret, now=now).draft.code_hash is None


def test_before_the_first_answer_there_is_nothing_to_keep(now: datetime) -> None:
    assert keep_under_code(secret=start_draft(now=now).secret, now=now).draft.code_hash is None


def test_leaving_quickly_does_not_break_the_promise(secret: str, now: datetime) -> None:
    code = keep_under_code(secret=secret, now=now).code or ""
    discard_draft(secret=secret)
    again = secret_by_code(code, now=now) or ""
    assert open_draft(secret=again, now=now).answers["where"] == {"country": "RU"}
    assert open_draft(secret=again, now=now).code is None  # whoever finds the cookie does not find the code


def left(secret: str, now: datetime) -> None:
    discard_draft(secret=secret)


def closed(secret: str, now: datetime) -> None:
    close_draft(secret=secret, now=now)


@pytest.mark.parametrize("way", [left, closed])
def test_a_copy_of_the_cookie_opens_nothing_any_more_before_and_after_the_code_was_used(
    secret: str, now: datetime, way: Callable[[str, datetime], None]
) -> None:
    code = keep_under_code(secret=secret, now=now).code or ""
    used = [secret]
    for _time in range(2):
        way(used[-1], now)
        assert_opens_nothing(used, now)
        used.append(secret_by_code(code, now=now) or "")
        assert open_draft(secret=used[-1], now=now).answers["what"] == {"category": "WRK"}
        assert_opens_nothing(used[:-1], now)
    row, keys = Draft.objects.get(), [draft_key(one) for one in used[:-1]]
    for key in keys:  # not even with a copy of the database
        with pytest.raises(CannotDecrypt):
            row.unseal(key, "answers")
    sent = send_draft(secret=used[-1], now=now)
    found = report_by_code(code)
    assert found is not None and found.pk == sent.report_id


def assert_opens_nothing(used: list[str], now: datetime) -> None:
    for secret in used:
        with pytest.raises(DraftExpired):
            open_draft(secret=secret, now=now)
        with pytest.raises(DraftExpired):
            save_answers(secret=secret, step="story", values={"story": "x"}, now=now)


def test_closed_or_not_the_code_stays_to_be_shown_and_no_second_use_changes_the_secret(
    secret: str, now: datetime
) -> None:
    code = keep_under_code(secret=secret, now=now).code or ""
    close_draft(secret=secret, now=now)
    again = secret_by_code(code, now=now) or ""
    assert secret_by_code(code, now=now) == again
    assert open_draft(secret=again, now=now).code == code


def test_what_was_never_kept_is_not_closed(secret: str, now: datetime) -> None:
    close_draft(secret=secret, now=now)
    assert open_draft(secret=secret, now=now).answers


def test_its_files_come_along(secret: str, now: datetime) -> None:
    code = keep_under_code(secret=secret, now=now).code or ""
    first, second, third = pieces(FILM)
    owner = FileOwner(draft_secret=secret)
    token = begun(owner, len(FILM), now)
    add_piece(owner=owner, token=token, offset=first[0], content=first[1], now=now)
    discard_draft(secret=secret)
    with pytest.raises(DraftExpired):
        add_piece(owner=owner, token=token, offset=second[0], content=second[1], now=now)
    owner = FileOwner(draft_secret=secret_by_code(code, now=now) or "")
    for offset, content in (second, third):
        add_piece(owner=owner, token=token, offset=offset, content=content, now=now)
    sent = send_draft(secret=owner.draft_secret, now=now)
    assert b"".join(read_raw(Attachment.objects.get(), ReportKey.of(sent.report_id))) == FILM


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_two_who_come_with_the_code_at_once_get_one_secret(secret: str, now: datetime) -> None:
    code = keep_under_code(secret=secret, now=now).code or ""
    close_draft(secret=secret, now=now)
    found: list[str | None] = []

    def come() -> int:
        found.append(secret_by_code(code, now=now))
        return 1

    assert sum(at_once(4, come)) == 4
    assert len(set(found)) == 1 and open_draft(secret=found[0] or "", now=now).answers


@pytest.mark.parametrize("goes_on_writing", [True, False])
def test_after_leaving_quickly_the_code_on_paper_is_still_the_reports(
    secret: str, now: datetime, goes_on_writing: bool
) -> None:
    code = keep_under_code(secret=secret, now=now).code or ""
    discard_draft(secret=secret)
    secret = secret_by_code(code, now=now) or ""
    if goes_on_writing:
        save_answers(secret=secret, step="story", values={"story": "more"}, now=now)
    sent = send_draft(secret=secret, now=now)
    found = report_by_code(code)
    assert found is not None and found.pk == sent.report_id


def test_a_sealed_secret_cannot_be_moved_to_another_draft(secret: str, now: datetime) -> None:
    code = keep_under_code(secret=secret, now=now).code or ""
    stranger = start_draft(now=now).draft
    row = Draft.objects.get(code_hash__isnull=False)
    hidden, sealed = row.code_hash, row.secret_by_code
    row.delete()
    Draft.objects.filter(pk=stranger.pk).update(code_hash=hidden, secret_by_code=sealed)
    with pytest.raises(CannotDecrypt):
        secret_by_code(code, now=now)


def test_out_of_time_or_sent_it_takes_no_more(secret: str, now: datetime) -> None:
    with pytest.raises(DraftExpired):
        keep_under_code(secret=secret, now=now + timedelta(hours=24))
    send_draft(secret=secret, now=now)
    with pytest.raises(DraftSent):
        save_answers(secret=secret, step="story", values={"story": "x"}, now=now)
