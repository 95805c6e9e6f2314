"""A partner confirms through the API that its copies are gone."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from cases.actions.take_up import take_up_report_events
from cases.models import PartnerChange, Referral, TimelineEvent
from intake.actions.change_consent import stop_sharing
from intake.actions.erase_report import erase_report
from intake.models import PartnerErasure
from tests.cases.api.calling import CANARIES, Api, api, referred

pytestmark = pytest.mark.django_db


@pytest.fixture
def gone(caller: Api) -> Referral:
    """Accepted, then the person erased the report."""
    row = referred(caller, "accepted", now=timezone.now() - timedelta(days=2))
    erase_report(report_id=row.case.report_id, because="reporter", now=timezone.now() - timedelta(days=1))
    take_up_report_events(report_id=row.case.report_id, now=timezone.now() - timedelta(days=1))
    return row


def confirm(caller: Api, row: Referral, body: Any = None, **headers: str) -> Any:
    given = {"confirmed_at": timezone.now().isoformat()} if body is None else body
    return caller.post(f"referrals/{row.pk}/erased/", given, **headers)


def test_a_tombstone_can_be_confirmed(caller: Api, gone: Referral) -> None:
    assert caller.get(f"referrals/{gone.pk}/").json()["is_tombstone"]
    answer = confirm(caller, gone)
    assert answer.status_code == 200 and answer.json()["note_kept"] is False
    assert PartnerErasure.objects.get().recorded_at is not None
    assert TimelineEvent.objects.filter(code="erasure_confirmed").count() == 1


def test_saying_it_twice_says_it_once_also_with_a_key(caller: Api, gone: Referral) -> None:
    first = confirm(caller, gone, {"confirmed_at": "2026-11-01T00:00:00Z"})
    assert first.status_code == 422, "before the offer"
    key = {"idempotency-key": "0123456789abcdef0"}
    body = {"confirmed_at": timezone.now().isoformat()}
    one, two = confirm(caller, gone, body, **key), confirm(caller, gone, body, **key)
    assert one.json() == two.json() and two.headers["Idempotent-Replayed"] == "true"
    assert confirm(caller, gone).json()["confirmed_at"] == one.json()["confirmed_at"]
    assert TimelineEvent.objects.filter(code="erasure_confirmed").count() == 1


def test_the_feed_is_not_touched(caller: Api, gone: Referral) -> None:
    before = PartnerChange.objects.count()
    confirm(caller, gone)
    assert PartnerChange.objects.count() == before


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"confirmed_at": ""},
        {"confirmed_at": None},
        {"confirmed_at": 5},
        {"confirmed_at": ["2026-11-24T08:00:00Z"]},
        {"confirmed_at": "yesterday"},
        {"confirmed_at": "2026-11-24"},
        {"confirmed_at": "9999-12-31T23:59:59Z"},
        {"confirmed_at": "0001-01-01T00:00:00+14:00"},
        {"confirmed_at": "вчера"},
        {"confirmed_at": "2026-11-24T08:00:00Z" * 10_000},
        {"confirmed_at": "2026-11-24T08:00:00Z", "note": 5},
        {"confirmed_at": "2026-11-24T08:00:00Z", "note": "x" * 2001},
        {"confirmed_at": "2026-11-24T08:00:00Z", "erased": True},
        [],
        "gone",
    ],
)
def test_what_cannot_be_read_is_refused_and_confirms_nothing(caller: Api, gone: Referral, body: Any) -> None:
    assert confirm(caller, gone, body).status_code in (400, 422)
    assert PartnerErasure.objects.get().recorded_at is None


def test_a_note_is_not_kept_in_the_clear(caller: Api, gone: Referral) -> None:
    answer = confirm(caller, gone, {"confirmed_at": timezone.now().isoformat(), "note": "Canary Canaryev is gone"})
    assert answer.status_code == 200 and answer.json()["note_kept"] is False
    assert not [word for word in CANARIES if word in answer.content.decode()]
    assert Referral.objects.get().note is None


def test_another_partner_and_nobody_find_nothing(caller: Api, gone: Referral) -> None:
    assert confirm(api(), gone).status_code == 404
    assert confirm(Api(), gone).status_code == 401
    assert confirm(api(caller.partner, scopes=("referrals:read",)), gone).status_code == 403


def test_who_was_not_asked_gets_409(caller: Api) -> None:
    refused = confirm(caller, referred(caller, "accepted"), {"confirmed_at": timezone.now().isoformat()})
    assert (refused.status_code, refused.json()["state"]) == (409, "accepted")


def test_after_stopping_the_note_is_kept_sealed(caller: Api) -> None:
    row = referred(caller, "accepted", now=timezone.now() - timedelta(days=2))
    stop_sharing(report_id=row.case.report_id, now=timezone.now())
    take_up_report_events(report_id=row.case.report_id, now=timezone.now())
    answer = confirm(caller, row, {"confirmed_at": timezone.now().isoformat(), "note": "Papers shredded"})
    assert answer.json()["note_kept"] is True


@pytest.mark.parametrize("state", ["offered", "accepted", "contacted", "in_service", "completed", "returned"])
def test_every_read_of_an_erased_case_answers_and_tells_nothing(caller: Api, state: str) -> None:
    row = referred(caller, state)
    erase_report(report_id=row.case.report_id, because="reporter", now=timezone.now())
    for taken_up in (False, True):
        if taken_up:
            take_up_report_events(report_id=row.case.report_id, now=timezone.now())
        for path in ("cases/", f"cases/{row.case.reference}/", "referrals/", f"referrals/{row.pk}/", "changes/"):
            answer = caller.get(path)
            assert answer.status_code in (200, 404), (path, taken_up)
            assert not [word for word in CANARIES if word in answer.content.decode()]
        for move in ("accept", "decline"):
            body = {"reason": "language", "note": "Canary"} if move == "decline" else None
            assert caller.post(f"referrals/{row.pk}/{move}/", body).status_code in (200, 403, 409, 410)
