"""A transfer on the pages: asked on the case file, decided by both sides, and seen by the other side as codes only."""

from datetime import datetime

import pytest
from django.urls import reverse

from cases.actions.transfer_case import ask_transfer
from cases.models import ApprovalRequest, Case
from tests.cases.arrange import acting, opened, staff
from tests.cases.web.conftest import signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]


def ask(case: Case, now: datetime) -> ApprovalRequest:
    return ask_transfer(
        case_id=case.pk, reason_code="person_moved", reason="Hidden reason", by=acting(staff()), now=now
    )


def test_it_is_asked_on_the_case_file_and_its_reason_stays_there(now: datetime) -> None:
    case, client = opened(now), signed_in(staff("supervisor"))
    given = {"seen": "x", "reason_code": "person_moved", "reason": "Hidden reason"}
    answer = client.post(reverse("console:ask_transfer", args=[case.reference]), given, follow=True)
    assert "Hidden reason" in answer.text and "he person is in the other country now" in answer.text
    assert "Transfer to the other side: asked" in answer.text


def test_without_a_reason_it_is_refused_at_the_field(now: datetime) -> None:
    case, client = opened(now), signed_in(staff("supervisor"))
    answer = client.post(reverse("console:ask_transfer", args=[case.reference]), {"seen": "x", "reason": "y"})
    assert answer.status_code == 422 and not ApprovalRequest.objects.exists()


def test_the_other_side_sees_an_offers_facts_and_no_word_of_the_person(now: datetime) -> None:
    case = opened(now, story="Hidden story", identity={"name": "Hidden name"}, actor_name="Hidden actor")
    ask(case, now)
    client = signed_in(staff("supervisor", "RU"))
    text = client.get(reverse("console:approvals")).text
    assert case.reference in text and "Hidden" not in text
    assert reverse("console:case", args=[case.reference]) not in text
    assert client.get(reverse("console:case", args=[case.reference])).status_code == 404


def test_after_both_have_approved_it_is_in_the_other_queue_and_gone_from_the_old_one(now: datetime) -> None:
    case, ours, theirs = opened(now), signed_in(staff("supervisor")), signed_in(staff("supervisor", "RU"))
    address = reverse("console:decide_approval", args=[ask(case, now).pk])
    assert "the other side has approved too" in ours.post(address, {"act": "approve"}, follow=True).text
    assert case.reference in ours.get("/console/queue/?tab=triage").text
    theirs.post(address, {"act": "approve"})
    page = reverse("console:case", args=[case.reference])
    assert [ours.get(page).status_code, theirs.get(page).status_code] == [404, 200]
    assert case.reference not in ours.get("/console/queue/?tab=triage").text
    assert ours.post(address, {"act": "approve"}).status_code in {404, 412}
