"""Gives a case to the other side: one supervisor of each side approves, and the person allows it (domain.md §10)."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from cases.actions import notify
from cases.actions.add_note import checked_note
from cases.actions.approval import ask_step, close_step, has_expired, is_enough, new_request, standing_approvals
from cases.actions.assign import set_free_step
from cases.actions.authorise import authorise
from cases.actions.case_row import locked_case, set_due
from cases.actions.forget_links import forget_links_step
from cases.actions.record import Actor, Event, record_events
from cases.actions.wind_down import withdraw_for_want_of_chain_step
from cases.deadlines import due_at
from cases.errors import MoveNotAllowed, NotFound, StaleObject
from cases.models import ApprovalRequest, Case, FollowUp, Referral, VitalInterest
from cases.models.approval import ApprovalKind
from cases.queries.agreements import agreements_in_force, lets_data_flow
from cases.queries.calendars import side_calendar
from cases.queries.reach import knows_person
from cases.queries.rules import rule_book
from cases.workflow import ENDED_CASES, LOAD, CaseState, TransferReason, WithdrawalReason
from intake.actions.messages import notice_step
from intake.actions.publish_status import publish_status
from intake.errors import InvalidInput
from intake.models import Report, ReportKey
from intake.queries import consent_in_force
from intake.vocabulary import Side

ASKED, DONE = "transfer_asked", "transferred"  # notices whose words the person's page knows
_WITHOUT_PARTNER = frozenset({CaseState.TRIAGE, CaseState.UNROUTED, CaseState.IN_PROGRESS})


@transaction.atomic(durable=True)
def ask_transfer(*, case_id: UUID, reason_code: str, reason: str, by: Actor, now: datetime) -> ApprovalRequest:
    """Asks for a supervisor of each side; a supervisor who asks has thereby agreed for the own side.

    The reason is sealed under the report's key; the other side reads its code only. The person is asked on their page
    unless they have allowed it already. Timeline: transfer_asked. Outbox: the supervisors of both sides, and the
    reporter if they opted in. Raises NotFound, NotAllowed, MoveNotAllowed (the case has ended), InvalidInput,
    ReportErased.
    """
    case = locked_case(case_id)
    user = authorise(by, "ask_transfer", side=case.side)
    if knows_person(user.pk, case.pk):
        raise NotFound()
    if case.state in ENDED_CASES:
        raise MoveNotAllowed(state=case.state)
    if reason_code not in TransferReason.values:
        raise InvalidInput(fields={"reason_code": [_("Please choose one of these.")]})
    text = checked_note(reason, "reason")
    request = new_request(
        ApprovalKind.CASE_TRANSFER,
        subject=case.pk,
        side=case.side,
        user=user,
        now=now,
        change={"from": case.side, "to": other_side(case.side)},
        case=case,
    )
    request.reason_code = reason_code
    request.seal(ReportKey.of(case.report_id), reason=text)
    ask_step(request, user, now)
    is_allowed = person_allows(case, request.change["to"])
    details = {"to": request.change["to"], "because": reason_code, "allowed": is_allowed}
    record_decision_step(case, request, "transfer_asked", by=by, now=now, **details)
    rows = notify.transfer_waits(case, now)
    if not is_allowed:
        notice_step(report_id=case.report_id, code=ASKED, body_id=None, now=now)
        rows += notify.message_waiting(case, now)
    notify.write_outbox(rows)
    return request


def transfer_if_allowed_step(*, case: Case, request: ApprovalRequest, by: Actor, now: datetime) -> bool:
    """Carries the transfer out if one person of each side has agreed and the person allows it; else changes nothing.

    The side changes, nobody is responsible any more, so the old side's access ends with this commit. Partners whose
    chain still holds keep the case; from the others it is withdrawn and routed on. Vital interest stays as it is. The
    case leaves its group, which is the old side's.
    Timeline: referral_withdrawn, responsible_side_set. Feed and outbox: those partners; the new side's people. The
    person finds a notice, and the status is published anew. The caller holds the locks of case and request.
    """
    if not is_enough(request, standing_approvals(request)) or not person_allows(case, request.change["to"]):
        return False
    if case.side != request.change["from"] or case.state in ENDED_CASES:
        raise StaleObject()
    set_free_step(case, now)
    FollowUp.objects.open().filter(case=case).update(user=None)  # whoever of the new side gets it is reminded
    forget_links_step(case=case, is_erased=False, now=now)
    case.side = request.change["to"]
    close_step(request, ApprovalRequest.State.APPROVED, None, now)
    event = Event("responsible_side_set", {"side": case.side, "because": "transfer", "approval": request.pk})
    record_events(case, [event], by=by, now=now)
    _keep_or_withdraw(case, now)
    _clock_of_new_side(case, now)
    case.save()
    publish_status(report_id=case.report_id, code=case.state, expected_by=case.due_at, now=now)
    notice_step(report_id=case.report_id, code=DONE, body_id=None, now=now)
    notify.write_outbox([*notify.case_transferred(case, now), *notify.message_waiting(case, now)])
    return True


def transfer_after_consent_step(*, case: Case, by: Actor, now: datetime) -> bool:
    """The person has changed their consent: a transfer that waited for it alone is carried out. One statement."""
    rows = ApprovalRequest.objects.filter(case=case, kind=ApprovalKind.CASE_TRANSFER, state="open")
    request = rows.select_for_update(no_key=True, of=("self",)).first()
    if request is None or has_expired(request, now) or case.state in ENDED_CASES:
        return False
    return transfer_if_allowed_step(case=case, request=request, by=by, now=now)


def record_decision_step(
    case: Case, request: ApprovalRequest, code: str, *, by: Actor, now: datetime, **details: object
) -> None:
    """Timeline and case row. The caller holds the case's lock."""
    record_events(case, [Event(code, {"approval": request.pk, **details})], by=by, now=now)
    case.save()


