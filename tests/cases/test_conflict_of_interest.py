"""Whoever is close to the alleged actor meets no trace of the case, whichever script either of them was written in."""

from collections.abc import Iterator

import pytest

from cases.actions.route_case import route_case
from cases.models import OutboxMessage, PartnerChange, Referral
from cases.queries.referrals import Filters, partner_referrals
from cases.queries.remembered import forget_reference
from cases.queries.standing import standing
from intake.queries import forget_reference_data
from tests.cases.routing_world import NOW, make_case, make_partner, make_reference

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def world() -> Iterator[None]:
    forget_reference_data()
    make_reference()
    yield
    forget_reference()


@pytest.mark.parametrize(
    ("actor", "declared"),
    [
        ("Əliyev Tikinti MMC", "ООО «Алиев Тикинти»"),
        ("Алиев Тикинти", "Aliyev Tikinti LLC"),
        ("Həsənov Qrup", "Гасанов Груп"),
        ("OOO Strela; Гасанов", "Hasanov"),
        ("Şahin Göz", "Шахин Гоз"),
    ],
)
def test_no_trace_in_offers_feed_lists_counts_or_notices(actor: str, declared: str) -> None:
    close, free = make_partner("close", related_bodies=[declared]), make_partner("free")
    decision = route_case(case_id=make_case(urgency=1, actor_name=actor).pk, now=NOW)
    assert decision is not None and decision.chosen == [str(free.pk)]
    assert not partner_referrals(close.pk, Filters(), after=None, limit=50)
    assert standing(close.pk, NOW).load == 0
    for model in (Referral, PartnerChange, OutboxMessage):
        assert not model.objects.filter(partner=close).exists()
