"""Which agreements are in force at a moment, and what they let through to an offer (domain.md §7)."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases.actions.route_case import route_case
from cases.models import Referral
from cases.queries.agreements import agreements_in_force, memorandum_in_force
from cases.queries.remembered import forget_reference
from tests.cases.routing_world import NOW, make_agreement, make_case, make_partner, make_reference, make_version


@pytest.fixture(autouse=True)
def world(db: None) -> Iterator[None]:
    make_reference()
    yield
    forget_reference()


def test_the_last_day_belongs_to_the_agreement_and_the_next_does_not_in_its_own_zone() -> None:
    partner = make_partner(agreement={"valid_until": date(2026, 11, 24), "timezone": "Asia/Kamchatka"})
    midnight_in_kamchatka = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
    before, after = midnight_in_kamchatka - timedelta(seconds=1), midnight_in_kamchatka
    assert agreements_in_force([partner.pk], before).by_partner[partner.pk]
    assert not agreements_in_force([partner.pk], after).by_partner


def test_the_first_day_begins_in_the_zone_of_the_agreement() -> None:
    partner = make_partner(agreement={"valid_from": date(2026, 11, 25), "timezone": "Europe/Moscow"})
    midnight_in_moscow = datetime(2026, 11, 24, 21, 0, tzinfo=UTC)
    assert not agreements_in_force([partner.pk], midnight_in_moscow - timedelta(seconds=1)).by_partner
    assert agreements_in_force([partner.pk], midnight_in_moscow).by_partner


def test_on_the_day_after_the_agreement_nobody_is_offered_a_case_under_it() -> None:
    make_partner(agreement={"valid_until": date(2026, 11, 24), "timezone": "Europe/Moscow"})
    midnight_in_moscow = datetime(2026, 11, 24, 21, 0, tzinfo=UTC)
    late, in_time = make_case(), make_case()
    route_case(case_id=late.pk, now=midnight_in_moscow)
    route_case(case_id=in_time.pk, now=midnight_in_moscow - timedelta(seconds=1))
    assert list(Referral.objects.values_list("case", flat=True)) == [in_time.pk]


def test_an_amendment_replaces_what_it_amends_from_its_first_day_on() -> None:
    partner = make_partner(agreement={"categories": ["DET"]})
    version = agreements_in_force([partner.pk], NOW).by_partner[partner.pk][0]
    agreement = partner.agreements.get()
    amended = make_version(agreement, 2, valid_from=date(2026, 11, 25), categories=["WRK"])
    assert agreements_in_force([partner.pk], NOW).by_partner[partner.pk][0] == version
    tomorrow = agreements_in_force([partner.pk], NOW + timedelta(days=1)).by_partner[partner.pk]
    assert [terms.version_id for terms in tomorrow] == [amended.pk]


def test_an_amendment_that_ends_early_does_not_bring_the_older_version_back() -> None:
    partner = make_partner(agreement={"valid_until": date(2027, 12, 31)})
    make_version(partner.agreements.get(), 2, valid_from=date(2026, 2, 1), valid_until=date(2026, 3, 1))
    assert not agreements_in_force([partner.pk], NOW).by_partner


def test_an_agreement_with_the_other_side_is_not_the_partners_own() -> None:
    partner = make_partner(agreement={"side": "RU"})
    assert not agreements_in_force([partner.pk], NOW).by_partner


def test_a_time_zone_that_nobody_knows_puts_one_agreement_out_of_force_and_stops_no_other() -> None:
    broken, good = make_partner(agreement={"timezone": "Mars/Olympus"}), make_partner()
    assert set(agreements_in_force([broken.pk, good.pk], NOW).by_partner) == {good.pk}


def test_the_memorandum_in_force_is_the_newest_that_has_not_lapsed() -> None:
    make_agreement(None, valid_from=date(2013, 6, 1), valid_until=date(2018, 5, 31))
    assert memorandum_in_force(NOW) is None
    older = make_agreement(None, valid_from=date(2025, 1, 1))
    newer = make_agreement(None, valid_from=date(2026, 1, 1))
    assert memorandum_in_force(NOW).version_id == newer.pk != older.pk


def test_without_a_memorandum_a_side_goes_on_with_its_own_partners() -> None:
    alone = make_partner("alone")
    under = make_partner("under", agreement={"under_memorandum": True})
    across = make_partner("across", side="RU")
    case = make_case(cross_border=True)
    decision = route_case(case_id=case.pk, now=NOW)
    assert decision.chosen == [str(alone.pk)]
    why_not = {row["partner"]: row["reasons"] for row in decision.rejected}
    assert why_not == {str(under.pk): ["memorandum_not_valid"], str(across.pk): ["memorandum_not_valid"]}


def test_with_a_memorandum_a_case_may_cross_when_the_person_allows_it() -> None:
    memorandum = make_agreement(None)
    across = make_partner("across", side="RU")
    allowed, not_allowed = make_case(cross_border=True), make_case(cross_border=False)
    route_case(case_id=allowed.pk, now=NOW)
    route_case(case_id=not_allowed.pk, now=NOW)
    referral = Referral.objects.get()
    assert (referral.case_id, referral.partner_id) == (allowed.pk, across.pk)
    assert referral.memorandum_version_id == memorandum.pk


def test_every_referral_keeps_the_version_it_relied_on() -> None:
    partner = make_partner()
    make_agreement(None)
    route_case(case_id=make_case().pk, now=NOW)
    referral = Referral.objects.get()
    assert referral.agreement_version == partner.agreements.get().versions.get()
    assert referral.memorandum_version is None


def test_a_hundred_partners_cost_as_many_queries_as_one() -> None:
    ids = [make_partner().pk for _ in range(3)]
    with CaptureQueriesContext(
        connection,
    ) as few:
        agreements_in_force(ids[:1], NOW)
    with CaptureQueriesContext(connection) as many:
        assert len(agreements_in_force(ids, NOW).by_partner) == 3
    assert len(few) == len(many) == 1
