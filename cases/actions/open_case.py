"""Opens the case of a report: side, urgency with its reasons, clocks, the way on, and the alarm if it is urgent."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cases.actions import notify
from cases.actions.case_row import choose_due
from cases.actions.compute_urgency import compute_urgency, reasons
from cases.actions.date_rows import dates_from_answers_step
from cases.actions.record import REPORTER, SYSTEM, Actor, Event, record_events
from cases.deadlines import due_at, is_open
from cases.models import Case, DutyAlert, OutboxMessage
from cases.queries.calendars import side_calendar
from cases.queries.rules import rule_book
from cases.urgency import MINOR_BANDS, Assessment
from cases.workflow import CaseState
from intake.actions.publish_status import publish_status
from intake.compiled import Insert
from intake.models import Report
from intake.vocabulary import Channel, ConsentAnswer, Side

_insert = Insert(Case)


@dataclass(frozen=True, slots=True)
class Responsible:
    side: str
    because: str  # handler | citizenship | country | first


def open_case_step(
    *, report: Report, answers: Mapping[str, Any], share: str, now: datetime, is_indexed: bool = True
) -> Case:
    """Makes the case, in `routing` where policy is automatic and the person allows it, else in `triage`.

    Timeline: report_received, case_opened, urgency_computed, responsible_side_set, then routing_requested and
    alert_sent where they apply. Outbox: for U1, and outside office hours for U2, the duty alarm. Publishes the public
    status. A step of three statements, six with an alarm, and one more to count earlier reports of the same person
    (`is_indexed`); a second case for a report violates its unique key.
    """
    assessment = compute_urgency(report, answers, now, is_indexed=is_indexed)
    responsible = responsible_side(report.handler, report.citizenship, report.country_id)
    case = _new_case(report, answers, share, assessment, responsible.side, now)
    events = [*_opening_events(report, assessment, responsible), *way_on_step(case, report, now)]
    alarm = notify.urgent_case(case, now) if needs_alarm(case, report, now) else []
    if alarm:
        events.append(Event("alert_sent", {"people": [row.user_id for row in alarm]}))
    record_events(case, events, by=SYSTEM, now=now)
    dates_from_answers_step(case, answers, now)
    choose_due(case, ())
    _insert([case])
    sound_alarm_step(alarm, case, now)
    publish_status(report_id=report.pk, code=case.state, expected_by=case.triage_due_at, now=now)
    return case


def responsible_side(handler: str, citizenship: str, country: str) -> Responsible:
    """domain.md §10: whom the person asked for; else the side of the citizenship; else that of the country of stay."""
    for because, code in (("handler", handler), ("citizenship", citizenship), ("country", country)):
        if code in Side:
            return Responsible(code, because)
    return Responsible(Side.AZ, "first")  # a country of stay that belongs to neither: somebody must have the case


def _new_case(
    report: Report, answers: Mapping[str, Any], share: str, assessment: Assessment, side: str, now: datetime
) -> Case:
    level = assessment.level
    triage_due = due_at(report.received_at, rule_book().clocks[level].triage, level, side_calendar(side))
    return Case(
        report=report,
        reference=report.reference,
        side=side,
        state=CaseState.TRIAGE,
        category_id=report.category_id,
        subcode=report.subcode,
        urgency=level,
        computed_urgency=level,
        urgency_reasons=reasons(assessment),
        country_id=report.country_id,
        region_id=report.region_id,
        language_id=report.language_id,
        age_band=report.age_band,
        child=child_affected(report.age_band, answers),
        actor_kind=report.actor_kind,
        citizenship=report.citizenship,
        channel=report.channel,
        share=share,
        received_at=report.received_at,
        triage_due_at=triage_due,
        due_at=triage_due,
        due_kind="triage",
        updated_at=now,
    )


def child_affected(age_band: str, answers: Mapping[str, Any]) -> str:
    """yes | no | unknown; empty when nobody was asked. A young reporter is a child whatever was ticked."""
    if age_band in MINOR_BANDS:
        return "yes"
    answer = answers.get("child")
    return answer if answer in {"yes", "no", "unknown"} else ""


def _opening_events(report: Report, assessment: Assessment, responsible: Responsible) -> list[Event]:
    return [
        Event("report_received", {"channel": report.channel, "at": report.received_at}, by=_filed_by(report)),
        Event("case_opened", {"category": report.category_id, "subcode": report.subcode}),
        Event(
            "urgency_computed",
            {
                "urgency": assessment.level,
                "default": assessment.default_level,
                "rules": [f"{firing.code}:{firing.version}" for firing in assessment.firings],
            },
        ),
        Event("responsible_side_set", {"side": responsible.side, "because": responsible.because}),
    ]


def _filed_by(report: Report) -> Actor:
    """On the telephone a caseworker writes it down; partners and their programs file for people."""
    voices = {Channel.WEB: REPORTER, Channel.PHONE: Actor("staff", report.source_ref)}
    return voices.get(Channel(report.channel), Actor("partner", report.source_ref))


def way_on_step(case: Case, report: Report, now: datetime) -> list[Event]:
    """Policy may offer on the computed urgency at once; triage confirms afterwards. The state is the queue."""
    automatic = rule_book().policy(case.category_id, case.urgency).is_automatic
    if not automatic or not may_be_routed(report, case.share):
        return []
    case.state = CaseState.ROUTING
    case.routing_wanted_at = now
    return [Event("routing_requested", {"because": "policy"})]


def may_be_routed(report: Report, share: str) -> bool:
    """Not against the person's will, not behind the back of the person concerned, and not what was taken back."""
    is_gone = report.withdrawn_at is not None or report.erased_at is not None
    return share != ConsentAnswer.NONE and not report.subject_unaware and not is_gone


def needs_alarm(case: Case, report: Report, now: datetime) -> bool:
    """U1 at any hour; U2 when nobody is in the office. Nobody is woken for a report that was taken back."""
    if report.withdrawn_at is not None or report.erased_at is not None:
        return False
    return case.urgency == 1 or (case.urgency == 2 and not is_open(side_calendar(case.side), now))


def sound_alarm_step(alarm: list[OutboxMessage], case: Case, now: datetime, *, step: int = 1) -> None:
    """Somebody who opened an earlier alarm of the same case is alarmed anew. A step."""
    alerts = [DutyAlert(case=case, user_id=row.user_id, sent_at=now, step=step) for row in alarm if row.user_id]
    DutyAlert.objects.bulk_create(
        alerts, update_conflicts=True, unique_fields=["case", "user"], update_fields=["sent_at", "opened_at", "step"]
    )
    notify.write_outbox(alarm)
