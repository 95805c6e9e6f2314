"""A report is erased or taken back: whatever its case was, nobody keeps it and each partner that had it must erase."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from cases.actions.add_note import add_note_step
from cases.actions.confirm_erasure import confirm_erasure, remind_of_erasures
from cases.actions.keep_dates import enter_date
from cases.actions.pause_clocks import wait_for_reporter
from cases.actions.record import Actor, verify_chain
from cases.actions.take_up import take_up_report_events
from cases.errors import MoveNotAllowed, NotFound
from cases.models import Case, CaseDate, ClockPause, Note, OutboxMessage, PartnerChange, Referral, TimelineEvent
from cases.queries.case_file import case_file
from cases.queries.erasures import unconfirmed_erasures
from cases.workflow import CaseState
from intake.actions.change_consent import stop_sharing
from intake.actions.erase_report import erase_report
from intake.actions.withdraw_report import withdraw_report
from intake.errors import InvalidInput
from intake.models import ConsentRequest, PartnerErasure, ReportKey
from tests.cases.arrange import (
    OPTED_IN,
    acting,
    in_state,
    intake_act,
    opened,
    partner,
    referral,
    staff,
    submitted,
    webhook,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]
DAY = timedelta(days=1)


def erased(case: Case, now: datetime, because: str = "reporter") -> Case:
    erase_report(report_id=case.report_id, because=because, now=now)
    take_up_report_events(report_id=case.report_id, now=now)
    case.refresh_from_db()
    assert verify_chain(case.pk)
    return case


def codes(case: Case) -> list[str]:
    return list(TimelineEvent.objects.filter(case=case).order_by("sequence").values_list("code", flat=True))


@pytest.mark.parametrize("state", CaseState.values)
def test_a_case_in_any_state_copes(state: str, now: datetime) -> None:
    case = in_state(opened(now), state, routing_wanted_at=now, wait_due_at=now + DAY, wait_kind="review")
    case = erased(case, now)
    ended = {"closed", "out_of_scope"}
    assert case.state == (state if state in ended else "withdrawn")
    assert (case.routing_wanted_at, case.due_at, case.wait_due_at, case.wait_kind) == (None, None, None, "")
    assert "report_erased" in codes(case)
    file = case_file(case, now=now)
    assert file.said is None and file.notes == [] and file.summary == ""


def test_a_report_that_nobody_took_up_is_counted_and_never_routed(now: datetime) -> None:
    report_id = submitted(now, category="DET", answers={"held": "yes"})
    erase_report(report_id=report_id, because="reporter", now=now)
    assert take_up_report_events(report_id=report_id, now=now) == 2
    case = Case.objects.get(report_id=report_id)
    assert case.state == "withdrawn" and not OutboxMessage.objects.exists()


def test_notes_and_summary_are_silenced_with_the_key(now: datetime) -> None:
    case = opened(now)
    note = add_note_step(case=case, text="Canary-note", author=staff(), now=now)
    key_before = ReportKey.of(case.report_id)
    assert note.unseal(key_before, "text") == "Canary-note"
    erased(case, now)
    assert not ReportKey.objects.exists()
    assert Note.objects.get().unseal(key_before, "text") is None, "a key that somebody copied opens nothing either"


def test_a_case_that_waited_for_the_person_waits_no_longer(now: datetime) -> None:
    case, by = opened(now), acting(staff())
    ConsentRequest.objects.create(report_id=case.report_id, body=partner("AZ").body, asked_at=now)
    wait_for_reporter(case_id=case.pk, reason="person_decides", look_again_on=date(2026, 12, 1), by=by, now=now)
    erased(case, now + DAY)
    assert ClockPause.objects.get().until_at == ConsentRequest.objects.get().closed_at == now + DAY


def test_after_a_withdrawal_no_date_comes_near_and_no_question_waits(now: datetime) -> None:
    """As rows they stay, until the person writes again or everything is deleted."""
    case, owner = opened(now), partner("AZ")
    enter_date(case_id=case.pk, kind="appeal", on=date(2026, 12, 20), by=acting(staff()), now=now)
    ConsentRequest.objects.create(report_id=case.report_id, body=owner.body, asked_at=now)
    withdraw_report(report_id=case.report_id, now=now + DAY)
    take_up_report_events(report_id=case.report_id, now=now + DAY)
    row = CaseDate.objects.get()
    assert (row.withdrawn_at, row.next_at) == (now + DAY, None)
    assert Case.objects.get().dates == [] and ConsentRequest.objects.get().closed_at == now + DAY


@pytest.mark.parametrize("state", ["accepted", "contacted", "in_service"])
def test_a_partner_that_has_the_case_is_told_and_asked(state: str, now: datetime) -> None:
    case, owner = opened(now), partner()
    row = referral(case, owner, now, state)
    erased(case, now)
    row.refresh_from_db()
    assert (row.state, row.withdrawal_reason) == ("withdrawn", "erased")
    asked = PartnerErasure.objects.get()
    assert (asked.referral_ref, asked.body_id, asked.recorded_at) == (row.pk, owner.body_id, None)
    assert PartnerChange.objects.get().is_tombstone
    assert OutboxMessage.objects.get().kind == "consent_withdrawn"


@pytest.mark.parametrize("state", ["completed", "returned", "transferred"])
def test_a_partner_that_once_had_it_is_told_too(state: str, now: datetime) -> None:
    case, owner = opened(now), partner()
    webhook(owner, now)
    row = referral(case, owner, now - DAY, state, ended_at=now - DAY)
    Case.objects.update(state="closed", outcome="advice_given", closed_at=now)
    erased(case, now)
    row.refresh_from_db()
    assert row.state == state and PartnerErasure.objects.get().referral_ref == row.pk
    change = PartnerChange.objects.get()
    assert (change.kind, change.is_tombstone) == ("referral.erasure_requested", True)
    assert {m.kind for m in OutboxMessage.objects.all()} == {"erasure_requested"} and OutboxMessage.objects.count() == 2


@pytest.mark.parametrize("state", ["offered", "declined", "expired"])
def test_who_never_had_it_is_asked_nothing(state: str, now: datetime) -> None:
    case, owner = opened(now), partner()
    answered = {"answered_at": now if state == "declined" else None}
    referral(case, owner, now, state, **answered)
    erased(case, now)
    assert not PartnerErasure.objects.exists()


def test_taking_the_report_back_and_stopping_ask_as_well_and_only_once(now: datetime) -> None:
    case, owner = opened(now), partner()
    referral(case, owner, now, "accepted")
    stop_sharing(report_id=case.report_id, now=now)
    take_up_report_events(report_id=case.report_id, now=now)
    assert PartnerErasure.objects.count() == 1
    intake_act(case, "withdrawn", now)
    take_up_report_events(report_id=case.report_id, now=now)
    erased(case, now)
    assert PartnerErasure.objects.count() == 1 and OutboxMessage.objects.count() == 1


def test_retention_is_not_put_in_the_persons_mouth(now: datetime) -> None:
    case = erased(opened(now), now, because="retention")
    assert TimelineEvent.objects.get(case=case, code="report_erased").actor == "system"
    other = erased(opened(now), now)
    assert TimelineEvent.objects.get(case=other, code="report_erased").actor == "reporter"


def test_that_we_wrote_to_the_person_stays_and_nothing_more_is_sent(now: datetime) -> None:
    from cases.actions import notify
    from workers.permit import Drop, permits

    case = opened(now, contact=OPTED_IN)
    notify.write_outbox(notify.message_waiting(case, now))
    erased(case, now)
    message = OutboxMessage.objects.select_related("case", "contact").get(audience="reporter")
    assert message.contact is None
    verdict = permits([message], now)[message.pk]
    assert isinstance(verdict, Drop) and not verdict.is_failure


# --- the partner confirms ---------------------------------------------------------------------------------------------


@pytest.fixture
def asked(now: datetime) -> tuple[Case, Referral]:
    case, owner = opened(now - DAY), partner()
    row = referral(case, owner, now - DAY, "accepted")
    return erased(case, now), row


def confirm(row: Referral, at: datetime, **values: Any) -> Any:
    given = {"referral_id": row.pk, "partner_id": row.partner_id, "confirmed_at": at, "now": at}
    return confirm_erasure(**(given | values), by=Actor("partner", row.partner_id))


def test_confirming_is_recorded_once(asked: tuple[Case, Referral], now: datetime) -> None:
    case, row = asked
    assert [line.referral_id for line in unconfirmed_erasures(side=case.side)] == [row.pk]
    confirm(row, now + DAY)
    confirm(row, now + 2 * DAY)
    stored = PartnerErasure.objects.get()
    assert (stored.confirmed_at, stored.recorded_at) == (now + DAY, now + DAY)
    assert codes(case).count("erasure_confirmed") == 1 and verify_chain(case.pk)
    assert unconfirmed_erasures(report_id=case.report_id) == []
    assert PartnerChange.objects.count() == 1, "the feed is not touched"


def test_a_note_is_kept_while_the_key_lives_and_dropped_after(asked: tuple[Case, Referral], now: datetime) -> None:
    _, row = asked
    assert confirm(row, now, note="Canary-note")[1] is False
    row.refresh_from_db()
    assert row.note is None
    case, owner = opened(now - DAY), partner()
    other = referral(case, owner, now - DAY, "accepted")
    stop_sharing(report_id=case.report_id, now=now)
    take_up_report_events(report_id=case.report_id, now=now)
    assert confirm(other, now, note="Canary-note")[1] is True
    other.refresh_from_db()
    assert other.unseal(ReportKey.of(case.report_id), "note") == "Canary-note"


def test_a_time_to_come_or_before_the_offer_is_refused(asked: tuple[Case, Referral], now: datetime) -> None:
    _, row = asked
    for at in (now + DAY, now - 2 * DAY):
        with pytest.raises(InvalidInput):
            confirm(row, at, now=now)
    assert unconfirmed_erasures(side="AZ")


def test_who_was_not_asked_has_nothing_to_confirm(now: datetime) -> None:
    case, owner = opened(now), partner()
    row = referral(case, owner, now, "accepted")
    with pytest.raises(MoveNotAllowed):
        confirm(row, now)
    with pytest.raises(NotFound):
        confirm(row, now, partner_id=partner().pk)


def test_the_other_side_sees_none_of_it(asked: tuple[Case, Referral]) -> None:
    assert asked[0].side == "AZ" and unconfirmed_erasures(side="RU") == []


# --- reminders --------------------------------------------------------------------------------------------------------


def test_the_partner_is_reminded_after_three_and_after_ten_days(asked: tuple[Case, Referral], now: datetime) -> None:
    sent = [remind_of_erasures(now=now + days * DAY) for days in (0, 2, 3, 3, 9, 10, 10, 30)]
    assert sent == [0, 0, 1, 0, 0, 1, 0, 0]
    reminders = OutboxMessage.objects.filter(kind="erasure_reminder")
    assert reminders.count() == 2 and {message.channel for message in reminders} == {"email"}


def test_a_partner_that_confirmed_is_left_in_peace(asked: tuple[Case, Referral], now: datetime) -> None:
    confirm(asked[1], now)
    assert remind_of_erasures(now=now + 20 * DAY) == 0


def test_after_a_long_pause_one_reminder_is_enough(asked: tuple[Case, Referral], now: datetime) -> None:
    assert [remind_of_erasures(now=now + 20 * DAY) for _ in range(3)] == [1, 0, 0]


def test_who_was_refused_before_it_saw_anything_is_asked_nothing(now: datetime) -> None:
    case, owner = opened(now), partner()
    referral(case, owner, now, "withdrawn", answered_at=now, withdrawal_reason="consent_withdrawn", ended_at=now)
    other = referral(
        case, partner(), now, "withdrawn", answered_at=now, withdrawal_reason="agreement_ended", ended_at=now
    )
    erased(case, now)
    assert PartnerErasure.objects.get().referral_ref == other.pk
