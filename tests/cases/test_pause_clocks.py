"""A case that waits for the reporter: its clocks stand still for exactly that long, and it goes back where it was."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from cases.actions.answer_referral import accept_referral
from cases.actions.case_row import locked_case, set_due
from cases.actions.pause_clocks import go_on, look_again_later, wait_for_reporter
from cases.actions.record import Actor
from cases.actions.referral_row import set_partner_clocks
from cases.actions.take_up import take_up_report_events
from cases.actions.triage import confirm_triage
from cases.actions.urgency_raised import _look_earlier
from cases.actions.watch_clocks import watch_clocks
from cases.errors import MoveNotAllowed, NotAllowed, NotFound
from cases.models import Case, ClockPause, OutboxMessage, PartnerChange, Recusal
from cases.queries.queue import Filters, queue
from cases.queries.rules import rule_book
from intake.actions.change_consent import answer_consent_request
from intake.actions.entry import ConsentEntry
from intake.actions.messages import post_message
from intake.errors import InvalidInput
from intake.models import ConsentRequest
from tests.cases.arrange import acting, in_state, intake_act, opened, partner, referral, staff

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]
HOUR = timedelta(hours=1)
DAY = date(2026, 12, 1)


def paused(now: datetime, **changes: Any) -> tuple[Case, Any]:
    case, by = opened(now, **changes), acting(staff())
    wait_for_reporter(case_id=case.pk, reason="information_asked", look_again_on=DAY, by=by, now=now + HOUR)
    case.refresh_from_db()
    return case, by


def test_while_it_waits_only_the_day_to_look_again_is_due(now: datetime) -> None:
    case, _by = paused(now)
    assert (case.state, case.due_kind) == ("waiting_for_reporter", "waiting")
    assert case.due_at == datetime.fromisoformat("2026-12-01T00:00+04:00")
    assert case.timeline.last().code == "clocks_paused"


def test_the_triage_clock_goes_on_where_it_stood(now: datetime) -> None:
    case, by = paused(now, category="POL")
    before = case.triage_due_at
    go_on(case_id=case.pk, by=by, now=now + 3 * HOUR)
    case.refresh_from_db()
    assert (case.state, case.triage_due_at, case.due_kind) == ("triage", before + 2 * HOUR, "triage")
    assert case.due_at == case.triage_due_at


def test_no_pause_makes_good_what_was_missed_before(now: datetime) -> None:
    case, by = opened(now, category="POL"), acting(staff())
    before, late = case.triage_due_at, case.triage_due_at + HOUR
    wait_for_reporter(case_id=case.pk, reason="person_decides", look_again_on=DAY, by=by, now=late)
    go_on(case_id=case.pk, by=by, now=late + HOUR)
    assert Case.objects.get(pk=case.pk).triage_due_at == before


def test_the_contact_clock_of_the_partner_goes_on_too(now: datetime) -> None:
    case, by = opened(now), acting(staff())
    row = referral(case, partner(), now, state="accepted")
    wait_for_reporter(case_id=case.pk, reason="documents_asked", look_again_on=DAY, by=by, now=now)
    assert watch_clocks(now=now + 40 * HOUR) == 0, "it stands still"
    go_on(case_id=case.pk, by=by, now=now + 24 * HOUR)
    case.refresh_from_db(), row.refresh_from_db()
    assert (case.state, row.contact_due_at >= now + 48 * HOUR) == ("accepted", True)
    assert PartnerChange.objects.filter(kind="referral.deadlines_changed").count() == 1


def test_a_message_of_the_person_ends_the_pause(now: datetime) -> None:
    case, _by = paused(now)
    post_message(report_id=case.report_id, text="here", submission_key="", now=now + 2 * HOUR)
    take_up_report_events(report_id=case.report_id, now=now + 2 * HOUR)
    case.refresh_from_db()
    assert case.state == "triage"
    event = case.timeline.get(code="clocks_resumed")
    assert (event.actor, event.details["because"]) == ("system", "reporter")


@pytest.mark.parametrize("kind", ["corrected", "file"])
def test_so_does_a_file_or_what_they_say_anew(kind: str, now: datetime) -> None:
    case, _by = paused(now)
    intake_act(case, kind, now + 2 * HOUR)
    take_up_report_events(report_id=case.report_id, now=now + 2 * HOUR)
    case.refresh_from_db()
    assert case.state == "triage" and not ClockPause.objects.filter(until_at__isnull=True).exists()
    assert "clocks_resumed" in case.timeline.values_list("code", flat=True)


def test_it_goes_on_by_itself_on_the_day_and_staff_are_told(now: datetime) -> None:
    case, _by = paused(now)
    due = case.due_at
    assert due is not None
    assert watch_clocks(now=due - timedelta(seconds=1)) == 0
    assert watch_clocks(now=due) == 1
    case.refresh_from_db()
    assert case.state == "triage" and case.clocks_missed == 0
    assert OutboxMessage.objects.get(kind="clock_missed").params["clock"] == "waiting"


def test_what_nobody_could_take_is_looked_at_anew(now: datetime) -> None:
    case, by = opened(now), acting(staff())
    Case.objects.filter(pk=case.pk).update(state="unrouted", triaged_at=now)
    wait_for_reporter(case_id=case.pk, reason="information_asked", look_again_on=DAY, by=by, now=now)
    go_on(case_id=case.pk, by=by, now=now + HOUR)
    case.refresh_from_db()
    assert (case.state, case.routing_wanted_at) == ("routing", now + HOUR)


def test_a_question_for_consent_is_ended_by_its_answer_alone(now: datetime) -> None:
    case, by = opened(now), acting(staff())
    Case.objects.filter(pk=case.pk).update(state="waiting_for_reporter")
    ClockPause.objects.create(
        case=case, reason="consent_asked", from_at=now, state="offered", look_again_at=now + 24 * HOUR
    )
    with pytest.raises(MoveNotAllowed):
        go_on(case_id=case.pk, by=by, now=now)
    intake_act(case, "message", now)
    take_up_report_events(report_id=case.report_id, now=now)
    assert Case.objects.get(pk=case.pk).state == "waiting_for_reporter"


def test_a_case_that_left_by_another_way_has_its_clocks_back_at_the_next_sweep(now: datetime) -> None:
    case, _by = paused(now, category="POL")
    Case.objects.filter(pk=case.pk).update(state="triage", wait_due_at=None, wait_kind="")
    before = case.triage_due_at
    watch_clocks(now=before + HOUR)
    case.refresh_from_db()
    assert case.triage_due_at > before and not case.triage_missed
    assert ClockPause.objects.get().until_at == before + HOUR


@pytest.mark.parametrize("state", ["routing", "offered", "waiting_for_reporter", "closed"])
def test_from_another_state_nothing_waits(state: str, now: datetime) -> None:
    case = opened(now)
    in_state(case, state)
    with pytest.raises(MoveNotAllowed):
        wait_for_reporter(case_id=case.pk, reason="information_asked", look_again_on=DAY, by=acting(staff()), now=now)
    assert not ClockPause.objects.exists()


@pytest.mark.parametrize("changes", [{"reason": "consent_asked"}, {"look_again_on": date(2026, 11, 24)}])
def test_an_impossible_reason_or_day_is_refused(changes: dict[str, Any], now: datetime) -> None:
    given: dict[str, Any] = {"reason": "information_asked", "look_again_on": DAY} | changes
    with pytest.raises(InvalidInput):
        wait_for_reporter(case_id=opened(now).pk, by=acting(staff()), now=now, **given)


def test_the_last_day_that_the_limit_allows_is_a_day_and_the_next_is_not(now: datetime) -> None:
    most = rule_book().limit("wait_days")
    assert most is not None
    last = date(2026, 11, 24) + timedelta(days=most)
    case, by = paused(now)
    with pytest.raises(InvalidInput):
        look_again_later(case_id=case.pk, look_again_on=last + timedelta(days=1), by=by, now=now + HOUR)
    assert look_again_later(case_id=case.pk, look_again_on=last, by=by, now=now + HOUR)


def test_today_is_the_day_at_the_office_and_not_that_of_utc(now: datetime) -> None:
    case, by, night = opened(now), acting(staff()), datetime(2026, 11, 24, 21, 0, tzinfo=UTC)  # 01:00 in Baku
    given: dict[str, Any] = {"case_id": case.pk, "by": by, "now": night}
    with pytest.raises(InvalidInput):
        wait_for_reporter(reason="person_decides", look_again_on=date(2026, 11, 25), **given)
    wait_for_reporter(reason="person_decides", look_again_on=date(2026, 11, 26), **given)
    with pytest.raises(InvalidInput):
        look_again_later(look_again_on=date(2026, 11, 25), **given)


def test_a_clock_of_our_own_people_goes_on_too_and_what_was_told_is_not_told_again(now: datetime) -> None:
    case, by = in_state(opened(now, category="DET"), "in_progress", triaged_at=now), acting(staff())
    Case.objects.filter(pk=case.pk).update(wait_due_at=now + 5 * HOUR, wait_kind="review", wait_told=1)
    wait_for_reporter(case_id=case.pk, reason="person_decides", look_again_on=DAY, by=by, now=now + HOUR)
    go_on(case_id=case.pk, by=by, now=now + 11 * HOUR)
    case.refresh_from_db()
    assert (case.state, case.wait_due_at, case.wait_kind) == ("in_progress", now + 15 * HOUR, "review")
    assert (case.due_at, case.wait_told) == (case.wait_due_at, 1)


def test_who_knows_the_person_or_is_of_the_other_side_cannot(now: datetime) -> None:
    case, user = opened(now), staff()
    Recusal.objects.create(case=case, user=user, at=now)
    for person, error in ((user, NotFound), (staff(side="RU"), NotFound), (staff("auditor"), NotAllowed)):
        with pytest.raises(error):
            wait_for_reporter(
                case_id=case.pk, reason="information_asked", look_again_on=DAY, by=acting(person), now=now
            )


# --- the person is asked for consent: only they can end it, but somebody looks ----------------------------------------
def asked(now: datetime, **changes: Any) -> Case:
    """A partner has accepted a case whose person wants to be asked first."""
    case = opened(now, consent=ConsentEntry(share="ask_first", text_version=1), **changes)
    row = referral(case, partner(case.side), now)
    Case.objects.update(triaged_at=now)
    accept_referral(referral_id=row.pk, partner_id=row.partner_id, by=Actor("partner", row.partner_id), now=now)
    case.refresh_from_db()
    return case


@pytest.mark.parametrize(("category", "hours"), [("DET", 24), ("POL", 48), ("WRK", 168)])
def test_a_question_for_consent_has_a_moment_to_look_again_by_urgency(category: str, hours: int, now: datetime) -> None:
    case = asked(now, category=category)
    assert (case.state, case.due_kind, case.due_at) == ("waiting_for_reporter", "waiting", now + hours * HOUR)
    assert ClockPause.objects.get().look_again_at == case.due_at


def test_then_staff_are_told_once_and_it_stays_overdue_until_somebody_has_looked(now: datetime) -> None:
    user, case = staff(), asked(now)
    due = case.due_at
    assert due is not None and watch_clocks(now=due - timedelta(seconds=1)) == 0
    assert [watch_clocks(now=due + n * HOUR) for n in range(3)] == [1, 0, 0]
    case.refresh_from_db()
    assert (case.state, case.due_at, case.timeline.last().code) == ("waiting_for_reporter", due, "clock_missed")
    assert OutboxMessage.objects.get(kind="clock_missed").params["clock"] == "waiting"
    assert [row["id"] for row in queue(user, tab="overdue", filters=Filters(), after="", now=due + HOUR).rows] == [
        case.pk
    ]
    look_again_later(case_id=case.pk, look_again_on=DAY + timedelta(days=5), by=acting(user), now=due + HOUR)
    assert queue(user, tab="overdue", filters=Filters(), after="", now=due + HOUR).rows == []
    case.refresh_from_db()
    assert case.due_at is not None and watch_clocks(now=case.due_at) == 1


def test_the_persons_answer_ends_it_and_the_partners_clock_runs(now: datetime) -> None:
    case = asked(now)
    answer_consent_request(request_id=ConsentRequest.objects.get().pk, report_id=case.report_id, answer="yes", now=now)
    take_up_report_events(report_id=case.report_id, now=now)
    case.refresh_from_db()
    assert (case.state, case.due_kind, case.wait_kind) == ("accepted", "contact", "")
    assert ClockPause.objects.get().until_at == now


def test_a_more_urgent_case_is_looked_at_sooner(now: datetime) -> None:
    case = asked(now)
    with transaction.atomic():
        locked = locked_case(case.pk)
        locked.urgency = 1
        _look_earlier(locked, now)
        locked.save()
    assert ClockPause.objects.get().look_again_at == now + 24 * HOUR == Case.objects.get().wait_due_at


def test_whatever_else_is_reckoned_meanwhile_the_moment_stays(now: datetime) -> None:
    case = asked(now)
    due = case.wait_due_at
    set_partner_clocks(case)
    set_due(case)
    assert (case.wait_due_at, case.wait_kind, case.due_at, case.due_kind) == (due, "waiting", due, "waiting")


def test_the_database_keeps_no_pause_without_its_day(now: datetime) -> None:
    case = opened(now)
    with pytest.raises(IntegrityError), transaction.atomic():
        ClockPause.objects.create(case=case, reason="consent_asked", from_at=now, state="offered")


@pytest.mark.parametrize("day", [date(2026, 11, 24), date(2027, 3, 1)])
def test_an_impossible_day_to_look_again_is_refused(day: date, now: datetime) -> None:
    case = asked(now)
    with pytest.raises(InvalidInput):
        look_again_later(case_id=case.pk, look_again_on=day, by=acting(staff()), now=now)


def test_what_does_not_wait_is_not_looked_at_again_later(now: datetime) -> None:
    case, user = opened(now), staff()
    with pytest.raises(MoveNotAllowed):
        look_again_later(case_id=case.pk, look_again_on=DAY, by=acting(user), now=now)
    waits = asked(now, category="DET")
    Recusal.objects.create(case=waits, user=user, at=now)
    for person, error in ((user, NotFound), (staff(side="RU"), NotFound), (staff("auditor"), NotAllowed)):
        with pytest.raises(error):
            look_again_later(case_id=waits.pk, look_again_on=DAY, by=acting(person), now=now)


def test_a_waiting_case_that_is_to_be_routed_is_routed_and_never_left_without_a_clock(now: datetime) -> None:
    case, by = paused(now)
    confirm_triage(
        case_id=case.pk, category="WRK", subcode="UNPAID", urgency=3, next_step="route", by=by, now=now + 2 * HOUR
    )
    case.refresh_from_db()
    assert (case.state, case.routing_wanted_at, case.wait_due_at) == ("routing", now + 2 * HOUR, None)
    assert ClockPause.objects.get().until_at == now + 2 * HOUR
    codes = list(case.timeline.order_by("sequence").values_list("code", flat=True))
    assert codes[-3:] == ["triage_confirmed", "clocks_resumed", "routing_requested"]


def test_while_a_partner_has_it_confirming_leaves_the_pause(now: datetime) -> None:
    case, by = opened(now), acting(staff())
    referral(case, partner(), now, state="accepted")
    wait_for_reporter(case_id=case.pk, reason="documents_asked", look_again_on=DAY, by=by, now=now)
    confirm_triage(case_id=case.pk, category="WRK", subcode="UNPAID", urgency=3, next_step="route", by=by, now=now)
    case.refresh_from_db()
    assert (case.state, case.due_kind) == ("waiting_for_reporter", "waiting")
