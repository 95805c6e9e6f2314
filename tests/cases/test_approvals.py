"""Two people must agree: who counts, who does not, and that the change happens exactly once."""

from datetime import date, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from cases.actions import propose_agreement as acts
from cases.actions.decide_approval import approve, expire_requests, refuse
from cases.errors import NotAllowed, NotFound, StaleObject
from cases.models import AgreementVersion, Approval, ApprovalPeriod, ApprovalRequest, PartnerOrganisation, User
from intake.errors import InvalidInput
from intake.references import new_id
from tests.cases.agreement_world import agreement_of, amendment_asked, terms
from tests.cases.arrange import acting, at_once, partner, staff

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]


def coordinator(side: str = "AZ") -> User:
    return staff("partner_coordinator", side)


def asked(owner: PartnerOrganisation, by: User, now: datetime) -> ApprovalRequest:
    found = agreement_of(owner)
    return acts.propose_amendment(agreement_id=found.pk, terms=terms(), seen=1, by=acting(by), now=now)


def memorandum_asked(by: User, now: datetime) -> ApprovalRequest:
    return acts.propose_agreement(
        kind="memorandum", partner_id=None, under_memorandum=False, terms=terms(), by=acting(by), now=now
    )


def numbers(owner: PartnerOrganisation) -> list[int]:
    return sorted(agreement_of(owner).versions.values_list("number", flat=True))


def test_who_asks_counts_as_one_of_two_and_a_second_person_of_the_side_brings_it_into_force(now: datetime) -> None:
    owner = partner("AZ")
    request = asked(owner, coordinator(), now)
    assert numbers(owner) == [1]
    assert approve(request_id=request.pk, by=acting(staff("supervisor")), now=now).state == "approved"
    assert numbers(owner) == [1, 2]
    assert agreement_of(owner).versions.get(number=2).valid_until == date(2028, 12, 31)


def test_the_same_person_never_counts_twice(now: datetime) -> None:
    owner, one = partner("AZ"), coordinator()
    request = asked(owner, one, now)
    with pytest.raises(NotAllowed):
        approve(request_id=request.pk, by=acting(one), now=now)
    with pytest.raises(IntegrityError), transaction.atomic():
        Approval.objects.create(request=request, needs=request.needs, user=one, side="AZ", given_at=now)
    assert numbers(owner) == [1]


def test_a_memorandum_needs_one_person_of_each_side(now: datetime) -> None:
    request = memorandum_asked(coordinator("AZ"), now)
    with pytest.raises(NotAllowed):
        approve(request_id=request.pk, by=acting(coordinator("AZ")), now=now)
    with pytest.raises(IntegrityError), transaction.atomic():
        Approval.objects.create(request=request, needs=request.needs, user=coordinator("AZ"), side="AZ", given_at=now)
    assert not AgreementVersion.objects.exists()
    assert approve(request_id=request.pk, by=acting(coordinator("RU")), now=now).state == "approved"
    assert AgreementVersion.objects.get().agreement.kind == "memorandum"


def test_the_other_side_has_no_say_in_a_partner_agreement(now: datetime) -> None:
    request = asked(partner("AZ"), coordinator(), now)
    for decide in (approve, refuse):
        with pytest.raises(NotFound):
            decide(request_id=request.pk, by=acting(coordinator("RU")), now=now)


@pytest.mark.parametrize("role", ["caseworker", "auditor", "working_group_member", "administrator"])
def test_who_has_another_role_may_not_approve(role: str, now: datetime) -> None:
    request = asked(partner("AZ"), coordinator(), now)
    with pytest.raises(NotAllowed):
        approve(request_id=request.pk, by=acting(staff(role)), now=now)


def test_a_disabled_account_approves_nothing(now: datetime) -> None:
    request, left = asked(partner("AZ"), coordinator(), now), coordinator()
    User.objects.filter(pk=left.pk).update(is_active=False)
    with pytest.raises(NotAllowed):
        approve(request_id=request.pk, by=acting(left), now=now)


def test_the_yes_of_somebody_who_left_counts_no_more(now: datetime) -> None:
    owner, left = partner("AZ"), coordinator()
    request = asked(owner, left, now)
    User.objects.filter(pk=left.pk).update(is_active=False)
    assert approve(request_id=request.pk, by=acting(coordinator()), now=now).state == "open"
    assert numbers(owner) == [1]
    assert approve(request_id=request.pk, by=acting(coordinator()), now=now).state == "approved"


