"""A draft is readable with its cookie alone, lives a day and loses nothing while it does."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from intake.actions.drafts import (
    DraftSent,
    OpenDraft,
    confirm_code,
    delete_expired_drafts,
    discard_draft,
    open_draft,
    save_answers,
    start_draft,
)
from intake.actions.send_draft import send_draft
from intake.encryption import CannotDecrypt, derive_key
from intake.errors import DraftExpired, InvalidInput
from intake.models import Draft

from .test_submit_report import whole_database

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("small_reference")]
WHERE = {"country": "RU", "region": "RU-MOW"}


@pytest.fixture
def secret(small_reference: None, now: datetime) -> str:
    return start_draft(now=now).secret


@pytest.fixture
def save(secret: str, now: datetime) -> Callable[..., OpenDraft]:
    def save_step(step: str, **values: Any) -> OpenDraft:
        return save_answers(secret=secret, step=step, values=values, now=now)

    return save_step


def test_what_was_typed_is_there_with_the_cookie(save: Callable[..., OpenDraft], secret: str, now: datetime) -> None:
    save("where", **WHERE)
    save("story", story="Canary")
    assert open_draft(secret=secret, now=now).answers == {"where": WHERE, "story": {"story": "Canary"}}


def test_without_the_cookie_nothing_can_be_read(save: Callable[..., OpenDraft], secret: str, now: datetime) -> None:
    code = save("story", story="Canary").code
    dump = whole_database()
    assert code is not None
    assert b"Canary" not in dump and code.encode() not in dump and secret.encode() not in dump
    with pytest.raises(CannotDecrypt):
        Draft.objects.get().unseal(derive_key("another", purpose="draft"), "answers")


@pytest.mark.parametrize("guess", ["", "x" * 1_000_000, "\x00", "не то"])
def test_a_cookie_that_was_never_given_out_opens_nothing(guess: str, now: datetime) -> None:
    with pytest.raises(DraftExpired):
        open_draft(secret=guess, now=now)


def test_a_draft_is_gone_after_a_day(save: Callable[..., OpenDraft], secret: str, now: datetime) -> None:
    save("where", **WHERE)
    later = now + timedelta(hours=24)
    for act in (open_draft, confirm_code, send_draft):
        with pytest.raises(DraftExpired):
            act(secret=secret, now=later)
    with pytest.raises(DraftExpired):
        save_answers(secret=secret, step="where", values=WHERE, now=later)


def test_saving_does_not_make_a_draft_live_longer(secret: str, now: datetime) -> None:
    save_answers(secret=secret, step="where", values=WHERE, now=now + timedelta(hours=23))
    with pytest.raises(DraftExpired):
        open_draft(secret=secret, now=now + timedelta(hours=24))


def test_the_code_is_made_with_the_first_answer_and_stays(
    save: Callable[..., OpenDraft], secret: str, now: datetime
) -> None:
    assert open_draft(secret=secret, now=now).code is None
    code = save("where", **WHERE).code
    assert code is not None and len(code) == 20
    assert save("what", category="WRK").code == code == open_draft(secret=secret, now=now).code


def test_a_second_answer_to_a_step_joins_the_first_and_none_takes_it_back(save: Callable[..., OpenDraft]) -> None:
    save("questions", held="yes", harm="no")
    assert save("questions", held=None, child="no").answers["questions"] == {"harm": "no", "child": "no"}


def test_the_language_of_the_pages_is_kept_beside_the_steps(secret: str, now: datetime) -> None:
    opened = save_answers(secret=secret, step="where", values=WHERE, now=now, interface_language="ru")
    assert opened.answers == {"where": WHERE, "interface_language": "ru"}


@pytest.mark.django_db(transaction=True)
def test_two_tabs_at_once_never_lose_each_others_step(secret: str, now: datetime) -> None:
    steps = ["where", "about", "what", "story", "person", "actor", "handler", "exclude"]

    def save_in_tab(step: str) -> None:
        try:
            save_answers(secret=secret, step=step, values={"typed": step}, now=now)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(save_in_tab, steps))
    assert open_draft(secret=secret, now=now).answers == {step: {"typed": step} for step in steps}


def test_a_step_that_does_not_exist_is_refused(save: Callable[..., OpenDraft]) -> None:
    with pytest.raises(InvalidInput):
        save("interface_language", typed="az")


def test_far_too_much_text_is_refused_and_the_rest_stays(
    save: Callable[..., OpenDraft], secret: str, now: datetime
) -> None:
    save("where", **WHERE)
    with pytest.raises(InvalidInput) as refused:
        save("story", story="x" * 1_000_000)
    assert set(refused.value.fields) == {"story"}
    assert open_draft(secret=secret, now=now).answers == {"where": WHERE}


def test_half_an_emoji_is_kept_from_breaking_the_draft(save: Callable[..., OpenDraft]) -> None:
    with pytest.raises(InvalidInput):
        save("story", story="half \ud83d")


def test_a_confirmed_code_is_not_shown_again(save: Callable[..., OpenDraft], secret: str, now: datetime) -> None:
    save("where", **WHERE)
    confirm_code(secret=secret, now=now)
    confirm_code(secret=secret, now=now)
    assert open_draft(secret=secret, now=now).code is None
    assert save("story", story="more").code is None


def test_leaving_quickly_leaves_nothing(save: Callable[..., OpenDraft], secret: str) -> None:
    save("where", **WHERE)
    discard_draft(secret=secret)
    discard_draft(secret=secret)
    assert not Draft.objects.exists()


def test_leaving_quickly_after_sending_hides_the_code(
    save: Callable[..., OpenDraft], secret: str, now: datetime
) -> None:
    save("where", **WHERE)
    save("what", category="WRK")
    send_draft(secret=secret, now=now)
    discard_draft(secret=secret)
    assert open_draft(secret=secret, now=now).code is None and open_draft(secret=secret, now=now).is_sent


def test_leaving_with_any_cookie_never_fails_and_harms_nobody(secret: str) -> None:
    discard_draft(secret="unknown")
    assert Draft.objects.count() == 1


def test_old_drafts_are_swept_away_and_young_ones_stay(now: datetime) -> None:
    for hours in (25, 24, 1):
        start_draft(now=now - timedelta(hours=hours))
    assert delete_expired_drafts(now=now, limit=1) == 1
    assert delete_expired_drafts(now=now) == 1
    assert delete_expired_drafts(now=now) == 0
    assert Draft.objects.count() == 1


def test_a_sent_draft_takes_no_more_answers(save: Callable[..., OpenDraft], secret: str, now: datetime) -> None:
    save("where", **WHERE)
    save("what", category="WRK")
    send_draft(secret=secret, now=now)
    with pytest.raises(DraftSent):
        save("story", story="and also")
