"""Clocks stand still while the case waits for the reporter (domain.md §2), and go on where they stood."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from cases.actions.authorise import authorise
from cases.actions.case_row import locked_case, move, running_clocks, set_due
from cases.actions.record import SYSTEM, Actor, Event, record_changes, record_events
from cases.actions.review import review_clock
from cases.deadlines import WorkingCalendar, after_pause
from cases.errors import MoveNotAllowed, NotFound
from cases.models import Case, ClockPause, Referral, User
from cases.queries.calendars import partner_calendar, side_calendar
from cases.queries.reach import knows_person
from cases.queries.rules import rule_book
from cases.workflow import CaseState, PauseReason, ReferralState
from intake.actions.publish_status import publish_status
from intake.errors import InvalidInput

STAFF_REASONS = tuple(reason for reason in PauseReason if reason != PauseReason.CONSENT_ASKED)
# Where a caseworker may wait from, and where the case goes back to. What nobody could take is looked at anew.
_BACK_TO = {
    CaseState.TRIAGE: CaseState.TRIAGE,
    CaseState.IN_PROGRESS: CaseState.IN_PROGRESS,
    CaseState.ACCEPTED: CaseState.ACCEPTED,
    CaseState.UNROUTED: CaseState.ROUTING,
}
MAY_WAIT = frozenset(_BACK_TO)


@transaction.atomic(durable=True)
def wait_for_reporter(*, case_id: UUID, reason: str, look_again_on: date, by: Actor, now: datetime) -> Case:
    """The case waits and its clocks stand still, until somebody goes on, the person writes, or that day has come.

    `look_again_on` is a day of the caseworker's own side, after today and at most as many days ahead as the limit
    `wait_days` says. Timeline:
    clocks_paused. Publishes the public status. Raises InvalidInput, NotFound, NotAllowed, MoveNotAllowed.
    """
    case, user = _locked(case_id, by)
    zone = side_calendar(case.side).zone
    _check(reason, look_again_on, now.astimezone(zone).date())
    if case.state not in _BACK_TO:
        raise MoveNotAllowed(state=str(case.state))
    look_again_at = _start_of(look_again_on, zone)
    event = pause_clocks_step(case, reason=reason, now=now, user=user, look_again_at=look_again_at)
    record_events(case, [event], by=by, now=now)
    case.save()
    publish_status(report_id=case.report_id, code=case.state, now=now)
    return case


@transaction.atomic(durable=True)
def look_again_later(*, case_id: UUID, look_again_on: date, by: Actor, now: datetime) -> Case:
    """Somebody has looked at a case that waits: it waits on, and is looked at again at the beginning of that day.

    The day as for `wait_for_reporter`. Timeline: reviewed. Raises InvalidInput, NotFound, NotAllowed, MoveNotAllowed.
    """
    case, _user = _locked(case_id, by)
    zone = side_calendar(case.side).zone
    if fields := _faults_of_day(look_again_on, now.astimezone(zone).date()):
        raise InvalidInput(fields=fields)
    pause = open_pause(case)
    if pause is None or case.state != CaseState.WAITING_FOR_REPORTER:
        raise MoveNotAllowed(state=str(case.state))
    pause.look_again_at = _start_of(look_again_on, zone)
    pause.save(update_fields=["look_again_at"])
    set_due(case, (pause.look_again_at, "waiting"))
    record_events(case, [Event("reviewed", {"due_at": case.due_at})], by=by, now=now)
    case.save()
    return case


@transaction.atomic(durable=True)
def go_on(*, case_id: UUID, by: Actor, now: datetime) -> Case:
    """Ends a caseworker's pause: the case goes back to where it came from and its clocks go on.

    While the person is asked for consent only their answer ends it. Timeline: clocks_resumed. Feed: the partner whose
    clock moved. Publishes the public status. Raises NotFound, NotAllowed, MoveNotAllowed.
    """
    case, _user = _locked(case_id, by)
    events = go_on_step(case, because="caseworker", now=now)
    if not events:
        raise MoveNotAllowed(state=str(case.state))
    record_events(case, events, by=by, now=now)
    case.save()
    return case


def go_on_step(case: Case, *, because: str, now: datetime) -> list[Event]:
    """As `go_on`, for whatever ended it; nothing where no caseworker's pause is open. Saves no case."""
    pause = open_pause(case)
    if pause is None or pause.reason == PauseReason.CONSENT_ASKED or case.state != CaseState.WAITING_FOR_REPORTER:
        return []
    event, wait = resume_clocks_step(case, now, because=because)
    moved = _move_referrals(case, pause, now)
    move(case, _BACK_TO[CaseState(pause.state)])
    case.wait_due_at, case.wait_kind, case.wait_told = None, "", 0
    if case.state == CaseState.ROUTING:
        case.routing_wanted_at, case.routing_attempts = now, 0
        wait = []
    set_due(case, *running_clocks(case), *wait)
    if wait:
        case.wait_told = pause.wait_told
    record_changes(moved, "referral.deadlines_changed", now=now)
    publish_status(report_id=case.report_id, code=case.state, expected_by=case.due_at, now=now)
    return [event] if event else []


