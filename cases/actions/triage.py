"""Triage: a caseworker confirms category, urgency and next step."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from cases.actions import notify
from cases.actions.add_note import add_note_step, checked_note
from cases.actions.case_row import move, running_clocks, set_due
from cases.actions.compute_urgency import compute_urgency, reasons
from cases.actions.open_case import may_be_routed
from cases.actions.pause_clocks import resume_clocks_step
from cases.actions.reached_case import reached_case
from cases.actions.record import Actor, Event, record_events
from cases.actions.review import review_clock
from cases.actions.urgency_raised import shorten_clocks_step
from cases.actions.withdraw_referrals import withdraw_referrals_step, withdrawn_events
from cases.errors import MoveNotAllowed, NotAllowed, ReasonRequired
from cases.models import Case, OutboxMessage, Referral, User, VitalInterest
from cases.permissions import may
from cases.workflow import ASSIGNED, ENDED_CASES, LOAD, CaseState, ReferralState, WithdrawalReason
from intake.actions.publish_status import publish_status
from intake.errors import InvalidInput
from intake.models import Report, ReportKey
from intake.queries import consent_in_force, reference_data

NEXT_STEPS: Mapping[str, str] = {
    "route": CaseState.ROUTING,
    "in_progress": CaseState.IN_PROGRESS,
    "out_of_scope": CaseState.OUT_OF_SCOPE,
}
# Policy was quicker than triage: partners are being asked or have said yes. Confirming "route" leaves that as it is.
_UNDER_WAY = frozenset({CaseState.ROUTING, CaseState.OFFERED, CaseState.ACCEPTED})
_OFFERING = frozenset({CaseState.ROUTING, CaseState.OFFERED})


@dataclass(frozen=True, slots=True)
class Decision:
    category: str
    subcode: str
    urgency: int
    next_step: str
    reason: str  # what the caseworker wrote, kept as a note


@transaction.atomic(durable=True)
def confirm_triage(
    *,
    case_id: UUID,
    category: str,
    subcode: str,
    urgency: int,
    next_step: str,
    reason: str = "",
    by: Actor,
    now: datetime,
) -> Case:
    """Confirms (or corrects) what the case is about and sends it on: route, in_progress or out_of_scope.

    A corrected category is computed again, which can only raise; lowering below what was computed takes a supervisor
    and a reason. A more urgent level shortens the clocks of partners that were asked or have the case. Open offers are
    withdrawn (by_caseworker) unless the next step is "route"; work of our own gets a review clock. Timeline:
    triage_confirmed, urgency_lowered, note_added, referral_withdrawn, clocks_resumed, routing_requested. Feed and
    outbox: partners whose offer was withdrawn; the reporter, who opted in, when the public status changed.
    Raises InvalidInput, NotFound, NotAllowed, ReasonRequired, MoveNotAllowed; then nothing has changed.
    """
    decision = _checked(Decision(category, subcode, urgency, next_step, reason))
    case, user = reached_case(case_id, by, "confirm_triage")
    before, urgency = case.state, case.urgency
    if case.state in ENDED_CASES:
        raise MoveNotAllowed(state=str(case.state))
    _correct(case, decision, now)
    events = [*_explain(case, decision, user, now), _confirmed(case, decision)]
    case.triaged_at = now
    if case.urgency < urgency:
        shorten_clocks_step(case, now)
    withdrawn = _send_on(case, decision, now, events)
    record_events(case, events, by=by, now=now)
    case.save()
    _tell(case, before, notify.referrals_withdrawn(withdrawn, now), now)
    return case


def _checked(decision: Decision) -> Decision:
    fields: dict[str, list[Any]] = {}
    known = reference_data()
    if decision.category not in known.categories:
        fields["category"] = [_("Please choose one of these.")]
    elif decision.subcode and (decision.category, decision.subcode) not in known.subcodes:
        fields["subcode"] = [_("Please choose one of these.")]
    if decision.urgency not in {1, 2, 3, 4}:
        fields["urgency"] = [_("Please choose one of these.")]
    if decision.next_step not in NEXT_STEPS:
        fields["next_step"] = [_("Please choose one of these.")]
    if fields:
        raise InvalidInput(fields=fields)
    return decision


def _correct(case: Case, decision: Decision, now: datetime) -> None:
    """Another category can make the case more urgent by itself; it never makes it less urgent by itself."""
    if (decision.category, decision.subcode) != (case.category_id, case.subcode):
        report = Report.objects.get(pk=case.report_id)
        assessment = compute_urgency(
            report, _answers(report), now, category=decision.category, subcode=decision.subcode, case=case
        )
        if assessment.level <= case.computed_urgency:
            case.computed_urgency, case.urgency_reasons = assessment.level, reasons(assessment)
    if decision.category != case.category_id:
        case.compared_at = None
    case.category_id, case.subcode, case.urgency = decision.category, decision.subcode, decision.urgency


def _answers(report: Report) -> Mapping[str, Any]:
    key = ReportKey.objects.filter(report_id=report.pk).first()
    return {} if key is None else report.unseal(key.open(), "answers") or {}


def _explain(case: Case, decision: Decision, user: User, now: datetime) -> list[Event]:
    """The reason as a sealed note, and the event that lowering the urgency leaves."""
    is_lowered = decision.urgency > case.computed_urgency
    if is_lowered and not may(user, "lower_urgency", side=case.side):
        raise NotAllowed()
    if not decision.reason.strip():
        if is_lowered:
            raise ReasonRequired()
        return []
    note = add_note_step(case=case, text=checked_note(decision.reason, "reason"), author=user, now=now)
    events = [Event("note_added", {"note": note.pk})]
    if is_lowered:
        details = {"computed": case.computed_urgency, "urgency": decision.urgency, "note": note.pk}
        events.append(Event("urgency_lowered", details))
    return events


def _confirmed(case: Case, decision: Decision) -> Event:
    return Event(
        "triage_confirmed",
        {
            "category": case.category_id,
            "subcode": case.subcode,
            "urgency": case.urgency,
            "next_step": decision.next_step,
        },
    )


def _send_on(case: Case, decision: Decision, now: datetime, events: list[Event]) -> list[Referral]:
    """Moves the case and sets its next clock; returns the offers that were withdrawn."""
    target = NEXT_STEPS[decision.next_step]
    if target == CaseState.ROUTING and _is_under_way(case):
        _keep_going(case)
        return []
    if Referral.objects.filter(case=case, state__in=ASSIGNED).exists():
        raise MoveNotAllowed(state=str(case.state))  # a partner has the case: it is not ours to send elsewhere
    if target == CaseState.ROUTING:
        _end_pause(case, now, events)
        _route(case, now, events)
        return []
    withdrawn = _stop_offering(case, now)
    events.extend(withdrawn_events(withdrawn))
    if case.state != target:
        resume_clocks_step(case, now)
        move(case, target)
    case.routing_wanted_at = None
    set_due(case, *([review_clock(case, now)] if target == CaseState.IN_PROGRESS else []))
    return withdrawn


def _is_under_way(case: Case) -> bool:
    """Not a case that waits for its reporter and that no partner has or was offered: it would come back unsought."""
    if case.state != CaseState.WAITING_FOR_REPORTER:
        return case.state in _UNDER_WAY
    return Referral.objects.filter(case=case, state__in=LOAD).exists()


def _end_pause(case: Case, now: datetime, events: list[Event]) -> None:
    event, _wait = resume_clocks_step(case, now, because="caseworker")
    events.extend([event] if event else [])


def _keep_going(case: Case) -> None:
    """Triage is done: what runs on is the answer clock of an open offer, or the contact clock of who accepted."""
    set_due(case, *running_clocks(case))


def _stop_offering(case: Case, now: datetime) -> list[Referral]:
    """What policy began before triage is called off; from `triage` a case may also turn out to be out of scope."""
    if case.state not in _OFFERING:
        return []
    move(case, CaseState.TRIAGE)
    return withdraw_referrals_step(case, WithdrawalReason.BY_CASEWORKER, now=now, states={ReferralState.OFFERED})


def _route(case: Case, now: datetime, events: list[Event]) -> None:
    move(case, CaseState.ROUTING)
    _check_may_be_routed(case)
    if Referral.objects.filter(case=case, round=case.round).exists():
        case.round += 1  # a round begins at triage (domain.md §6); whom to ask again, routing knows
    case.routing_wanted_at, case.routing_attempts = now, 0
    set_due(case)
    events.append(Event("routing_requested", {"because": "triage", "round": case.round}))


def _check_may_be_routed(case: Case) -> None:
    case.share = consent_in_force(case.report_id).share
    report = Report.objects.only("subject_unaware", "withdrawn_at", "erased_at").get(pk=case.report_id)
    is_gone = report.withdrawn_at is not None or report.erased_at is not None
    if not is_gone and VitalInterest.objects.in_force().filter(case=case).exists():
        return  # routing lets it go to that partner alone
    if report.subject_unaware:
        message = _("The person concerned does not know about this report, so it cannot be passed on.")
        raise InvalidInput(fields={"next_step": [message]})
    if not may_be_routed(report, case.share):
        message = _("The person does not want this to be passed on.")
        raise InvalidInput(fields={"next_step": [message]})


def _tell(case: Case, before: str, rows: list[OutboxMessage], now: datetime) -> None:
    if case.state != before:
        publish_status(report_id=case.report_id, code=case.state, expected_by=case.due_at, now=now)
        rows = [*rows, *notify.status_changed(case, now)]
    notify.write_outbox(rows)
