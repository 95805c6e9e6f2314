"""Pages of agreements: proposing with the reason at the field, approving, and the demo's switch."""

from datetime import date, datetime
from typing import Any

import pytest
from django.conf import settings as live
from django.test import Client
from django.urls import NoReverseMatch, reverse

from cases.actions.demo_memorandum import switch_memorandum
from cases.errors import NotFound
from cases.models import Agreement, AgreementVersion, ApprovalRequest
from cases.queries.agreements import memorandum_in_force
from tests.cases.agreement_world import agreement_of, amendment_asked, terms
from tests.cases.arrange import opened, partner, referral, staff
from tests.cases.web.conftest import signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]
TYPED = {
    "kind": "partner",
    "title_az": "Saziş",
    "title_ru": "Соглашение",
    "title_en": "Agreement",
    "valid_from": "2026-11-01",
    "valid_until": "2031-12-31",
    "timezone": "Asia/Baku",
    "data_groups": ["identity", "story"],
    "wind_down": "finish",
}


def memorandum(**changes: Any) -> Agreement:
    made = Agreement.objects.create(slug="memorandum-x", kind="memorandum", is_demo=True)
    AgreementVersion.objects.create(agreement=made, number=1, **terms(**changes).columns())
    return made


def test_an_agreement_is_proposed_and_approved_on_the_pages(now: datetime) -> None:
    owner = partner("AZ")
    Agreement.objects.get(partner=owner).versions.update(valid_until=date(2026, 1, 31))  # else they would overlap
    asking = signed_in(staff("partner_coordinator"))
    assert asking.get(reverse("console:new_agreement")).status_code == 200
    answer = asking.post(reverse("console:propose_agreement"), {**TYPED, "partner": owner.pk}, follow=True)
    assert "waits for another person" not in answer.text and "Two people of this side must approve" in answer.text
    assert 'value="approve"' not in answer.text and "Take it back" in answer.text
    request = ApprovalRequest.objects.get()
    second = signed_in(staff("supervisor"))
    assert 'value="approve"' in second.get(reverse("console:approvals")).text
    done = second.post(reverse("console:decide_approval", args=[request.pk]), {"act": "approve"}, follow=True)
    assert "Approved, and done." in done.text
    assert Agreement.objects.filter(partner=owner).count() == 2


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"timezone": "Mars/Olympus"}, "There is no such time zone."),
        ({"valid_until": "2026-10-01"}, "The last day lies before the first."),
        ({"data_groups": []}, "This field is required."),
        ({"categories": ["NONE"]}, "NONE is not one of the available choices"),
        ({"partner": ""}, "Please choose a partner organisation."),
    ],
)
def test_a_refusal_stands_at_its_field_with_what_was_typed(changes: dict[str, Any], said: str, now: datetime) -> None:
    given = {**TYPED, "partner": partner("AZ").pk, **changes}
    answer = signed_in(staff("partner_coordinator")).post(reverse("console:propose_agreement"), given)
    assert answer.status_code == 422 and said in answer.text and 'value="Saziş"' in answer.text
    assert not ApprovalRequest.objects.exists()


def test_one_under_a_memorandum_that_is_not_there_is_warned_about(now: datetime) -> None:
    given = {**TYPED, "partner": partner("AZ").pk, "under_memorandum": "on"}
    answer = signed_in(staff("partner_coordinator")).post(reverse("console:propose_agreement"), given, follow=True)
    assert "No memorandum is in force" in answer.text
    assert ApprovalRequest.objects.count() == 1


def test_an_amendment_and_an_end_begin_with_what_is_in_force(now: datetime) -> None:
    found = agreement_of(partner("AZ"))
    page = reverse("console:agreement", args=[found.slug])
    client = signed_in(staff("partner_coordinator"))
    assert 'value="2027-12-31"' in client.get(page).text
    answer = client.post(reverse("console:end_agreement", args=[found.slug]), {"seen": 1, "last_day": "2019-01-01"})
    assert answer.status_code == 422 and "Please give a day from today on" in answer.text
    client.post(reverse("console:amend_agreement", args=[found.slug]), {**TYPED, "seen": 1})
    assert ApprovalRequest.objects.get().change["act"] == "amend"
    assert "A change waits for approval." in client.get(page).text


