"""A draft kept under its code is opened by the code alone, from any browser, until it is sent or out of time."""

from datetime import datetime, timedelta

import pytest

from intake.actions.drafts import DraftSent, discard_draft, open_draft, save_answers, start_draft
from intake.actions.resume_draft import keep_under_code, secret_by_code
from intake.actions.send_draft import send_draft
from intake.encryption import CannotDecrypt
from intake.errors import DraftExpired
from intake.models import Draft
from intake.queries import report_by_code
from intake.references import group_code

from .test_submit_report import whole_database

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("small_reference")]


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
    again = secret_by_code(code, now=now)
    assert again == secret
    assert open_draft(secret=again, now=now).answers["where"] == {"country": "RU"}
    assert open_draft(secret=again, now=now).code is None  # whoever finds the cookie does not find the code


@pytest.mark.parametrize("goes_on_writing", [True, False])
def test_after_leaving_quickly_the_code_on_paper_is_still_the_reports(
    secret: str, now: datetime, goes_on_writing: bool
) -> None:
    code = keep_under_code(secret=secret, now=now).code or ""
    discard_draft(secret=secret)
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
