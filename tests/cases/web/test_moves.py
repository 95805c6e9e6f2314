"""What a partner told us on the telephone, recorded on the case file."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse
from django.utils import timezone

from cases.models import Case, Referral, TimelineEvent
from tests.cases.arrange import opened, partner, referral, staff
from tests.cases.web.conftest import signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]


@pytest.fixture
def accepted(now: datetime) -> Referral:
    return referral(opened(now, handler="AZ"), partner("AZ"), now, "accepted")


def say(client: Any, row: Referral, move: str, **given: str) -> Any:
    case = Case.objects.get(pk=row.case_id)
    address = reverse("console:move", args=[case.reference, row.pk, move])
    return client.post(address, {"seen": case.updated_at.isoformat(), **given})


def test_a_telephoned_contact_stands_in_the_timeline_as_ours(accepted: Referral) -> None:
    user = staff()
    at = timezone.now().astimezone(ZoneInfo(user.timezone)).strftime("%Y-%m-%dT%H:%M")
    Referral.objects.update(answered_at=timezone.now())
    said = say(signed_in(user), accepted, "contacted", at=at, channel="phone", reached="yes")
    assert said.status_code == 302
    accepted.refresh_from_db()
    event = TimelineEvent.objects.get(code="referral_contacted")
    assert (accepted.state, event.actor, event.actor_ref) == ("contacted", "staff", user.pk)


def test_the_page_offers_the_moves_of_the_state_and_keeps_what_was_typed(accepted: Referral) -> None:
    client = signed_in(staff())
    case = Case.objects.get()
    page = client.get(reverse("console:case", args=[case.reference])).content.decode()
    moves = [move for move in ("accept", "contacted", "complete", "return") if f"/{accepted.pk}/{move}/" in page]
    assert moves == ["contacted", "return"]
    refused = say(client, accepted, "return", reason="bored", note="what was typed")
    assert refused.status_code == 422 and "what was typed" in refused.content.decode()


def test_what_a_colleague_changed_meanwhile_is_looked_at_first(accepted: Referral) -> None:
    client, case = signed_in(staff()), Case.objects.get()
    address = reverse("console:move", args=[case.reference, accepted.pk, "return"])
    assert client.post(address, {"seen": "2020-01-01T00:00:00+00:00", "reason": "language"}).status_code == 412
    assert Referral.objects.get().state == "accepted"


def test_a_move_of_another_case_or_one_that_does_not_exist_is_not_found(accepted: Referral, now: datetime) -> None:
    other = opened(now, handler="AZ")
    client = signed_in(staff())
    wrong = [("return", other.reference), ("dance", Case.objects.get(pk=accepted.case_id).reference)]
    for move, reference in wrong:
        assert client.post(reverse("console:move", args=[reference, accepted.pk, move])).status_code == 404