def test_a_proposal_over_a_version_that_somebody_replaced_is_told_so(now: datetime) -> None:
    found = agreement_of(partner("AZ"))
    AgreementVersion.objects.create(agreement=found, number=2, **terms().columns())
    client = signed_in(staff("partner_coordinator"))
    answer = client.post(reverse("console:amend_agreement", args=[found.slug]), {**TYPED, "seen": 1})
    assert answer.status_code == 422 and "Somebody changed this in the meantime" in answer.text


def test_what_was_decided_meanwhile_is_told_on_the_page(now: datetime) -> None:
    request = amendment_asked(partner("AZ"), staff("partner_coordinator"), now)
    ApprovalRequest.objects.update(state="refused", decided_at=now)
    client = signed_in(staff("supervisor"))
    answer = client.post(reverse("console:decide_approval", args=[request.pk]), {"act": "approve"})
    assert answer.status_code == 412 and "Somebody changed this" in answer.text


def test_the_list_costs_the_same_for_one_and_for_many(now: datetime, django_assert_max_num_queries: Any) -> None:
    client = signed_in(staff("supervisor"))
    for _ in range(12):
        amendment_asked(partner("AZ"), staff("partner_coordinator"), now)
    with django_assert_max_num_queries(10):
        client.get(reverse("console:approvals"))


def test_outside_the_demo_there_is_no_switch(now: datetime, client: Client) -> None:
    memorandum()
    assert not live.DEMO
    with pytest.raises(NoReverseMatch):
        reverse("demo_memorandum")
    with pytest.raises(NotFound):
        switch_memorandum(now=now)
    assert AgreementVersion.objects.count() == 1
    answer = signed_in(staff("partner_coordinator")).post("/demo/memorandum/")
    assert answer.status_code == 404
    assert "Demo:" not in signed_in(staff("partner_coordinator")).get(reverse("console:agreements")).text


def test_the_switch_shows_the_day_after_and_goes_back(now: datetime, settings: Any) -> None:
    settings.DEMO = True
    memorandum(valid_from=date(2026, 1, 1))
    switch_memorandum(now=now)
    assert memorandum_in_force(now) is None
    switch_memorandum(now=now)
    in_force = memorandum_in_force(now)
    assert in_force is not None
    assert AgreementVersion.objects.get(pk=in_force.version_id).valid_until == date(2028, 12, 31)
    assert AgreementVersion.objects.filter(agreement__kind="memorandum").count() == 3


def test_the_switch_leaves_a_real_memorandum_alone(now: datetime, settings: Any) -> None:
    settings.DEMO = True
    memorandum()
    Agreement.objects.update(is_demo=False)
    with pytest.raises(NotFound):
        switch_memorandum(now=now)


def test_when_it_has_lapsed_the_page_names_the_cases_that_it_stops(now: datetime) -> None:
    lapsed = memorandum(valid_from=date(2020, 1, 1), valid_until=date(2021, 1, 1))
    waiting, running, other = opened(now), opened(now), opened(now, handler="RU")
    referral(running, partner("RU"), now, "accepted", memorandum_version=lapsed.versions.get())
    text = signed_in(staff("supervisor")).get(reverse("console:agreements")).text
    assert "Offers and data across sides have stopped." in text
    assert waiting.reference in text and running.reference in text and other.reference not in text
    assert waiting.reference not in signed_in(staff("partner_coordinator")).get(reverse("console:agreements")).text


@pytest.mark.parametrize("page", ["partners", "agreements", "new_agreement", "approvals"])
def test_every_page_that_needs_the_memorandum_says_that_there_is_none(page: str, now: datetime) -> None:
    client = signed_in(staff(roles=["partner_coordinator", "supervisor"]))
    assert "There is no memorandum." in client.get(reverse(f"console:{page}")).text