def person_allows(case: Case, side: str) -> bool:
    """The person lets the other country see it, or asked for the people of that side in the first place."""
    consent = consent_in_force(case.report_id)
    if not consent.allows_offer:
        return False
    return consent.cross_border or Report.objects.filter(pk=case.report_id, handler=side).exists()


def other_side(side: str) -> str:
    return Side.RU.value if side == Side.AZ else Side.AZ.value


def _keep_or_withdraw(case: Case, now: datetime) -> None:
    """By the rules that an offer of this case from its new side would meet."""
    open_ones = Referral.objects.filter(case=case, state__in=LOAD).select_related("partner").defer("partner__phone")
    referrals = list(open_ones)
    in_force = agreements_in_force({row.partner_id for row in referrals}, now)
    may_cross = consent_in_force(case.report_id).cross_border
    vital = set(VitalInterest.objects.in_force().filter(case=case).values_list("partner", flat=True))
    lost: dict[str, list[UUID]] = {}
    for row in referrals:
        crosses = row.partner.side != case.side
        if row.partner_id in vital:
            continue
        if crosses and not may_cross:
            lost.setdefault(WithdrawalReason.CONSENT_WITHDRAWN, []).append(row.pk)
        elif not lets_data_flow(in_force, row.partner_id, crosses=crosses):
            lost.setdefault(WithdrawalReason.AGREEMENT_ENDED, []).append(row.pk)
    for reason, ids in lost.items():
        withdraw_for_want_of_chain_step(case, ids, reason, now=now)


def _clock_of_new_side(case: Case, now: datetime) -> None:
    """Where no partner has it somebody of the new side must look: their own triage clock runs from now on."""
    if case.state not in _WITHOUT_PARTNER:
        return
    hours = rule_book().clocks[case.urgency].triage
    due = due_at(now, hours, case.urgency, side_calendar(case.side))
    if case.triaged_at is None and not case.triage_missed:
        case.triage_due_at = due
    set_due(case, (due, "triage"))
