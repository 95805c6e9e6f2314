"""What follows when a person changes consent, answers a question about one partner, or takes the report back."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db.models import F, Q

from cases.actions import notify
from cases.actions.record import REPORTER, Event, record_changes, record_events
from cases.actions.withdraw_referrals import withdraw_referrals_step, withdrawn_events
from cases.deadlines import due_at, paused
from cases.models import Case, Referral
from cases.queries.calendars import partner_calendar
from cases.queries.rules import rule_book
from cases.workflow import ASSIGNED, ENDED_CASES, CaseState, WithdrawalReason, check_case_move, may_move_case
from intake.actions.change_consent import close_consent_requests
from intake.actions.publish_status import publish_status
from intake.models import ConsentRequest
from intake.queries import consent_in_force

# Where a case stands while partners are being found or have it: without consent it goes back to our own people.
_WITH_PARTNERS = frozenset(
    {CaseState.ROUTING, CaseState.OFFERED, CaseState.ACCEPTED, CaseState.UNROUTED, CaseState.WAITING_FOR_REPORTER}
)


def heed_consent_step(*, case: Case, now: datetime) -> None:
    """Follows the consent in force. A step; the caller holds the case's lock.

    With "no": open referrals are withdrawn (consent_withdrawn), partners that had the case are told to erase, and the
    case goes back to triage, or to in_progress if triage is done. Without the other country: only its partners' go, and
    the case is routed again. Timeline: consent_changed, referral_withdrawn. Feed: tombstones. Outbox: each partner.
    """
    consent = consent_in_force(case.report_id)
    case.share = consent.share
    everything, the_other_side = Q(), ~Q(partner__side=F("case__side"))
    forbidden = None if consent.cross_border else the_other_side
    if not consent.allows_offer:
        forbidden = everything
    withdrawn = []
    if forbidden is not None:
        withdrawn = withdraw_referrals_step(case, WithdrawalReason.CONSENT_WITHDRAWN, now=now, only=forbidden)
    if not consent.allows_offer:
        close_consent_requests(report_id=case.report_id, body_id=None, now=now)
        _back_to_our_people(case)
    elif withdrawn:
        _route_again_if_nobody_has_it(case, now)
    _finish(case, withdrawn, [Event("consent_changed", {"share": consent.share})], now)


def heed_answer_step(*, case: Case, request_id: UUID, now: datetime) -> None:
    """The person was asked about one partner that had accepted. A step; the caller holds the case's lock.

    Yes: the case is `accepted`, the contact clock goes on, the partner is told that it may fetch the data. No: that
    referral is withdrawn (consent_withdrawn) and the case is routed again. Timeline: consent_changed. Feed, outbox: the
    partner. An answer about a partner that no longer has the case changes nothing.
    """
    request = ConsentRequest.objects.get(pk=request_id, report_id=case.report_id)
    event = Event("consent_changed", {"request": request.pk, "answer": request.answer})
    of_this_partner = Q(partner__body_id=request.body_id)
    if request.answer == "yes":
        _let_partner_go_on(case, request, now, event)
        return
    withdrawn = withdraw_referrals_step(
        case, WithdrawalReason.CONSENT_WITHDRAWN, now=now, states=ASSIGNED, only=of_this_partner
    )
    _route_again_if_nobody_has_it(case, now) if withdrawn else None
    _finish(case, withdrawn, [event], now, was_disclosed=False)