def pause_clocks_step(
    case: Case,
    *,
    now: datetime,
    reason: str = PauseReason.CONSENT_ASKED,
    user: User | None = None,
    look_again_at: datetime | None = None,
) -> Event:
    """Moves the case to `waiting_for_reporter` and notes what stood where. The caller records the event and saves.

    Without `look_again_at` somebody looks again after the hours of its urgency's ReviewClock. A pause that somebody
    left open by moving the case another way ends here. Raises MoveNotAllowed.
    """
    resume_clocks_step(case, now)
    look_again_at = look_again_at or review_clock(case, now)[0]
    ClockPause.objects.create(
        case=case,
        reason=reason,
        from_at=now,
        look_again_at=look_again_at,
        state=case.state,
        wait_due_at=case.wait_due_at,
        wait_kind=case.wait_kind,
        wait_told=case.wait_told,
        by=user,
    )
    move(case, CaseState.WAITING_FOR_REPORTER)
    set_due(case, (look_again_at, "waiting"))
    return Event("clocks_paused", {"pause": reason})


def resume_clocks_step(
    case: Case, now: datetime, *, because: str = "moved"
) -> tuple[Event | None, Sequence[tuple[datetime, str]]]:
    """Ends the open pause, if there is one: triage's clock goes on, and the clock of our own people that stood still is
    returned for `set_due`. Partners' clocks are the caller's. Two statements, one without a pause. Saves no case."""
    pause = open_pause(case)
    if pause is None:
        return None, []
    pause.until_at = max(now, pause.from_at)
    pause.save(update_fields=["until_at"])
    calendar = side_calendar(case.side)
    if case.triaged_at is None and not case.triage_missed:
        case.triage_due_at = _moved(case.triage_due_at, pause, case.urgency, calendar)
    event = Event("clocks_resumed", {"pause": pause.reason, "because": because})
    if pause.wait_due_at is None:
        return event, []
    return event, [(_moved(pause.wait_due_at, pause, case.urgency, calendar), pause.wait_kind)]


def open_pause(case: Case) -> ClockPause | None:
    return ClockPause.objects.filter(case=case, until_at__isnull=True).first()


def after_word_step(case: Case, now: datetime) -> list[Event]:
    """The person wrote, sent a file or corrected something: what we waited for is here, or may be."""
    if case.state != CaseState.WAITING_FOR_REPORTER:
        return []
    return [Event(event.code, event.details, by=SYSTEM) for event in go_on_step(case, because="reporter", now=now)]


def _locked(case_id: UUID, by: Actor) -> tuple[Case, User]:
    case = locked_case(case_id)
    user = authorise(by, "pause_clocks", side=case.side)
    if knows_person(user.pk, case.pk):
        raise NotFound()
    return case, user


def _check(reason: str, look_again_on: date, today: date) -> None:
    fields = _faults_of_day(look_again_on, today)
    if reason not in STAFF_REASONS:
        fields["reason"] = [_("Please choose one of these.")]
    if fields:
        raise InvalidInput(fields=fields)


def _faults_of_day(day: date, today: date) -> dict[str, list[Any]]:
    most = rule_book().limit("wait_days")  # a pause that nobody ends is a case that nobody has
    if day <= today:
        return {"look_again_on": [_("Please give a day after today.")]}
    if most is not None and (day - today).days > most:
        return {"look_again_on": [_("Please give a date in the next %(days)s days.") % {"days": most}]}
    return {}


def _start_of(day: date, zone: ZoneInfo) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=zone)


def _moved(due: datetime, pause: ClockPause, urgency: int, calendar: WorkingCalendar) -> datetime:
    until = pause.until_at or pause.from_at
    return after_pause(due, pause.from_at, until, urgency=urgency, calendar=calendar)


def _move_referrals(case: Case, pause: ClockPause, now: datetime) -> list[Referral]:
    """A partner's clocks stood still too: it waited for the same answer."""
    pause.until_at = max(now, pause.from_at)
    rows = Referral.objects.filter(case=case, state__in=[ReferralState.OFFERED, ReferralState.ACCEPTED])
    referrals = list(rows.select_related("partner").defer("partner__phone").order_by("pk"))
    for referral in referrals:
        calendar = partner_calendar(referral.partner)
        referral.case, referral.updated_at = case, now
        if referral.state == ReferralState.OFFERED:
            referral.answer_due_at = _moved(referral.answer_due_at, pause, referral.urgency, calendar)
        elif referral.contact_due_at is not None:
            referral.contact_due_at = _moved(referral.contact_due_at, pause, referral.urgency, calendar)
    if referrals:
        Referral.objects.bulk_update(referrals, ["answer_due_at", "contact_due_at", "updated_at"])
    return referrals
