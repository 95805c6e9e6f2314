"""What follows when a person changes consent, answers the question about one partner, or takes the report back.

Steps of take_up: each is called with the case locked. Disclosure reads consent live and ended before any of this ran.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db.models import F, Q

from cases.actions import notify
from cases.actions.case_row import move, set_due
from cases.actions.record import REPORTER, Event, record_changes, record_events
from cases.actions.withdraw_referrals import withdraw_referrals_step, withdrawn_events
from cases.deadlines import due_at, in_working_time, paused
from cases.models import Case, OutboxMessage, Referral
from cases.queries.calendars import partner_calendar
from cases.queries.rules import rule_book
from cases.workflow import ASSIGNED, LOAD, CaseState, WithdrawalReason, may_move_case
from intake.actions.change_consent import close_consent_requests
from intake.actions.publish_status import publish_status
from intake.models import ConsentRequest
from intake.queries import consent_in_force

# Where a case stands while partners are sought or have it: without consent it goes back to our own people.
_WITH_PARTNERS = frozenset(
    {CaseState.ROUTING, CaseState.OFFERED, CaseState.ACCEPTED, CaseState.UNROUTED, CaseState.WAITING_FOR_REPORTER}
)


def heed_consent_step(*, case: Case, now: datetime) -> None:
    """Follows the consent in force.

    With "no": open referrals are withdrawn (consent_withdrawn), partners that had the case are told to erase, and the
    case goes back to triage, or to in_progress once triage is done. Without the other country: only its partners lose
    the case, which is routed again. Timeline: consent_changed, referral_withdrawn. Feed: tombstones. Outbox: partners.
    """
    before, consent = case.state, consent_in_force(case.report_id)
    case.share = consent.share
    withdrawn: list[Referral] = []
    if not consent.allows_offer:
        withdrawn = withdraw_referrals_step(case, WithdrawalReason.CONSENT_WITHDRAWN, now=now)
        close_consent_requests(report_id=case.report_id, body_id=None, now=now)
        _back_to_our_people(case)
    elif not consent.cross_border:
        across = ~Q(partner__side=F("case__side"))
        withdrawn = withdraw_referrals_step(case, WithdrawalReason.CONSENT_WITHDRAWN, now=now, only=across)
        _route_again(case, withdrawn, now)
    event = Event("consent_changed", {"share": consent.share, "cross_border": consent.cross_border})
    _finish(case, before, [event, *withdrawn_events(withdrawn)], notify.referrals_withdrawn(withdrawn, now), now)


def heed_answer_step(*, case: Case, request_id: UUID, now: datetime) -> None:
    """The person was asked about one partner which had accepted.

    Yes: the case is `accepted`, the contact clock goes on, the partner is told that it may fetch the data. No: that
    referral is withdrawn (consent_withdrawn) and the case is routed again. Timeline: consent_changed. Feed, outbox: the
    partner. An answer about a partner that no longer has the case moves nothing.
    """
    request = ConsentRequest.objects.get(pk=request_id, report_id=case.report_id)
    event = Event("consent_changed", {"request": request.pk, "answer": request.answer})
    if request.answer == "yes":
        _let_partner_go_on(case, request, event, now)
        return
    before, its_own = case.state, Q(partner__body_id=request.body_id)
    withdrawn = withdraw_referrals_step(
        case, WithdrawalReason.CONSENT_WITHDRAWN, now=now, states=ASSIGNED, only=its_own
    )
    _route_again(case, withdrawn, now)
    # Nothing was disclosed yet, so there is nothing to erase: the partner is told that the case is no longer offered.
    rows = [row for referral in withdrawn for row in notify.offer_ended(referral, now)]
    _finish(case, before, [event, *withdrawn_events(withdrawn)], rows, now)


def take_back_step(*, case: Case, is_erased: bool, now: datetime) -> None:
    """The report was withdrawn or erased: the case is `withdrawn` unless it had ended, and nobody keeps it.

    Open referrals are withdrawn (consent_withdrawn or erased), partners that had the case are told to erase. Timeline:
    report_withdrawn or report_erased, referral_withdrawn. Feed: tombstones. Outbox: partners.
    """
    before = case.state
    reason = WithdrawalReason.ERASED if is_erased else WithdrawalReason.CONSENT_WITHDRAWN
    withdrawn = withdraw_referrals_step(case, reason, now=now)
    close_consent_requests(report_id=case.report_id, body_id=None, now=now)
    if may_move_case(case.state, CaseState.WITHDRAWN):
        move(case, CaseState.WITHDRAWN)
    case.routing_wanted_at, case.due_at, case.due_kind = None, None, ""
    event = Event("report_erased" if is_erased else "report_withdrawn")
    _finish(case, before, [event, *withdrawn_events(withdrawn)], notify.referrals_withdrawn(withdrawn, now), now)


def _let_partner_go_on(case: Case, request: ConsentRequest, event: Event, now: datetime) -> None:
    before = case.state
    its_own = case.referrals.filter(partner__body_id=request.body_id, state__in=ASSIGNED)
    referral = its_own.select_related("partner").defer("partner__phone").first()
    if referral is None:
        _finish(case, before, [event], [], now)
        return
    referral.case = case
    referral.contact_due_at = _contact_due(referral, request.asked_at, now)
    referral.updated_at = now
    referral.save(update_fields=["contact_due_at", "updated_at"])
    record_changes([referral], "referral.consent_given", now=now)
    if case.state == CaseState.WAITING_FOR_REPORTER:
        move(case, CaseState.ACCEPTED)
        set_due(case, (referral.contact_due_at, "contact"))
    _finish(case, before, [event], notify.consent_given(referral, now), now, organisation_id=request.body_id)


def _contact_due(referral: Referral, asked_at: datetime, now: datetime) -> datetime:
    """The clock stood still while the person was being asked (domain.md §2)."""
    calendar = partner_calendar(referral.partner)
    if referral.contact_due_at is None:
        return due_at(now, rule_book().clocks[referral.urgency].contact, referral.urgency, calendar)
    return in_working_time(paused(referral.contact_due_at, asked_at, now), urgency=referral.urgency, calendar=calendar)


def _back_to_our_people(case: Case) -> None:
    case.routing_wanted_at = None
    if case.state in _WITH_PARTNERS:
        move(case, CaseState.IN_PROGRESS if case.triaged_at else CaseState.TRIAGE)
        set_due(case)


def _route_again(case: Case, withdrawn: Sequence[Referral], now: datetime) -> None:
    """After these were withdrawn, unless another partner still has the case or was asked."""
    if not withdrawn or case.referrals.filter(state__in=LOAD).exists():
        return
    if may_move_case(case.state, CaseState.ROUTING):
        move(case, CaseState.ROUTING)
        case.routing_wanted_at, case.routing_attempts = now, 0
        set_due(case)


def _finish(
    case: Case,
    before: str,
    events: Sequence[Event],
    rows: Sequence[OutboxMessage],
    now: datetime,
    organisation_id: UUID | None = None,
) -> None:
    """The public status follows a change of state; the person did this, so no mail tells them of it."""
    record_events(case, events, by=REPORTER, now=now)
    case.save()
    notify.write_outbox(rows)
    if case.state != before:
        publish_status(
            report_id=case.report_id, code=case.state, expected_by=case.due_at, organisation_id=organisation_id, now=now
        )
