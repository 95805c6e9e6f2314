"""A partner that has not answered is reminded at half and at four fifths of its clock, once each."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from cases.actions.remind_partners import remind_partners
from cases.models import Case, OutboxMessage, Referral, WebhookEndpoint
from cases.queries.remembered import forget_reference
from tests.cases.arrange import at_once
from tests.cases.routing_world import NOW, make_case, make_partner, make_reference, make_referral

pytestmark = pytest.mark.django_db
MOMENT = timedelta(microseconds=1)


@pytest.fixture(autouse=True)
def world() -> Iterator[None]:
    make_reference()
    yield
    forget_reference()


def offered(hours: int = 10) -> Referral:
    case, partner = make_case(state="offered", routing_wanted_at=None), make_partner()
    return make_referral(case, partner, state="offered", answer_due_at=NOW + timedelta(hours=hours))


def reminded(*moments: datetime) -> list[int]:
    return [remind_partners(now=at) for at in moments]


@pytest.mark.parametrize("hours", [2, 12, 48, 96])
def test_at_half_and_at_four_fifths_and_not_a_moment_before(hours: int) -> None:
    offered(hours)
    half, late = NOW + timedelta(hours=hours) / 2, NOW + timedelta(hours=hours) * 4 / 5
    assert reminded(half - MOMENT, half, half, late - MOMENT, late, late) == [0, 1, 0, 0, 1, 0]
    assert OutboxMessage.objects.filter(kind="offer_reminder", channel="email").count() == 2


def test_after_hours_asleep_one_reminder_goes_out_and_not_two() -> None:
    offered()
    assert reminded(NOW + timedelta(hours=9), NOW + timedelta(hours=9.5)) == [1, 0]
    assert Referral.objects.get().reminders_sent == 2


def test_after_the_end_after_the_answer_and_while_the_person_is_asked_nobody_is_reminded() -> None:
    offered(), Referral.objects.filter(pk=offered().pk).update(state="accepted")
    Case.objects.filter(pk=offered().case_id).update(state="waiting_for_reporter")
    assert reminded(NOW + timedelta(hours=10)) == [0]
    Referral.objects.filter(case__state="offered").update(state="declined")
    assert reminded(NOW + timedelta(hours=9)) == [0]


def test_it_goes_by_mail_and_to_the_webhook() -> None:
    partner = offered().partner
    WebhookEndpoint.objects.create(partner=partner, url="https://hooks.example.org/", secret="x", created_at=NOW)
    reminded(NOW + timedelta(hours=5))
    assert set(OutboxMessage.objects.values_list("channel", flat=True)) == {"email", "webhook"}


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_of_sweeps_at_once_exactly_one_reminds() -> None:
    for _ in range(20):
        offered()
    assert sum(at_once(4, lambda: remind_partners(now=NOW + timedelta(hours=5)))) == 20
    assert OutboxMessage.objects.filter(kind="offer_reminder").count() == 20
