"""The same Idempotency-Key: one effect, the first answer again; also for twins that come together."""

from contextlib import suppress
from datetime import timedelta
from threading import Barrier, BrokenBarrierError
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from cases.actions.once import forget_answers, in_transaction, once
from cases.errors import MoveNotAllowed
from cases.models import Case, IdempotencyKey, Referral, TimelineEvent, WebhookEndpoint
from intake.models import Report
from tests.cases import arrange
from tests.cases.api.calling import NAME, STORY, Api, api, referred

AT_ONCE = 6  # the pool has eight connections and the test holds one
REPORT = {"country": "RU", "category": "WRK", "language": "az", "story": STORY, "identity": {"name": NAME}}


def key() -> dict[str, str]:
    return {"idempotency-key": uuid4().hex}


@pytest.mark.django_db
def test_the_same_request_gets_the_first_answer_again(caller: Api) -> None:
    headers = key()
    first, again = (caller.post("reports/", REPORT, **headers) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json() == first.json()
    assert "Idempotent-Replayed" not in first.headers
    assert again.headers["Idempotent-Replayed"] == "true"
    assert Report.objects.count() == 1


@pytest.mark.django_db
def test_another_body_under_the_same_key_is_refused(caller: Api) -> None:
    headers = key()
    caller.post("reports/", REPORT, **headers)
    other = caller.post("reports/", REPORT | {"category": "DET"}, **headers)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_mismatch")
    assert Report.objects.count() == 1


@pytest.mark.django_db
def test_another_address_under_the_same_key_is_refused(caller: Api) -> None:
    headers, first, second = key(), referred(caller), referred(caller)
    caller.post(f"referrals/{first.pk}/accept/", **headers)
    assert caller.post(f"referrals/{second.pk}/accept/", **headers).json()["code"] == "idempotency_mismatch"
    second.refresh_from_db()
    assert second.state == "offered"


@pytest.mark.django_db
def test_two_clients_may_choose_the_same_key(caller: Api) -> None:
    headers, other = key(), api()
    first, second = caller.post("reports/", REPORT, **headers), other.post("reports/", REPORT, **headers)
    assert first.json()["reference"] != second.json()["reference"]


@pytest.mark.django_db
def test_accepting_twice_with_one_key_is_accepting_once(caller: Api) -> None:
    headers, referral = key(), referred(caller)
    answers = [caller.post(f"referrals/{referral.pk}/accept/", **headers) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert TimelineEvent.objects.filter(code="referral_accepted").count() == 1


@pytest.mark.django_db
def test_a_refusal_keeps_nothing_and_may_be_tried_again(caller: Api) -> None:
    headers, referral = key(), referred(caller, "accepted")
    path = f"referrals/{referral.pk}/accept/"
    assert caller.post(path, **headers).status_code == 409
    assert not IdempotencyKey.objects.exists()
    Referral.objects.update(state="offered")
    Case.objects.update(state="offered")
    assert caller.post(path, **headers).status_code == 200


@pytest.mark.django_db
@pytest.mark.parametrize("value", ["", "short", "x" * 201, "with a blank inside", "ə" * 20, "tab\tinside-the-key"])
def test_a_key_that_is_none_is_refused(caller: Api, value: str) -> None:
    answer = caller.post("reports/", REPORT, **{"idempotency-key": value})
    assert (answer.status_code, answer.json()["code"]) == (400, "idempotency_key")
    assert not Report.objects.exists()


@pytest.mark.django_db
def test_a_report_needs_a_key_and_other_posts_do_not(caller: Api) -> None:
    assert caller.post("reports/", REPORT).json()["code"] == "idempotency_key"
    assert caller.post("webhooks/", {"url": "https://example.org/"}).status_code == 201


@pytest.mark.django_db
def test_the_stored_answer_is_sealed_and_the_key_is_not_kept(caller: Api) -> None:
    headers = key()
    code = caller.post("reports/", REPORT, **headers).json()["code"]
    row = IdempotencyKey.objects.get()
    stored = bytes(row.key_hash) + bytes(row.request_hash) + bytes(row.answer or b"")
    for secret in (code, code.replace(" ", ""), headers["idempotency-key"], "reference"):
        assert secret.encode() not in stored


@pytest.mark.django_db
def test_answers_are_forgotten_after_a_day(caller: Api) -> None:
    caller.post("reports/", REPORT, **key())
    assert forget_answers(now=timezone.now() + timedelta(hours=23)) == 0
    assert forget_answers(now=timezone.now() + timedelta(hours=25)) == 1


@pytest.mark.django_db
def test_what_the_act_wrote_goes_with_a_fault() -> None:
    def act() -> Any:
        arrange.staff()
        raise MoveNotAllowed(state="x")

    with pytest.raises(MoveNotAllowed):
        once(client_id=1, key="k" * 16, body_hash=b"x" * 32, now=timezone.now(), act=act)
    assert not IdempotencyKey.objects.exists()


@pytest.mark.django_db
def test_an_answer_that_was_foreseen_is_stored_with_the_key() -> None:
    asked: dict[str, Any] = {"client_id": 1, "key": "k" * 16, "body_hash": b"x" * 32, "now": timezone.now()}
    answer = (201, {"made": 1})
    with CaptureQueriesContext(connection) as seen:
        first = once(**asked, act=lambda: answer, foresee=lambda: answer)
    assert not [query for query in seen if query["sql"].startswith("UPDATE")]
    assert (first, once(**asked, act=lambda: answer)) == ((*answer, False), (*answer, True))


@pytest.mark.django_db
def test_an_act_that_answers_otherwise_than_foreseen_is_believed() -> None:
    asked: dict[str, Any] = {"client_id": 1, "key": "k" * 16, "body_hash": b"x" * 32, "now": timezone.now()}
    once(**asked, act=lambda: (200, {"made": 2}), foresee=lambda: (201, {"made": 1}))
    assert once(**asked, act=lambda: (500, {})) == (200, {"made": 2}, True)


@pytest.mark.django_db
def test_a_refused_act_leaves_no_foreseen_answer() -> None:
    def act() -> Any:
        raise MoveNotAllowed(state="x")

    with pytest.raises(MoveNotAllowed):
        once(
            client_id=1,
            key="k" * 16,
            body_hash=b"x" * 32,
            now=timezone.now(),
            act=act,
            foresee=lambda: (201, {}),
        )
    assert not IdempotencyKey.objects.exists()


@pytest.mark.django_db
def test_a_race_that_a_constraint_decided_is_tried_again() -> None:
    tries = []

    def act() -> int:
        tries.append(1)
        if len(tries) == 1:
            WebhookEndpoint.objects.create(url="https://example.org", secret="x", created_at=None)
        return len(tries)

    assert in_transaction(act) == 2


# --- at once --------------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_twins_that_come_together_make_one_report(caller: Api, is_postgres: bool) -> None:
    headers = key()
    count = AT_ONCE if is_postgres else 3
    answers = arrange.at_once(count, lambda: Api(token=caller.token).post("reports/", REPORT, **headers))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert len([answer for answer in answers if "Idempotent-Replayed" not in answer.headers]) == 1
    assert Report.objects.count() == Case.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_twins_that_accept_together_accept_once(caller: Api, is_postgres: bool) -> None:
    headers, referral = key(), referred(caller)
    count = AT_ONCE if is_postgres else 3
    path = f"referrals/{referral.pk}/accept/"
    answers = arrange.at_once(count, lambda: Api(token=caller.token).post(path, **headers))
    assert {answer.status_code for answer in answers} == {200}
    assert TimelineEvent.objects.filter(code="referral_accepted").count() == 1


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_of_two_partners_that_accept_together_one_wins(caller: Api) -> None:
    other = api()
    assert other.partner is not None
    referral = referred(caller)
    twin = arrange.referral(referral.case, other.partner, timezone.now())
    sides = iter([(caller, referral), (other, twin)] * (AT_ONCE // 2))

    def accept() -> int:
        side, row = next(sides)
        return int(Api(token=side.token).post(f"referrals/{row.pk}/accept/").status_code)

    statuses = arrange.at_once(AT_ONCE, accept)
    assert sorted(statuses) == [200] + [409] * (AT_ONCE - 1)
    assert Referral.objects.filter(state="accepted").count() == 1


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_ten_endpoints_are_the_most_also_at_once(caller: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each is held up between counting and writing, until another one is there too or it is plain that none can be."""
    together = Barrier(AT_ONCE)

    def held_up(count: int) -> bytes:
        with suppress(BrokenBarrierError):
            together.wait(timeout=0.3)
        return bytes(count)

    def register() -> int:
        url = f"https://example.org/{next(numbers)}"
        return int(Api(token=caller.token).post("webhooks/", {"url": url}).status_code)

    numbers = iter(range(100))
    for _ in range(8):
        register()
    monkeypatch.setattr("cases.actions.webhooks.secrets", SimpleNamespace(token_bytes=held_up))
    statuses = arrange.at_once(AT_ONCE, register)
    assert sorted(statuses) == [201] * 2 + [422] * (AT_ONCE - 2)
    assert WebhookEndpoint.objects.count() == 10
