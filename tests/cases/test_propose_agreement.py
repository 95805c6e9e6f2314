"""Agreements are entered by proposal: what cannot be so is refused at its field, and nothing is half done."""

from datetime import date, datetime
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from cases.actions import propose_agreement as acts
from cases.actions.decide_approval import approve
from cases.errors import NotAllowed, NotFound
from cases.models import Agreement, AgreementVersion, ApprovalRequest, PartnerOrganisation
from cases.queries.agreements import agreements_in_force
from intake.errors import InvalidInput
from tests.cases.agreement_world import agreement_of, terms
from tests.cases.arrange import acting, partner, staff

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]


def propose(now: datetime, owner: PartnerOrganisation | None, **given: Any) -> ApprovalRequest:
    given.setdefault("by", acting(staff("partner_coordinator")))
    values = {"kind": "partner", "partner_id": owner.pk if owner else None, "under_memorandum": False, "terms": terms()}
    return acts.propose_agreement(now=now, **(values | given))


def agree(request: ApprovalRequest, now: datetime) -> None:
    approve(request_id=request.pk, by=acting(staff("supervisor")), now=now)


def test_a_new_agreement_is_in_force_when_it_is_approved(now: datetime) -> None:
    owner = partner("AZ")
    Agreement.objects.all()[0].versions.all().delete()
    request = propose(now, owner)
    assert not agreements_in_force([owner.pk], now).by_partner
    agree(request, now)
    [terms_now] = agreements_in_force([owner.pk], now).by_partner[owner.pk]
    made = AgreementVersion.objects.get(pk=terms_now.version_id)
    assert (made.agreement.side, made.number, made.labels["az"]) == ("AZ", 1, "Saziş")
    assert terms_now.data_groups == {"identity", "story"}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"timezone": "Mars/Olympus"}, "timezone"),
        ({"timezone": ""}, "timezone"),
        ({"timezone": "../etc/passwd"}, "timezone"),
        ({"valid_until": date(2026, 10, 31)}, "valid_until"),
        ({"valid_from": date(2020, 1, 1), "valid_until": date(2026, 11, 23)}, "valid_until"),
        ({"countries": ("RU", "ZZ")}, "countries"),
        ({"categories": ("DET", "NONE")}, "categories"),
        ({"categories": ("DET", "DET")}, "categories"),
        ({"data_groups": ("secrets",)}, "data_groups"),
        ({"data_groups": ()}, "data_groups"),
        ({"wind_down": "explode"}, "wind_down"),
        ({"labels": {"az": "Saziş", "ru": " ", "en": "Agreement"}}, "title_ru"),
        ({"labels": {"az": "Saziş", "ru": "x" * 201, "en": "Agreement"}}, "title_ru"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(changes: dict[str, Any], field: str, now: datetime) -> None:
    owner = partner("AZ")
    with pytest.raises(InvalidInput) as refused:
        propose(now, owner, terms=terms(**changes))
    assert list(refused.value.fields) == [field]
    assert not ApprovalRequest.objects.exists()


def test_the_partner_must_be_of_the_own_side(now: datetime) -> None:
    for owner in (partner("RU"), partner("AZ", is_active=False), None):
        with pytest.raises(InvalidInput) as refused:
            propose(now, owner)
        assert list(refused.value.fields) == ["partner"]


def test_a_partner_that_changed_sides_meanwhile_is_found_out_at_approval(now: datetime) -> None:
    owner = partner("AZ")
    agreement_of(owner).versions.all().delete()
    request = propose(now, owner)
    PartnerOrganisation.objects.update(side="RU")
    with pytest.raises(InvalidInput):
        agree(request, now)
    assert Agreement.objects.count() == 1


def test_a_later_version_cannot_begin_before_an_earlier_one_and_numbers_are_dense(now: datetime) -> None:
    owner = partner("AZ")
    found, by = agreement_of(owner), acting(staff("partner_coordinator"))
    with pytest.raises(InvalidInput) as refused:
        acts.propose_amendment(
            agreement_id=found.pk, terms=terms(valid_from=date(2025, 12, 31)), seen=1, by=by, now=now
        )
    assert list(refused.value.fields) == ["valid_from"]
    agree(acts.propose_amendment(agreement_id=found.pk, terms=terms(), seen=1, by=by, now=now), now)
    with pytest.raises(InvalidInput):
        acts.propose_amendment(agreement_id=found.pk, terms=terms(), seen=1, by=by, now=now)
    assert list(found.versions.order_by("number").values_list("number", flat=True)) == [1, 2]


def test_an_early_end_is_a_version_that_replaces_what_was_to_come(now: datetime) -> None:
    owner = partner("AZ")
    found, by = agreement_of(owner), acting(staff("partner_coordinator"))
    AgreementVersion.objects.create(agreement=found, number=2, **terms(valid_from=date(2027, 6, 1)).columns())
    agree(acts.propose_end(agreement_id=found.pk, last_day=date(2026, 11, 24), seen=2, by=by, now=now), now)
    assert found.versions.get(number=3).valid_until == date(2026, 11, 24)
    assert agreements_in_force([owner.pk], now).by_partner
    for day in (datetime(2026, 11, 26, tzinfo=now.tzinfo), datetime(2027, 7, 1, tzinfo=now.tzinfo)):
        assert not agreements_in_force([owner.pk], day).by_partner


@pytest.mark.parametrize("day", [date(2026, 11, 23), date(2027, 12, 31), date(2030, 1, 1)])
def test_an_end_lies_between_today_and_the_present_last_day(day: date, now: datetime) -> None:
    found = agreement_of(partner("AZ"))
    with pytest.raises(InvalidInput) as refused:
        acts.propose_end(agreement_id=found.pk, last_day=day, seen=1, by=acting(staff("partner_coordinator")), now=now)
    assert list(refused.value.fields) == ["last_day"]


def test_only_coordinators_of_the_side_propose(now: datetime) -> None:
    found = agreement_of(partner("AZ"))
    given: dict[str, Any] = {"agreement_id": found.pk, "terms": terms(), "seen": 1, "now": now}
    with pytest.raises(NotAllowed):
        acts.propose_amendment(by=acting(staff("supervisor")), **given)
    with pytest.raises(NotFound):
        acts.propose_amendment(by=acting(staff("partner_coordinator", "RU")), **given)


@pytest.mark.parametrize("change", [{"number": 0}, {"timezone": ""}, {"valid_until": date(2020, 1, 1)}])
def test_the_database_refuses_it_too(change: dict[str, Any], now: datetime) -> None:
    found = agreement_of(partner("AZ"))
    with pytest.raises(IntegrityError), transaction.atomic():
        found.versions.update(**change)


# --- two at once ------------------------------------------------------------------------------------------------------
def amended(owner: PartnerOrganisation, **columns: Any) -> None:
    """Its agreement, from the first of January 2026 to the end of 2027 unless changed."""
    agreement_of(owner).versions.update(**columns)


@pytest.mark.parametrize(
    ("stored", "given", "is_refused"),
    [
        ({}, {}, True),
        ({}, {"valid_from": date(2028, 1, 1)}, False),
        ({}, {"valid_from": date(2027, 12, 31)}, True),
        ({"countries": ["RU"]}, {"countries": ("AZ",)}, False),
        ({"countries": ["RU"]}, {"countries": ("AZ", "RU")}, True),
        ({"countries": ["RU"]}, {}, True),
        ({"categories": ["DET"]}, {"categories": ("WRK",)}, False),
        ({"categories": ["DET"], "countries": ["RU"]}, {"categories": ("DET",), "countries": ("AZ",)}, False),
        ({"valid_until": date(2026, 11, 23)}, {"valid_from": date(2026, 11, 24)}, False),
    ],
    ids=str,
)
def test_a_second_agreement_for_the_same_days_and_scope_is_refused(
    stored: dict[str, Any], given: dict[str, Any], is_refused: bool, now: datetime
) -> None:
    owner = partner("AZ")
    amended(owner, **stored)
    if is_refused:
        with pytest.raises(InvalidInput) as refused:
            propose(now, owner, terms=terms(**given))
        assert list(refused.value.fields) == ["valid_from"]
        assert "2027-12-31" in str(refused.value.fields["valid_from"][0])
    else:
        propose(now, owner, terms=terms(**given))


def test_one_under_the_memorandum_beside_one_of_its_own_is_another_chain(now: datetime) -> None:
    propose(now, partner("AZ"), under_memorandum=True)


def test_an_amendment_that_ends_earlier_makes_room_and_another_partner_never_takes_it(now: datetime) -> None:
    owner = partner("AZ")
    partner("AZ")
    first = agreement_of(owner).versions.get()
    AgreementVersion.objects.create(
        agreement=first.agreement,
        number=2,
        valid_from=date(2026, 11, 1),
        valid_until=date(2026, 11, 30),
        timezone="Asia/Baku",
    )
    propose(now, owner, terms=terms(valid_from=date(2026, 12, 1)))
    with pytest.raises(InvalidInput):
        propose(now, owner, terms=terms(valid_from=date(2026, 11, 30)))


def test_what_began_to_overlap_meanwhile_is_found_out_at_approval(now: datetime) -> None:
    owner = partner("AZ")
    amended(owner, valid_until=date(2026, 10, 31))
    request = propose(now, owner)
    amended(owner, valid_until=date(2027, 12, 31))
    with pytest.raises(InvalidInput):
        agree(request, now)
    assert Agreement.objects.count() == 1


def test_a_second_memorandum_for_the_same_days_is_refused(now: datetime) -> None:
    request = propose(now, None, kind="memorandum")
    if not request.approvals.exists():
        approve(request_id=request.pk, by=acting(staff("supervisor")), now=now)
    approve(request_id=request.pk, by=acting(staff("supervisor", side="RU")), now=now)
    assert ApprovalRequest.objects.get().state == "approved"
    with pytest.raises(InvalidInput) as refused:
        propose(now, None, kind="memorandum")
    assert list(refused.value.fields) == ["valid_from"]


def amend(owner: PartnerOrganisation, now: datetime, **changes: Any) -> ApprovalRequest:
    agreement = Agreement.objects.filter(partner=owner).order_by("pk")[0]
    values = {"seen": agreement.versions.count(), "by": acting(staff("partner_coordinator"))}
    return acts.propose_amendment(agreement_id=agreement.pk, terms=terms(**changes), now=now, **values)


def test_no_amendment_reaches_into_another_agreement(now: datetime) -> None:
    owner = partner("AZ")
    amended(owner, valid_until=date(2026, 12, 31))
    agree(propose(now, owner, terms=terms(valid_from=date(2027, 1, 1), valid_until=date(2028, 1, 1))), now)
    with pytest.raises(InvalidInput) as refused:
        amend(owner, now, valid_until=date(2027, 1, 1))
    assert list(refused.value.fields) == ["valid_from"]
    amend(owner, now, valid_until=date(2026, 12, 31))


def test_nor_one_that_was_made_while_it_waited_for_approval(now: datetime) -> None:
    owner = partner("AZ")
    amended(owner, valid_until=date(2026, 12, 31))
    request = amend(owner, now, valid_until=date(2027, 6, 30))
    agree(propose(now, owner, terms=terms(valid_from=date(2027, 1, 1), valid_until=date(2028, 1, 1))), now)
    with pytest.raises(InvalidInput):
        agree(request, now)
