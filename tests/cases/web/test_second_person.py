"""A side on which nobody else may decide hears of it, on the page, by mail and from the doctor; it decides nothing."""

from datetime import datetime
from typing import Any

import pytest

from cases.actions import propose_agreement as acts
from cases.actions.decide_closing import approve_closing
from cases.actions.end_case import close_case
from cases.actions.know_person import know_person
from cases.actions.transfer_case import ask_transfer
from cases.actions.vital_interest import approve_vital_interest, ask_vital_interest
from cases.errors import NotAllowed
from cases.models import Case, ClosingProposal, OutboxMessage, User
from cases.queries.approvals import waiting_approvals
from tests.cases.agreement_world import agreement_of, terms
from tests.cases.arrange import acting, in_state, opened, partner, staff
from tests.cases.web.conftest import signed_in
from tests.cases.web.test_case_file import address
from workers.examination import second_people_are_there

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]
NOBODY = "Nobody else of your side can decide this"


def proposed(now: datetime, by: User) -> tuple[Case, ClosingProposal]:
    case = in_state(opened(now, category="DET"), "resolved")
    proposal = close_case(case_id=case.pk, outcome="resolved_full", by=acting(by), now=now)
    assert proposal is not None
    return case, proposal


def page(user: User, case: Case) -> str:
    return signed_in(user).get(address(case)).content.decode()


def lacking(user: User, now: datetime) -> list[str]:
    return [side for one in waiting_approvals(user, now) for side in one.lacking]


def test_the_only_supervisor_reads_that_nobody_else_can_decide_and_still_cannot(now: datetime) -> None:
    only, admin = staff("supervisor", language="en"), staff("administrator")
    case, proposal = proposed(now, only)
    assert NOBODY in page(only, case)
    with pytest.raises(NotAllowed):
        approve_closing(proposal_id=proposal.pk, by=acting(only), now=now)
    notice = OutboxMessage.objects.get(kind="supervisor_missing")
    assert (notice.user, notice.params, notice.case) == (admin, {"side": "AZ", "what": "closing"}, None)
    staff("supervisor")
    assert NOBODY not in page(only, case)


def test_a_second_one_of_the_other_side_or_who_knows_the_person_is_no_second_one(now: datetime) -> None:
    only, knows = staff("supervisor", language="en"), staff("supervisor")
    staff("supervisor", "RU")
    staff(roles=["supervisor", "administrator"])  # sees no person
    case, _proposal = proposed(now, only)
    assert NOBODY not in page(only, case)
    know_person(case_id=case.pk, by=acting(knows), now=now)
    assert NOBODY in page(only, case)


def test_whoever_knows_the_person_gets_no_notice_of_the_closing(now: datetime) -> None:
    caseworker, knows, other = staff(), staff("supervisor"), staff("supervisor")
    case = in_state(opened(now, category="DET"), "resolved")
    know_person(case_id=case.pk, by=acting(knows), now=now)
    close_case(case_id=case.pk, outcome="resolved_full", by=acting(caseworker), now=now)
    assert [row.user for row in OutboxMessage.objects.filter(kind="closing_proposed")] == [other]


def test_who_may_decide_on_vital_interest_is_told_at_once(now: datetime) -> None:
    asker, knows, other, admin = staff("supervisor"), staff("supervisor"), staff("supervisor"), staff("administrator")
    case = opened(now)
    know_person(case_id=case.pk, by=acting(knows), now=now)
    words: dict[str, Any] = {"groups": ["contact"], "reason": "her life is in danger", "now": now}
    ask_vital_interest(case_id=case.pk, partner_id=partner("AZ").pk, by=acting(asker), **words)
    told = OutboxMessage.objects.get(kind="vital_interest_asked")
    assert (told.user, told.lane) == (other, OutboxMessage.Lane.URGENT)
    User.objects.filter(pk=other.pk).update(is_active=False)
    ask_vital_interest(case_id=case.pk, partner_id=partner("AZ").pk, by=acting(asker), **words)
    missing = OutboxMessage.objects.get(kind="supervisor_missing")
    assert (missing.user, missing.case, missing.params["what"]) == (admin, None, "vital_interest")


def test_vital_interest_says_so_too(now: datetime) -> None:
    only = staff("supervisor", language="en")
    case = opened(now)
    words: dict[str, Any] = {"groups": ["contact"], "reason": "her life is in danger", "by": acting(only), "now": now}
    row = ask_vital_interest(case_id=case.pk, partner_id=partner("AZ").pk, **words)
    assert NOBODY in page(only, case)
    with pytest.raises(NotAllowed):
        approve_vital_interest(vital_id=row.pk, is_safe_to_tell=True, tell_on=None, by=acting(only), now=now)


def test_a_change_of_an_agreement_says_which_side_lacks_somebody(now: datetime) -> None:
    owner, one = partner("AZ"), staff("partner_coordinator")
    staff("partner_coordinator", "RU")
    acts.propose_amendment(agreement_id=agreement_of(owner).pk, terms=terms(), seen=1, by=acting(one), now=now)
    assert lacking(one, now) == ["AZ"]
    another = staff("supervisor")
    assert lacking(one, now) == []
    User.objects.filter(pk=another.pk).update(is_active=False)
    assert lacking(one, now) == ["AZ"]


def test_a_memorandum_lacks_the_side_that_has_nobody(now: datetime) -> None:
    one = staff("partner_coordinator", language="en")
    acts.propose_agreement(
        kind="memorandum", partner_id=None, under_memorandum=False, terms=terms(), by=acting(one), now=now
    )
    assert lacking(one, now) == ["RU"]
    assert b"nobody is left who could approve" in signed_in(one).get("/console/approvals/").content
    staff("supervisor", "RU")
    assert lacking(one, now) == []


def test_a_transfer_does_not_count_who_has_stepped_back_from_the_case(now: datetime) -> None:
    one = staff("supervisor")
    staff("supervisor", "RU")
    knows = staff("supervisor")
    case = opened(now)
    know_person(case_id=case.pk, by=acting(one), now=now)
    ask_transfer(case_id=case.pk, reason_code="person_moved", reason="she went", by=acting(staff()), now=now)
    assert lacking(knows, now) == []
    know_person(case_id=case.pk, by=acting(knows), now=now)
    there = User.objects.get(side="RU", roles=["supervisor"])
    assert lacking(there, now) == ["AZ"]


def test_the_doctor_names_the_side_and_the_command(now: datetime) -> None:
    only = staff("supervisor")
    findings = list(second_people_are_there(now))
    assert not any(one.grave for one in findings)
    assert "Side AZ has one supervisor" in findings[0].what and "manage.py appoint" in findings[0].remedy
    assert "who may approve agreements" in findings[1].what
    proposed(now, only)
    [grave] = [one for one in second_people_are_there(now) if one.grave]
    assert "1 closings of side AZ" in grave.what and "manage.py appoint" in grave.remedy
    staff("supervisor")
    assert not list(second_people_are_there(now))
