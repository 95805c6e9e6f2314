"""What follows in the case when a person writes, answers anew, complains, or changes what may be passed on."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from cases.actions.record import verify_chain
from cases.actions.take_up import take_up_report_events
from cases.models import Case, DutyAlert, OutboxMessage, PartnerChange, Referral, TimelineEvent
from intake.actions.change_consent import answer_about_organisation, change_consent
from intake.actions.complain import complain
from intake.actions.correct_report import correct_report
from intake.actions.entry import ConsentEntry
from intake.actions.erase_report import erase_report
from intake.actions.messages import post_message
from intake.models import ConsentRequest
from tests.cases.arrange import NOT_SHARED, in_state, on_duty, opened, partner, referral, staff

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]
HOUR = timedelta(hours=1)
ALL = frozenset({"identity", "story"})


def taken_up(case: Case, now: datetime) -> Case:
    take_up_report_events(report_id=case.report_id, now=now)
    case.refresh_from_db()
    assert verify_chain(case.pk)
    return case


def told(kind: str) -> list[OutboxMessage]:
    return list(OutboxMessage.objects.filter(kind=kind).order_by("next_attempt_at"))


def write(case: Case, now: datetime, text: str = "Canary") -> None:
    post_message(report_id=case.report_id, text=text, submission_key="", now=now)
    taken_up(case, now)


def answers(case: Case, now: datetime, **given: Any) -> Case:
    correct_report(report_id=case.report_id, part="answers", content=given, submission_key="", now=now)
    return taken_up(case, now)


def consent(case: Case, now: datetime, **changes: Any) -> Case:
    values: dict[str, Any] = {"share": "any", "cross_border": "yes", "groups": ALL, "text_version": 1, "how": "mailbox"}
    change_consent(report_id=case.report_id, consent=ConsentEntry(**(values | changes)), now=now)
    return taken_up(case, now)


# --- messages


def test_the_responsible_caseworker_hears_of_it_once_an_hour(now: datetime) -> None:
    case, mine = opened(now), staff()
    staff("supervisor")
    Case.objects.filter(pk=case.pk).update(responsible=mine)
    for minutes in (0, 1, 30, 59):
        write(case, now + timedelta(minutes=minutes))
    assert [(row.user_id, row.next_attempt_at) for row in told("reporter_wrote")] == [
        (mine.pk, now),
        (mine.pk, now + HOUR),
    ]
    write(case, now + 5 * HOUR)
    assert len(told("reporter_wrote")) == 3
    assert "Canary" not in str(list(OutboxMessage.objects.values()) + list(TimelineEvent.objects.values()))


def test_and_of_what_the_person_says_anew(now: datetime) -> None:
    case, mine = opened(now), staff()
    Case.objects.filter(pk=case.pk).update(responsible=mine)
    correct_report(report_id=case.report_id, part="story", content="Canary anew", submission_key="", now=now)
    taken_up(case, now)
    assert [row.user_id for row in told("reporter_wrote")] == [mine.pk]


# --- answers


def test_answers_given_anew_raise_and_shorten_and_alarm(now: datetime) -> None:
    case, duty = opened(now), staff()
    on_duty(duty, now)
    before = (case.urgency, case.triage_due_at)
    case = answers(case, now + HOUR, held="yes")
    assert before[0] == 3 and case.urgency == case.computed_urgency == 1
    assert case.triage_due_at == case.due_at == now + 2 * HOUR < before[1]
    assert [row["code"] for row in case.urgency_reasons] == ["detained_now"]
    assert TimelineEvent.objects.get(code="urgency_raised").actor == "system"
    assert [row.user_id for row in told("urgent_case")] == [duty.pk] and DutyAlert.objects.count() == 1


def test_answers_never_lower(now: datetime) -> None:
    case = opened(now, answers={"held": "yes"})
    assert case.urgency == 1
    case = answers(case, now + HOUR, held="no")
    assert (case.urgency, case.computed_urgency) == (1, 1)
    assert not TimelineEvent.objects.filter(code="urgency_raised").exists()


def test_what_a_supervisor_lowered_stays_unless_something_new_is_said(now: datetime) -> None:
    case = opened(now, answers={"held": "yes"})
    Case.objects.filter(pk=case.pk).update(urgency=3, triaged_at=now)
    case.refresh_from_db()
    assert answers(case, now + HOUR, held="yes", held_since="2026-11-20").urgency == 3
    assert answers(case, now + 2 * HOUR, harm="yes", harm_now="yes").urgency < 3


DEBT: dict[str, Any] = {"forced": "yes", "forced_what": ["debt"]}  # one sign of forced labour: U2


def test_what_is_new_and_less_urgent_lowers_neither_what_was_computed_nor_what_holds(now: datetime) -> None:
    case = opened(now, answers={"held": "yes"})
    assert (case.urgency, case.computed_urgency) == (1, 1)
    case = answers(case, now + HOUR, held="no", **DEBT)
    assert (case.urgency, case.computed_urgency) == (1, 1)
    assert [row["code"] for row in case.urgency_reasons] == ["detained_now", "trafficking"]
    assert not TimelineEvent.objects.filter(code="urgency_raised").exists()


def test_what_a_caseworker_holds_more_urgent_than_the_rules_is_not_lowered_by_a_new_one(now: datetime) -> None:
    case = opened(now)
    Case.objects.filter(pk=case.pk).update(urgency=1)
    case = answers(case, now + HOUR, **DEBT)
    assert (case.urgency, case.computed_urgency) == (1, 2)


def test_an_ended_case_is_not_raised_but_asks_to_be_read(now: datetime) -> None:
    case = in_state(opened(now), "closed")
    case = answers(case, now + HOUR, held="yes")
    assert (case.urgency, case.state, case.wrote_again_at) == (3, "closed", now + HOUR)
    assert not TimelineEvent.objects.filter(code="urgency_raised").exists() and told("urgent_case") == []


@pytest.mark.parametrize("state", ["offered", "accepted"])
def test_a_clock_that_ends_sooner_is_not_made_longer(state: str, now: datetime) -> None:
    case, soon = opened(now), now + HOUR + timedelta(minutes=5)
    clock = {"offered": "answer_due_at", "accepted": "contact_due_at"}[state]
    row = referral(case, partner(), now, state, **{clock: soon})
    Case.objects.filter(pk=case.pk).update(triage_due_at=soon)
    case = answers(case, now + HOUR, held="yes")
    row.refresh_from_db()
    assert case.urgency == 1 and getattr(row, clock) == soon == case.triage_due_at == case.due_at


def test_clocks_of_partners_are_shortened_too(now: datetime) -> None:
    case = opened(now)
    row = referral(case, partner(), now)
    answers(case, now + HOUR, held="yes")
    row.refresh_from_db()
    assert (row.urgency, row.answer_due_at) == (1, now + 3 * HOUR)
    assert [change.kind for change in PartnerChange.objects.all()] == ["referral.urgency_raised"]


def test_answers_of_a_report_erased_meanwhile_are_no_trouble(now: datetime) -> None:
    case = opened(now)
    correct_report(report_id=case.report_id, part="answers", content={"held": "yes"}, submission_key="", now=now)
    erase_report(report_id=case.report_id, because="reporter", now=now)
    assert taken_up(case, now).state == "withdrawn"


# --- complaints


@pytest.mark.parametrize("is_about_us", [True, False])
def test_a_complaint_goes_to_supervisors_alone(is_about_us: bool, now: datetime) -> None:
    case, owner = opened(now), partner()
    mine, other = staff("supervisor"), staff("supervisor")
    staff("caseworker"), staff("supervisor", side="RU")
    Case.objects.filter(pk=case.pk).update(responsible=mine)
    referral(case, owner, now, "accepted")
    from intake.actions.publish_status import publish_status

    publish_status(report_id=case.report_id, code="accepted", organisation_id=owner.body_id, now=now)
    about = None if is_about_us else owner.body_id
    complain(report_id=case.report_id, about=about, text="Canary", submission_key="", now=now)
    taken_up(case, now)
    assert {row.user_id for row in told("complaint")} == ({other.pk} if is_about_us else {mine.pk, other.pk})
    assert not OutboxMessage.objects.exclude(audience="staff").exists()
    assert "Canary" not in str(list(OutboxMessage.objects.values()))


# --- consent


def test_a_group_taken_back_is_told_to_the_partner_that_keeps_the_case(now: datetime) -> None:
    case = opened(now)
    row = referral(case, partner(), now, "accepted")
    for minutes, groups in ((1, {"story"}), (2, {"story", "family"})):
        consent(case, now + timedelta(minutes=minutes), groups=frozenset(groups))
    assert [change.kind for change in PartnerChange.objects.all()] == ["referral.consent_changed"] * 2
    assert len(told("consent_changed")) == 2
    row.refresh_from_db()
    assert row.state == "accepted"


def test_ask_me_first_asks_about_the_partner_that_has_it(now: datetime) -> None:
    case, owner = opened(now), partner()
    row = referral(case, owner, now, "accepted")
    case = consent(case, now + HOUR, share="ask_first")
    assert case.state == "waiting_for_reporter" and ConsentRequest.objects.get().body_id == owner.body_id
    due = row.contact_due_at
    case = consent(case, now + 3 * HOUR, share="any")
    row.refresh_from_db()
    assert case.state == "accepted" and ConsentRequest.objects.get().closed_at is not None
    assert due is not None and row.contact_due_at == due + 2 * HOUR, "the clock stood still meanwhile"


def test_a_no_to_one_partner_takes_the_case_from_it_alone(now: datetime) -> None:
    case, owner = opened(now), partner()
    row, other = referral(case, owner, now, "accepted"), referral(case, partner(), now)
    from intake.actions.publish_status import publish_status

    publish_status(report_id=case.report_id, code="accepted", organisation_id=owner.body_id, now=now)
    answer_about_organisation(report_id=case.report_id, body_id=owner.body_id, answer="no", now=now + HOUR)
    taken_up(case, now + HOUR)
    row.refresh_from_db(), other.refresh_from_db()
    assert (row.state, other.state) == ("withdrawn", "offered")
    assert len(told("consent_withdrawn")) == 1


def test_who_allows_it_after_a_no_is_heard_by_our_people(now: datetime) -> None:
    case, mine = opened(now, consent=NOT_SHARED), staff()
    Case.objects.filter(pk=case.pk).update(responsible=mine)
    case = consent(case, now + HOUR)
    assert case.share == "any" and [row.user_id for row in told("reporter_wrote")] == [mine.pk]


def test_partners_of_an_ended_referral_hear_nothing(now: datetime) -> None:
    case = opened(now)
    referral(case, partner(), now, "returned")
    consent(case, now + HOUR, groups=frozenset())
    assert not told("consent_changed") and not PartnerChange.objects.exists()
    assert Referral.objects.get().state == "returned" and isinstance(case.pk, UUID)
