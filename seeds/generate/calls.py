"""When the sweeps of the timetable have something to do in a life: on the stage they run at these moments alone."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from cases.actions.escalate import escalate_alarms
from cases.actions.expire import expire_due
from cases.actions.remind_partners import remind_partners
from cases.actions.watch_clocks import watch_clocks
from cases.deadlines import reminders
from cases.models import Case, Referral
from cases.queries.rules import rule_book
from cases.workflow import ENDED_CASES, CaseState, ReferralState

MOMENT = timedelta(seconds=1)
_TOLD_ALL = 2
_RUNNING = (ReferralState.OFFERED, ReferralState.ACCEPTED)


@dataclass(frozen=True, slots=True)
class Call:
    """A sweep that has something to do at a moment."""

    at: datetime
    job: Callable[..., int]


def calls_of(reports: Sequence[UUID]) -> list[Call]:
    found: list[Call] = []
    for case in Case.objects.filter(report__in=reports):
        found += _calls_of_case(case)
    asked = Referral.objects.filter(case__report__in=reports, state__in=_RUNNING)
    for referral in asked.exclude(case__state=CaseState.WAITING_FOR_REPORTER):
        found += _calls_of_referral(referral)
    unopened = Case.objects.filter(report__in=reports, triaged_at__isnull=True, alerts__opened_at__isnull=True)
    for sent_at in unopened.values_list("alerts__sent_at", flat=True):
        if sent_at is not None:
            steps = (timedelta(minutes=minutes) for minutes in rule_book().steps("duty_minutes"))
            found += [Call(sent_at + step + MOMENT, escalate_alarms) for step in steps]
    return found


def _calls_of_case(case: Case) -> list[Call]:
    if case.state in ENDED_CASES:
        return []
    half = timedelta(hours=rule_book().clocks[case.urgency].triage) / 2
    running = [case.wait_due_at] if case.wait_due_at and case.wait_told < _TOLD_ALL else []
    if case.triaged_at is None and not case.triage_missed:
        running.append(case.triage_due_at)
    days = [datetime.fromisoformat(one["ends_at"]) for one in case.dates if not one.get("passed")]
    before = [day - timedelta(days=step) for day in days for step in rule_book().steps("date_days")]
    moments = [*running, *(due - half for due in running), *days, *before]
    return [Call(moment + MOMENT, watch_clocks) for moment in moments]


def _calls_of_referral(referral: Referral) -> list[Call]:
    if referral.state == ReferralState.OFFERED:
        reminded = [Call(at + MOMENT, remind_partners) for at in reminders(referral.offered_at, referral.answer_due_at)]
        return [*reminded, Call(referral.answer_due_at + MOMENT, expire_due)]
    half = timedelta(hours=rule_book().clocks[referral.urgency].contact) / 2
    due = referral.contact_due_at
    if due is None or referral.contact_told >= _TOLD_ALL:
        return []
    return [Call(due - half + MOMENT, watch_clocks), Call(due + MOMENT, watch_clocks)]
