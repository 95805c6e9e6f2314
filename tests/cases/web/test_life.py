"""The life of a case from its file: what can be done is offered, what is refused is told at its field."""

from datetime import datetime, timedelta

import pytest

from cases.models import Case, ClosingProposal, ContactAttempt, FollowUp
from tests.cases.arrange import in_state, opened, staff
from tests.cases.web.conftest import signed_in
from tests.cases.web.test_case_file import CONTACT, address, seen

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]


def test_advice_without_a_referral_resolves_and_closes_a_case_from_triage(now: datetime) -> None:
    case, client = opened(now), signed_in(staff(language="en"))
    for act, outcome in (("resolve/", "advice_given"), ("close/", "advice_given")):
        answer = client.post(address(case, act), {"outcome": outcome, "words": "", **seen(case)})
        assert answer.status_code == 302
    assert Case.objects.get().state == "closed"


def test_lost_contact_is_refused_at_its_field_with_what_is_missing(now: datetime) -> None:
    case, client = opened(now), signed_in(staff(language="en"))
    given = {"outcome": "lost_contact", "words": "typed before", **seen(case)}
    page = client.post(address(case, "resolve/"), given)
    assert page.status_code == 422
    assert b"Safe attempts still missing: 3" in page.content and b"typed before" in page.content


def test_two_people_close_and_the_first_finds_no_button(now: datetime) -> None:
    case = in_state(opened(now, category="DET"), "resolved", outcome="resolved_full", due_at=None)
    proposer, decider = signed_in(staff("supervisor", language="en")), signed_in(staff("supervisor", language="en"))
    page = proposer.post(address(case, "close/"), {"outcome": "resolved_full", "words": "", **seen(case)}, follow=True)
    assert b"A supervisor who is not you decides" in page.content and b'value="approve"' not in page.content
    assert case.reference.encode() in decider.get("/console/closings/").content
    act = f"close/{ClosingProposal.objects.get().pk}/"
    decider.post(address(case, act), {"act": "approve", "reason": "", **seen(case)})
    assert Case.objects.get().state == "closed"


def test_who_wrote_after_the_end_is_reopened_with_one_click(now: datetime) -> None:
    case = in_state(opened(now), "closed", due_at=None, wrote_again_at=now)
    client = signed_in(staff(language="en"))
    assert b"since the case ended" in client.get(address(case)).content
    client.post(address(case, "reopen/"), {"reason": "reporter_asked", **seen(case)})
    assert Case.objects.get().state == "triage"


def test_the_second_of_two_is_told(now: datetime) -> None:
    case, client = in_state(opened(now), "resolved", outcome="advice_given"), signed_in(staff(language="en"))
    old = seen(case)
    assert client.post(address(case, "reopen/"), {"reason": "not_solved", **old}).status_code == 302
    assert client.post(address(case, "close/"), {"outcome": "advice_given", "words": "", **old}).status_code == 412


def test_an_attempt_is_one_key_and_pressed_twice_it_is_one(now: datetime) -> None:
    case, client = opened(now, contact=CONTACT), signed_in(staff())
    given = {"channel": "phone", "result": "no_answer", **seen(case)}
    assert [client.post(address(case, "attempt/"), given).status_code for _ in range(2)] == [302, 412]
    assert ContactAttempt.objects.count() == 1


def test_a_follow_up_is_set_listed_and_done(now: datetime) -> None:
    case, user = opened(now), staff(language="en")
    client = signed_in(user)
    local = f"{datetime.now() + timedelta(days=9):%Y-%m-%dT%H:%M}"
    given = {"text": "Ask <b>again</b>", "at": local, "user": str(user.pk), **seen(case)}
    assert client.post(address(case, "follow-ups/"), given).status_code == 302
    assert b"Ask &lt;b&gt;again&lt;/b&gt;" in client.get("/console/follow-ups/").content
    row = FollowUp.objects.get()
    assert client.post(address(case, f"follow-ups/{row.pk}/"), {"act": "move", "at": ""}).status_code == 422
    client.post(address(case, f"follow-ups/{row.pk}/"), {"act": "done", "back": "1"})
    assert FollowUp.objects.get().done_at


def test_a_supervisor_assigns_and_sets_free(now: datetime) -> None:
    case, user, client = opened(now), staff(), signed_in(staff("supervisor"))
    client.post(address(case, "assign/"), {"user": str(user.pk), **seen(case)})
    assert Case.objects.get().responsible == user
    client.post(address(case, "assign/"), {"user": "", **seen(case)})
    assert Case.objects.get().responsible is None
    other = staff(side="RU")
    assert client.post(address(case, "assign/"), {"user": str(other.pk), **seen(case)}).status_code == 422
