"""Accepting and declining through the API."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from cases.models import PartnerOrganisation, Referral
from intake.models import ReportKey
from tests.cases import arrange
from tests.cases.api.calling import CANARIES, Api, agreed_partner, api, consent, referred

pytestmark = pytest.mark.django_db


def answer(caller: Api, referral: Referral, move: str, body: Any = None, **headers: str) -> Any:
    return caller.post(f"referrals/{referral.pk}/{move}/", body, **headers)


def test_accepting_gives_the_case(caller: Api) -> None:
    referral = referred(caller)
    accepted = answer(caller, referral, "accept")
    assert (accepted.status_code, accepted.json()["state"]) == (200, "accepted")
    assert caller.get(accepted.json()["case_url"]).json()["data"]["identity"] is not None


def test_the_answer_to_a_move_holds_nothing_personal(caller: Api) -> None:
    text = answer(caller, referred(caller), "accept").content.decode()
    assert [word for word in CANARIES if word in text] == []


@pytest.mark.parametrize("state", ["accepted", "declined", "expired", "withdrawn", "completed"])
@pytest.mark.parametrize("move", ["accept", "decline"])
def test_a_move_that_the_state_does_not_allow_is_409_and_changes_nothing(caller: Api, state: str, move: str) -> None:
    referral = referred(caller, "accepted")
    Referral.objects.update(state=state)
    refused = answer(caller, referral, move, {"reason": "language"} if move == "decline" else None)
    assert (refused.status_code, refused.json()["code"], refused.json()["state"]) == (409, "move_not_allowed", state)
    referral.refresh_from_db()
    assert referral.state == state


def test_the_second_of_two_partners_is_told_that_the_first_was_quicker(caller: Api) -> None:
    other = api()
    assert other.partner is not None
    referral = referred(caller)
    twin = arrange.referral(referral.case, other.partner, timezone.now())
    assert answer(caller, referral, "accept").status_code == 200
    late = answer(other, twin, "accept")
    assert (late.status_code, late.json()["code"]) == (409, "already_accepted")


def test_declining_keeps_the_note_sealed(caller: Api) -> None:
    referral = referred(caller)
    declined = answer(caller, referral, "decline", {"reason": "language", "note": "No Azerbaijani speaker"})
    assert (declined.json()["state"], declined.json()["reason"]) == ("declined", "language")
    assert "speaker" not in declined.content.decode()
    row = Referral.objects.get()
    assert row.unseal(ReportKey.of(row.case.report_id), "note") == "No Azerbaijani speaker"


def test_no_capacity_pauses_until_the_day_that_is_named(caller: Api) -> None:
    day = (timezone.now() + timedelta(days=9)).date()
    answer(caller, referred(caller), "decline", {"reason": "no_capacity", "paused_until": str(day)})
    assert PartnerOrganisation.objects.get().paused_until == day


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "reason"),
        ({"reason": ""}, "reason"),
        ({"reason": "because"}, "reason"),
        ({"reason": ["language"]}, "reason"),
        ({"reason": None}, "reason"),
        ({"reason": "language", "reasons": 1}, "reasons"),
        ({"reason": "language", "note": 7}, "note"),
        ({"reason": "language", "note": "x" * 2001}, "note"),
        ({"reason": "no_capacity", "paused_until": "tomorrow"}, "paused_until"),
        ({"reason": "no_capacity", "paused_until": 20261201}, "paused_until"),
        ({"reason": "no_capacity", "paused_until": "2020-01-01"}, "paused_until"),
        ({"reason": "no_capacity", "paused_until": "9999-12-31"}, "paused_until"),
        ([], "body"),
        ("language", "body"),
        (7, "body"),
    ],
)
def test_a_wrong_decline_is_named_and_changes_nothing(caller: Api, body: Any, field: str) -> None:
    referral = referred(caller)
    refused = caller.post(f"referrals/{referral.pk}/decline/", body if not isinstance(body, str) else '"language"')
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid_input")
    assert field in refused.json()["errors"]
    assert Referral.objects.get().state == "offered"


def test_accepting_takes_no_body(caller: Api) -> None:
    referral = referred(caller)
    assert answer(caller, referral, "accept", {"note": "x"}).json()["errors"] == {"note": ["This field is not known."]}
    assert answer(caller, referral, "accept", {}).status_code == 200


def test_an_old_etag_is_412_and_a_fresh_one_goes_through(caller: Api) -> None:
    referral = referred(caller)
    etag = caller.get(f"referrals/{referral.pk}/").headers["ETag"]
    assert answer(caller, referral, "accept", **{"if-match": '"something-else"'}).json()["code"] == "stale"
    assert Referral.objects.get().state == "offered"
    assert answer(caller, referral, "accept", **{"if-match": etag}).status_code == 200


def test_the_etag_changes_with_the_consent(caller: Api) -> None:
    referral = referred(caller, "accepted", consent=consent(groups=("story",)))
    path = f"referrals/{referral.pk}/"
    before = caller.get(path).headers["ETag"]
    Referral.objects.update(agreement_version=agreed_partner().agreements.get().versions.get())
    assert caller.get(path).headers["ETag"] == before
    Referral.objects.get().agreement_version.__class__.objects.update(data_groups=[])
    assert caller.get(path).headers["ETag"] != before


def test_a_token_that_may_only_read_is_offered_no_move() -> None:
    reading = api(scopes=("referrals:read",))
    assert reading.get(f"referrals/{referred(reading).pk}/").json()["moves"] == []
