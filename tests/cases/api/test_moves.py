"""The moves of a case in hand through the API: every state by every move, once only, with ETags and named errors."""

import csv
from typing import Any

import pytest
from django.utils import timezone

from cases.models import Referral, TimelineEvent
from tests.cases.api.calling import CANARIES, Api, api, referred
from tests.conftest import ROOT

pytestmark = pytest.mark.django_db
with (ROOT / "tests/cases/tables/partner_moves.csv").open(encoding="utf-8", newline="") as file:
    TABLE = list(csv.DictReader(file))


def body_of(move: str) -> Any:
    return {
        "accept": None,
        "decline": {"reason": "language"},
        "contacted": {"at": timezone.now().isoformat(), "channel": "phone", "reached": "yes"},
        "progress": {"next_step": "We write the letter"},
        "complete": {"outcome": "advice_given"},
        "return": {"reason": "language"},
    }[move]


def say(caller: Api, referral: Referral, move: str, body: Any = None, **headers: str) -> Any:
    return caller.post(f"referrals/{referral.pk}/{move}/", body if body is not None else body_of(move), **headers)


@pytest.mark.parametrize("row", TABLE, ids=lambda row: f"{row['state']}-{row['move']}")
def test_every_state_and_move_as_the_table_says(caller: Api, row: dict[str, str]) -> None:
    referral = referred(caller, "offered" if row["state"] == "offered" else "accepted")
    Referral.objects.update(state=row["state"])
    answer = say(caller, referral, row["move"])
    referral.refresh_from_db()
    if row["becomes"] == "409":
        assert (answer.status_code, answer.json()["code"]) == (409, "move_not_allowed")
        assert (answer.json()["state"], referral.state) == (row["state"], row["state"])
    else:
        assert (answer.status_code, answer.json()["state"], referral.state) == (200, row["becomes"], row["becomes"])


@pytest.mark.parametrize("row", TABLE, ids=lambda row: f"{row['state']}-{row['move']}")
def test_a_single_referral_names_exactly_the_moves_that_go_through(caller: Api, row: dict[str, str]) -> None:
    referral = referred(caller, "offered" if row["state"] == "offered" else "accepted")
    Referral.objects.update(state=row["state"])
    moves = caller.get(f"referrals/{referral.pk}/").json()["moves"]
    assert (row["move"] in moves) is (row["becomes"] != "409")


def test_a_case_goes_from_acceptance_to_completion_and_no_answer_holds_anything_personal(caller: Api) -> None:
    referral = referred(caller)
    for move in ("accept", "contacted", "progress", "complete"):
        answer = say(caller, referral, move)
        assert answer.status_code == 200
        assert [word for word in CANARIES if word in answer.content.decode()] == []


def test_the_same_key_moves_once_and_other_content_is_refused(caller: Api) -> None:
    referral = referred(caller, "accepted")
    body, key = body_of("contacted"), {"idempotency-key": "k" * 20}
    first, again = (say(caller, referral, "contacted", body, **key) for _ in range(2))
    assert (again.json(), again.headers["Idempotent-Replayed"]) == (first.json(), "true")
    assert TimelineEvent.objects.filter(code="referral_contacted").count() == 1
    assert say(caller, referral, "contacted", body | {"reached": "no"}, **key).status_code == 422


def test_an_old_etag_is_412_and_changes_nothing(caller: Api) -> None:
    referral = referred(caller, "accepted")
    etag = caller.get(f"referrals/{referral.pk}/").headers["ETag"]
    assert say(caller, referral, "return", **{"if-match": '"old"'}).status_code == 412
    assert Referral.objects.get().state == "accepted"
    assert say(caller, referral, "return", **{"if-match": etag}).status_code == 200


@pytest.mark.parametrize("move", ["contacted", "progress", "complete", "return"])
def test_anothers_referral_is_not_found_and_stays_as_it_is(caller: Api, move: str) -> None:
    theirs = referred(api(), "accepted")
    assert say(caller, theirs, move).status_code == 404
    assert Referral.objects.get().state == "accepted"


@pytest.mark.parametrize(
    ("move", "body", "field"),
    [
        ("contacted", {}, "at"),
        ("contacted", {"at": "yesterday", "channel": "phone", "reached": "yes"}, "at"),
        ("contacted", {"at": "2999-01-01T00:00:00Z", "channel": "phone", "reached": "yes"}, "at"),
        ("contacted", {"at": "2026-11-24T08:00:00Z", "channel": "pigeon", "reached": "yes"}, "channel"),
        ("contacted", {"at": "2026-11-24T08:00:00Z", "channel": "phone", "reached": True}, "reached"),
        ("progress", {}, "next_step"),
        ("progress", {"next_step": "x" * 501}, "next_step"),
        ("progress", {"next_step": "x", "expected_by": "soon"}, "expected_by"),
        ("progress", {"next_step": "x", "expected_by": "2020-01-01"}, "expected_by"),
        ("progress", {"next_step": "x", "nextstep": "x"}, "nextstep"),
        ("complete", {"outcome": "duplicate"}, "outcome"),
        ("complete", {"outcome": "advice_given", "summary": 7}, "summary"),
        ("return", {"reason": "bored"}, "reason"),
        ("return", {"reason": "language", "note": "x" * 2001}, "note"),
    ],
)
def test_what_is_wrong_is_named_and_changes_nothing(caller: Api, move: str, body: Any, field: str) -> None:
    referral = referred(caller, "accepted")
    state = {"progress": "contacted", "complete": "in_service"}.get(move, "accepted")
    Referral.objects.update(state=state)
    refused = say(caller, referral, move, body)
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid_input")
    assert field in refused.json()["errors"] and Referral.objects.get().state == state


def test_no_answer_says_whether_an_attempt_was_safe_or_counted(caller: Api) -> None:
    """It would say which rules the person has set, also to a partner that may not see them."""
    referral = referred(caller, "accepted")
    answers = []
    for channel in ("phone", "in_person"):
        body = {"at": timezone.now().isoformat(), "channel": channel, "reached": "no"}
        answers.append(say(caller, referral, "contacted", body).json())
    assert answers[0] == answers[1]
    assert not {key for key in answers[0] if "attempt" in key or "safe" in key}
