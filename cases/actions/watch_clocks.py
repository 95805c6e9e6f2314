"""The sweep over clocks: says that one was missed, or is half over, exactly once; ends pauses; looks at dates."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from cases.actions import notify
from cases.actions.apart import apart
from cases.actions.case_row import choose_due, lock_case, move, running_clocks, set_due, triage_runs
from cases.actions.keep_dates import look_at_date_step
from cases.actions.open_case import may_be_routed
from cases.actions.pause_clocks import go_on_step, resume_clocks_step
from cases.actions.record import SYSTEM, Event, record_events
from cases.actions.urgency_raised import missed_step
from cases.models import Case, CaseDate, OutboxMessage, Referral
from cases.queries.clocks import cases_to_look_at
from cases.queries.rules import rule_book
from cases.workflow import ENDED_CASES, CaseState, ReferralState
from intake.actions.publish_status import publish_status
from intake.models import Report

_HALF, _MISSED = 1, 2


@dataclass(slots=True)
class _Look:
    """What one look at a case finds. `told` are made into rows once the events, their occasion, are recorded."""

    case: Case
    now: datetime
    events: list[Event] = field(default_factory=list)
    rows: list[OutboxMessage] = field(default_factory=list)
    told: list[Callable[[], list[OutboxMessage]]] = field(default_factory=list)

    def missed(self, clock: str, due: datetime) -> None:
        self.events.append(Event("clock_missed", {"clock": clock, "due_at": due}))
        self.told.append(partial(notify.clock_missed, self.case, clock, self.now))

    def half_way(self, clock: str, due: datetime) -> None:
        self.events.append(Event("clock_half_way", {"clock": clock, "due_at": due}))
        self.told.append(partial(notify.clock_half_way, self.case, clock, self.now))

    def raised(self, events: list[Event], rows: list[OutboxMessage]) -> None:
        self.events += events
        self.rows += rows


def watch_clocks(*, now: datetime, limit: int = 500) -> int:
    """Looks at every case whose clock, date or pause has come to a moment; returns how many changed.

    Each under its own lock and in its own transaction: two sweeps at once tell nobody twice, and a case that cannot be
    saved stops no other. After a standstill only the last moment of each clock is told. Timeline: clock_missed,
    clock_half_way, clocks_resumed, date_near, date_passed, urgency_raised, routing_requested, alert_sent. Outbox: the
    responsible caseworker, else as an alarm.
    """
    return sum(_look(case_id, now) for case_id in cases_to_look_at(now, limit=limit))


@apart("clocks of case %s cannot be looked at")
def _look(case_id: UUID, now: datetime) -> int:
    case = lock_case(case_id, skip_locked=True)
    if case is None:
        return 0
    look, before = _Look(case, now), case.state
    _left_open(look)
    if case.state not in ENDED_CASES:
        for step in (_pause, _triage, _wait, _contact, _dates):
            step(look)
    if not look.events:
        return 0
    record_events(case, look.events, by=SYSTEM, now=now)
    case.save()
    notify.write_outbox([*look.rows, *(row for tell in look.told for row in tell())])
    if case.state != before:
        publish_status(report_id=case.report_id, code=case.state, expected_by=case.due_at, now=now)
    return 1


def _left_open(look: _Look) -> None:
    """The case left `waiting_for_reporter` by a way that did not end the pause: it ends now, before anything is due."""
    if look.case.state == CaseState.WAITING_FOR_REPORTER:
        return
    event, _wait = resume_clocks_step(look.case, look.now)
    if event is not None:
        look.events.append(event)
        if look.case.state not in ENDED_CASES:
            choose_due(look.case, running_clocks(look.case))


def _pause(look: _Look) -> None:
    case = look.case
    if case.wait_kind == "waiting" and case.wait_due_at is not None and case.wait_due_at <= look.now:
        gone_on = go_on_step(case, because="look_again", now=look.now)
        look.events += gone_on
        if gone_on:
            look.told.append(partial(notify.clock_missed, case, "waiting", look.now))
        elif case.wait_told != _MISSED:  # only the person can answer: it stays overdue until somebody has looked
            due, case.wait_told = case.wait_due_at, _MISSED
            look.missed("waiting", due)


def _triage(look: _Look) -> None:
    case, now = look.case, look.now
    if not triage_runs(case):
        return
    if case.triage_due_at <= now:
        case.triage_missed = True
        look.missed("triage", case.triage_due_at)
        look.raised(*missed_step(case=case, now=now))
        _route_untriaged(look)
    elif not case.triage_told and _is_half_over(case.triage_due_at, rule_book().clocks[case.urgency].triage, now):
        case.triage_told = _HALF
        look.half_way("triage", case.triage_due_at)


def _route_untriaged(look: _Look) -> None:
    """Nobody has confirmed in time: policy may let the system look for a partner (domain.md §2)."""
    case, now = look.case, look.now
    if case.state != CaseState.TRIAGE or not rule_book().policy(case.category_id, case.urgency).without_triage:
        return
    report = Report.objects.only("subject_unaware", "withdrawn_at", "erased_at").get(pk=case.report_id)
    if not may_be_routed(report, case.share):
        return
    move(case, CaseState.ROUTING)
    case.routing_wanted_at, case.routing_attempts = now, 0
    set_due(case)
    look.events.append(Event("routing_requested", {"because": "triage_missed"}))


def _wait(look: _Look) -> None:
    """A proposal that nobody looks at, a case that nobody can take."""
    case, now = look.case, look.now
    due, kind = case.wait_due_at, case.wait_kind
    if due is None or kind == "waiting" or case.wait_told == _MISSED:
        return
    if due <= now:
        case.wait_told = _MISSED
        look.missed(kind, due)
        look.raised(*missed_step(case=case, now=now))
    elif not case.wait_told and _is_half_over(due, rule_book().clocks[case.urgency].triage, now):
        case.wait_told = _HALF
        look.half_way(kind, due)


def _contact(look: _Look) -> None:
    case, now = look.case, look.now
    rows = Referral.objects.filter(case=case, state=ReferralState.ACCEPTED, contact_due_at__isnull=False)
    referral = rows.first() if case.state != CaseState.WAITING_FOR_REPORTER else None
    if referral is None or referral.contact_due_at is None or referral.contact_told == _MISSED:
        return
    due, told = referral.contact_due_at, referral.contact_told
    if due <= now:
        told = _MISSED
        look.missed("contact", due)
    elif not told and _is_half_over(due, rule_book().clocks[referral.urgency].contact, now):
        told = _HALF
        look.half_way("contact", due)
    if told != referral.contact_told:
        Referral.objects.filter(pk=referral.pk).update(contact_told=told)
    if told == _MISSED:
        look.raised(*missed_step(case=case, now=now))


def _dates(look: _Look) -> None:
    case, now = look.case, look.now
    if not case.dates:
        return
    for row in CaseDate.objects.filter(case=case, withdrawn_at__isnull=True, next_at__lte=now):
        events, rows, days = look_at_date_step(case, row, now)
        look.raised([*events, *([] if events else [Event("date_looked_at", {"date": row.pk})])], rows)
        if days is not None:
            look.told.append(partial(notify.date_near, case, row.kind, days, now))


def _is_half_over(due: datetime, hours: int, now: datetime) -> bool:
    return due - now <= timedelta(hours=hours) / 2
