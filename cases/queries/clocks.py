"""Which cases have a clock that somebody must hear of now: run out, half over, a date near, a pause at its end."""

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import F, Q

from cases.deadlines import ClockHours
from cases.models import Case, CaseDate, ClockPause, DutyAlert, Referral
from cases.queries.rules import rule_book
from cases.workflow import ENDED_CASES, CaseState, ReferralState

# A clock that stands still, or whose case has ended, is nobody's.
_STILL = ENDED_CASES | {CaseState.WAITING_FOR_REPORTER}


def cases_to_look_at(now: datetime, *, limit: int) -> list[UUID]:
    """Each case once, at most `limit` from each of the five kinds, the longest waiting of each first."""
    running = Case.objects.exclude(state__in=_STILL)
    half = _half_way(now)
    triage = running.filter(
        Q(triage_due_at__lte=now) | Q(half("triage_due_at", "urgency", lambda hours: hours.triage), triage_told=0),
        triaged_at__isnull=True,
        triage_missed=False,
    )
    wait = Case.objects.exclude(state__in=ENDED_CASES).filter(
        Q(wait_due_at__lte=now)
        | Q(half("wait_due_at", "urgency", lambda hours: hours.triage), ~Q(wait_kind="waiting"), wait_told=0),
        wait_due_at__isnull=False,
        wait_told__lt=2,
    )
    contact = Referral.objects.exclude(case__state__in=_STILL).filter(
        Q(contact_due_at__lte=now) | Q(half("contact_due_at", "urgency", lambda hours: hours.contact), contact_told=0),
        state=ReferralState.ACCEPTED,
        contact_told__lt=2,
    )
    dates = CaseDate.objects.exclude(case__state__in=ENDED_CASES).filter(next_at__lte=now, withdrawn_at__isnull=True)
    pauses = ClockPause.objects.filter(until_at__isnull=True).exclude(case__state=CaseState.WAITING_FOR_REPORTER)
    found = [
        *triage.order_by("triage_due_at").values_list("pk", flat=True)[:limit],
        *wait.order_by("wait_due_at").values_list("pk", flat=True)[:limit],
        *contact.order_by("contact_due_at").values_list("case", flat=True)[:limit],
        *dates.order_by("next_at").values_list("case", flat=True)[:limit],
        *pauses.order_by("pk").values_list("case", flat=True)[:limit],
    ]
    return list(dict.fromkeys(found))


def open_offers(now: datetime) -> list[tuple[UUID, datetime, datetime, int]]:
    """Offers that run and of which the partner was not reminded twice: id, beginning, end, reminders sent."""
    rows = Referral.objects.filter(state=ReferralState.OFFERED, answer_due_at__gt=now, reminders_sent__lt=2)
    rows = rows.exclude(case__state=CaseState.WAITING_FOR_REPORTER).order_by("answer_due_at", "pk")
    return list(rows.values_list("pk", "offered_at", "answer_due_at", "reminders_sent"))


def unopened_alarms(now: datetime, *, limit: int) -> list[UUID]:
    """Cases with an alarm that nobody has opened for as long as the shortest step, untriaged since, the oldest first.

    A merged case rests, its person does not: an alarm of what they said since goes further too."""
    minutes = min(rule_book().steps("duty_minutes"), default=0)
    untriaged = Q(case__triaged_at__isnull=True) | Q(case__triaged_at__lt=F("sent_at"))
    is_merged = Q(case__state=CaseState.DUPLICATE) | Q(case__outcome=CaseState.DUPLICATE)
    alerts = DutyAlert.objects.filter(
        untriaged,
        (is_merged & Q(case__wrote_again_at__isnull=False)) | ~Q(case__state__in=ENDED_CASES),
        opened_at__isnull=True,
        sent_at__lte=now - timedelta(minutes=minutes),
    )
    return list(dict.fromkeys(alerts.order_by("sent_at", "pk").values_list("case", flat=True)[:limit]))


def _half_way(now: datetime) -> Callable[[str, str, Callable[[ClockHours], int]], Q]:
    """A clock is half over when half of its hours are left. Asked of its end, a clock that stood still or was moved
    into working time counts right, and no beginning has to be kept."""

    def half(column: str, urgency: str, hours: Callable[[ClockHours], int]) -> Q:
        found = Q(pk__in=[])
        for level, clock in rule_book().clocks.items():
            found |= Q(**{urgency: level, f"{column}__lte": now + timedelta(hours=hours(clock)) / 2})
        return found

    return half
