"""An alarm that nobody opens goes further: the next on the rota and the supervisors, then everybody of the side."""

import logging
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from cases.actions import notify
from cases.actions.case_row import lock_case
from cases.actions.once import in_transaction
from cases.actions.open_case import sound_alarm_step
from cases.actions.record import SYSTEM, Event, record_events
from cases.models import Case, DutyAlert, Recusal
from cases.queries import duty
from cases.queries.clocks import unopened_alarms
from cases.queries.rules import rule_book
from cases.workflow import ENDED_CASES, CaseState

logger = logging.getLogger(__name__)


def escalate_alarms(*, now: datetime, limit: int = 200) -> int:
    """Takes each alarm that waited long enough one step further, until somebody opens or triages the case; one that
    was raised after triage too.

    After a standstill one step, not several. Who knows the person is never told. Timeline: alert_escalated. Outbox:
    the alarm, in the urgent lane. Safe in two processes: each case under its lock, and a step that was taken moves the
    time from which the next is counted.
    """
    return sum(_escalate(case_id, now) for case_id in unopened_alarms(now, limit=limit))


def _escalate(case_id: UUID, now: datetime) -> int:
    try:
        return in_transaction(partial(_escalate_step, case_id, now))
    except Exception as error:  # noqa: BLE001 one case must not keep the alarms of the others from going further
        logger.error("the alarm of case %s cannot go further: %s", case_id, type(error).__name__)
        return 0


def _escalate_step(case_id: UUID, now: datetime) -> int:
    case = lock_case(case_id, skip_locked=True)
    if case is None or _rests(case):
        return 0
    # That somebody opened it who then stepped back helps nobody.
    recused = Recusal.objects.filter(case=case).values("user")
    alerts = _since_triage(case, list(DutyAlert.objects.filter(case=case).exclude(user__in=recused)))
    if not alerts or any(alert.opened_at is not None for alert in _of_this_alarm(alerts)) or not _is_late(alerts, now):
        return 0
    step = max(alert.step for alert in alerts) + 1
    told = {alert.user_id for alert in alerts}
    people = duty.next_to_alert(case.side, now, case_id=case.pk, step=step, told=told)
    _sound(case, people, step, now)
    return 1


def _rests(case: Case) -> bool:
    """An ended case; not a merged one whose person has said something since."""
    is_merged = CaseState.DUPLICATE in {case.state, case.outcome}
    return case.state in ENDED_CASES and not (is_merged and case.wrote_again_at is not None)


def _since_triage(case: Case, alerts: list[DutyAlert]) -> list[DutyAlert]:
    """Triage ends an alarm, and what the person says later can raise a new one."""
    return [alert for alert in alerts if case.triaged_at is None or alert.sent_at > case.triaged_at]


def _of_this_alarm(alerts: list[DutyAlert]) -> list[DutyAlert]:
    """Whoever opened an earlier alarm of the case was alarmed anew or is no longer on duty: their opening is old."""
    first = min((alert.sent_at for alert in alerts if alert.opened_at is None), default=None)
    return [alert for alert in alerts if first is None or alert.sent_at >= first]


def _is_late(alerts: list[DutyAlert], now: datetime) -> bool:
    """Without a rule for the minutes an alarm goes further at each sweep: rather too early than never."""
    minutes = rule_book().steps("duty_minutes") or (0,)
    step = max((alert.step for alert in alerts), default=1)
    last = max((alert.sent_at for alert in alerts), default=now)
    return last + timedelta(minutes=minutes[min(step, len(minutes)) - 1]) <= now


def _sound(case: Case, people: list[duty.StaffMember], step: int, now: datetime) -> None:
    event = Event("alert_escalated", {"step": step, "people": [person.id for person in people]})
    record_events(case, [event], by=SYSTEM, now=now)
    case.save()
    alarm = notify.alarm(case, people, now, occasion=f":{case.event_count}")
    sound_alarm_step(alarm, case, now, step=step)