def test_where_each_side_must_agree_a_colleague_may_follow_one_who_left(now: datetime) -> None:
    left = coordinator("AZ")
    request = memorandum_asked(left, now)
    User.objects.filter(pk=left.pk).update(roles=["auditor"])
    approve(request_id=request.pk, by=acting(coordinator("RU")), now=now)
    assert approve(request_id=request.pk, by=acting(coordinator("AZ")), now=now).state == "approved"


def test_what_is_decided_is_decided(now: datetime) -> None:
    request = asked(partner("AZ"), coordinator(), now)
    refuse(request_id=request.pk, by=acting(coordinator()), now=now)
    for decide in (approve, refuse):
        with pytest.raises(StaleObject):
            decide(request_id=request.pk, by=acting(coordinator()), now=now)
    request.refresh_from_db()
    assert (request.state, request.decided_at) == ("refused", now)


def test_who_asked_takes_it_back(now: datetime) -> None:
    one = coordinator()
    request = asked(partner("AZ"), one, now)
    refuse(request_id=request.pk, by=acting(one), now=now)
    request.refresh_from_db()
    assert request.state == "withdrawn"


def test_a_proposal_for_a_thing_that_has_changed_meanwhile_is_stale(now: datetime) -> None:
    owner = partner("AZ")
    request = asked(owner, coordinator(), now)
    AgreementVersion.objects.create(
        agreement=agreement_of(owner), number=2, **terms(valid_until=date(2027, 1, 1)).columns()
    )
    with pytest.raises(StaleObject):
        approve(request_id=request.pk, by=acting(coordinator()), now=now)
    assert numbers(owner) == [1, 2]
    request.refresh_from_db()
    assert request.state == "open", "nothing of a failed approval is kept"
    assert request.approvals.count() == 1


def test_one_change_of_a_thing_waits_at_a_time(now: datetime) -> None:
    owner = partner("AZ")
    request = asked(owner, coordinator(), now)
    with pytest.raises(InvalidInput):
        asked(owner, coordinator(), now)
    later = now + timedelta(days=31)
    assert request.expires_at == now + timedelta(days=ApprovalPeriod.objects.get(pk="partner_agreement").days)
    asked(owner, coordinator(), later)
    request.refresh_from_db()
    assert request.state == "expired"


def test_what_nobody_decides_expires(now: datetime) -> None:
    request = asked(partner("AZ"), coordinator(), now)
    late = now + timedelta(days=30)
    with pytest.raises(StaleObject):
        approve(request_id=request.pk, by=acting(coordinator()), now=late)
    assert [expire_requests(now=late - timedelta(seconds=1)), expire_requests(now=late), expire_requests(now=late)] == [
        0,
        1,
        0,
    ]


def test_a_forged_id_is_not_found(now: datetime) -> None:
    for decide in (approve, refuse):
        with pytest.raises(NotFound):
            decide(request_id=new_id(), by=acting(coordinator()), now=now)


def test_the_needs_of_a_kind_cannot_be_lowered_in_the_row(now: datetime) -> None:
    request = memorandum_asked(coordinator(), now)
    with pytest.raises(IntegrityError), transaction.atomic():
        ApprovalRequest.objects.filter(pk=request.pk).update(needs="two_of_side")


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_two_who_approve_at_the_same_moment_change_it_once(now: datetime) -> None:
    owner = partner("AZ")
    request = amendment_asked(owner, staff(), now)
    people = [coordinator() for _ in range(6)]

    def agree() -> str:
        try:
            return approve(request_id=request.pk, by=acting(people.pop()), now=now).state
        except StaleObject:
            return "late"

    answers = at_once(6, agree)
    assert sorted(answers) == ["approved", "late", "late", "late", "late", "open"]
    assert numbers(owner) == [1, 2]


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_of_a_yes_and_a_no_at_the_same_moment_one_counts(now: datetime) -> None:
    owner = partner("AZ")
    request = asked(owner, coordinator(), now)
    acts_left = [approve, refuse]

    def decide() -> str:
        try:
            acts_left.pop()(request_id=request.pk, by=acting(coordinator()), now=now)
            return "done"
        except StaleObject:
            return "late"

    assert sorted(at_once(2, decide)) == ["done", "late"]
    request.refresh_from_db()
    assert numbers(owner) == ([1, 2] if request.state == "approved" else [1])
