"""The person answers questions anew: urgency is computed again, and machines only raise it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from cases.actions import notify
from cases.actions.case_row import choose_due, triage_runs
from cases.actions.compute_urgency import compute_urgency, reasons
from cases.actions.date_rows import dates_from_answers_step
from cases.actions.open_case import child_affected, needs_alarm, sound_alarm_step, way_on_step
from cases.actions.pause_clocks import open_pause
from cases.actions.record import SYSTEM, Event, record_changes
from cases.actions.review import review_clock
from cases.deadlines import due_at
from cases.models import Case, OutboxMessage, Referral
from cases.queries.calendars import partner_calendar, side_calendar
from cases.queries.rules import rule_book
from cases.routing.propose import offers_at_once
from cases.urgency import Assessment
from cases.workflow import ENDED_CASES, LOAD, CaseState, ReferralState
from intake.models import Report, ReportKey
from intake.queries.words import answers_of


def heed_answers_step(
    *, case: Case, report: Report, answers: Mapping[str, Any], now: datetime
) -> tuple[list[Event], list[OutboxMessage]]:
    """What the answers in force add to the case: events to record and the alarm, if it is one now. Saves no case.

    Only rules that had not fired raise: a supervisor's lower urgency is not undone by what was known to that person.
    Clocks that run are shortened to what the new urgency allows from now on, never lengthened. Where policy is
    automatic for the new urgency, a case that nobody has looked at is routed at once. Timeline: urgency_raised,
    routing_requested, alert_sent. Feed: partners that have the case or were asked.
    """
    dates_from_answers_step(case, answers, now)
    case.child = child_affected(report.age_band, answers) or case.child
    assessment = compute_urgency(report, answers, now, category=case.category_id, subcode=case.subcode, case=case)
    new = _new_firings(case, assessment)
    # A merged case rests, also a closed one; its person does not: what they say now still raises the alarm.
    is_merged = CaseState.DUPLICATE in {case.state, case.outcome}
    if not new or (case.state in ENDED_CASES and not is_merged):
        return [], []
    case.urgency_reasons = [*case.urgency_reasons, *new]
    case.computed_urgency = min(case.computed_urgency, assessment.level)
    if assessment.level >= case.urgency:
        return [], []
    before, case.urgency = case.urgency, assessment.level
    if not is_merged:
        shorten_clocks_step(case, now)
    rules = [f"{row['code']}:{row['version']}" for row in new]
    events = [Event("urgency_raised", {"urgency": case.urgency, "before": before, "rules": rules}, by=SYSTEM)]
    if case.state == CaseState.TRIAGE and case.triaged_at is None:
        events += way_on_step(case, report, now)
    return events, _alarm(case, report, events, now)


def reassess_step(*, case: Case, now: datetime) -> tuple[list[Event], list[OutboxMessage]]:
    """As `heed_answers_step`, when something else than the answers became known: a missed clock, a date. An erased
    report has no answers left, and its case has ended."""
    if case.state in ENDED_CASES:
        return [], []
    key = ReportKey.objects.filter(report_id=case.report_id).first()
    report = Report.objects.get(pk=case.report_id)
    answers = answers_of(report, key.open()) if key else {}
    return heed_answers_step(case=case, report=report, answers=answers, now=now)


def missed_step(*, case: Case, now: datetime) -> tuple[list[Event], list[OutboxMessage]]:
    """One more clock of the case was missed. From as many on as the rule `repeat` names its urgency is computed again,
    which steps up once. Saves no case."""
    case.clocks_missed += 1
    grades = [grade for rule in rule_book().rules if rule.code == "repeat" for grade in rule.levels or ()]
    limits = [limit for grade in grades if isinstance(limit := grade.get("missed_clocks"), int)]
    has_stepped_up = any(row["code"] == "repeat" for row in case.urgency_reasons)
    if has_stepped_up or case.clocks_missed < min(limits, default=case.clocks_missed + 1):
        return [], []
    return reassess_step(case=case, now=now)


def _new_firings(case: Case, assessment: Assessment) -> list[dict[str, Any]]:
    """A rule that fires at a more urgent level than before counts as new."""
    known: dict[str, int] = {}
    for row in case.urgency_reasons:
        known[row["code"]] = min(known.get(row["code"], 9), row.get("level") or 9)
    return [row for row in reasons(assessment) if row["code"] not in known or (row["level"] or 9) < known[row["code"]]]


def shorten_clocks_step(case: Case, now: datetime) -> None:
    """To what the urgency, which has just risen, allows from now on. Of an offered U1 a second partner is sought. Feed:
    partners that have the case or were asked. Saves no case."""
    clocks = rule_book().clocks.get(case.urgency)
    if clocks is None:  # none is set for it: those that run go on
        return
    triage_due = due_at(now, clocks.triage, case.urgency, side_calendar(case.side))
    if triage_runs(case):
        case.triage_due_at = min(case.triage_due_at, triage_due)
    if case.wait_due_at is not None and case.wait_kind != "waiting":
        case.wait_due_at = min(case.wait_due_at, triage_due)
    _look_earlier(case, now)
    own = [(case.wait_due_at, case.wait_kind)] if case.wait_due_at else []
    partners = _shorten_referrals(case, now)
    choose_due(case, [*own, *partners])
    if case.state == CaseState.OFFERED and len(partners) < offers_at_once(case.urgency):
        case.routing_wanted_at, case.routing_attempts = now, 0


def _look_earlier(case: Case, now: datetime) -> None:
    """At a case that waits for its person, by the hours of the new urgency."""
    pause = open_pause(case) if case.wait_kind == "waiting" else None
    sooner, _kind = review_clock(case, now)
    if pause is None or case.wait_due_at is None or case.wait_due_at <= sooner:
        return
    case.wait_due_at = pause.look_again_at = sooner
    pause.save(update_fields=["look_again_at"])


def _shorten_referrals(case: Case, now: datetime) -> list[tuple[datetime, str]]:
    clocks, due = rule_book().clocks[case.urgency], []
    open_ones = list(Referral.objects.filter(case=case, state__in=LOAD).select_related("partner").order_by("pk"))
    for referral in open_ones:
        calendar = partner_calendar(referral.partner)
        referral.case, referral.urgency, referral.updated_at = case, case.urgency, now
        if referral.state == ReferralState.OFFERED:
            answer_due = due_at(now, clocks.answer, case.urgency, calendar)
            referral.answer_due_at = min(referral.answer_due_at, answer_due)
            due.append((referral.answer_due_at, "answer"))
        elif referral.state == ReferralState.ACCEPTED and referral.contact_due_at is not None:
            contact_due = due_at(now, clocks.contact, case.urgency, calendar)
            referral.contact_due_at = min(referral.contact_due_at, contact_due)
            if case.state != CaseState.WAITING_FOR_REPORTER:  # its clock stands still while the person is asked
                due.append((referral.contact_due_at, "contact"))
    if open_ones:
        Referral.objects.bulk_update(open_ones, ["urgency", "answer_due_at", "contact_due_at", "updated_at"])
        record_changes(open_ones, "referral.urgency_raised", now=now)
    return due


def _alarm(case: Case, report: Report, events: list[Event], now: datetime) -> list[OutboxMessage]:
    if not needs_alarm(case, report, now):
        return []
    alarm = notify.urgent_case(case, now)
    for row in alarm:  # an earlier alarm of this case was another one
        row.dedupe_key = f"{row.dedupe_key}:{case.urgency}:{case.event_count}"
    if alarm:
        events.append(Event("alert_sent", {"people": [row.user_id for row in alarm]}, by=SYSTEM))
        sound_alarm_step(alarm, case, now)
    return alarm
