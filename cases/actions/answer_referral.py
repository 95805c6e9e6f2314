"""A partner's answer to an offer: exactly one acceptance wins; after the last refusal the case is routed on."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from cases.actions import notify
from cases.actions.add_note import checked_note
from cases.actions.case_row import locked_case, move, save_case, set_due
from cases.actions.once import in_transaction
from cases.actions.pause_clocks import pause_clocks_step
from cases.actions.record import SYSTEM, Actor, Event, record_changes, record_events
from cases.actions.withdraw_referrals import withdraw_referrals_step, withdrawn_events
from cases.deadlines import due_at
from cases.errors import AgreementNotValid, AlreadyAccepted, NotAllowed, NotFound
from cases.models import Case, PartnerOrganisation, Referral, VitalInterest
from cases.queries.agreements import agreements_in_force, lets_data_flow
from cases.queries.calendars import partner_calendar
from cases.queries.rules import rule_book
from cases.workflow import CaseState, DeclineReason, ReferralState, WithdrawalReason, check_referral_move
from intake.actions.change_consent import ask_consent
from intake.actions.publish_status import publish_status
from intake.errors import InvalidInput
from intake.models import ReportKey
from intake.queries import consent_in_force

PAUSE_DAYS = 14  # when a partner without free places names no date
LONGEST_PAUSE_DAYS = 180


def accept_referral(*, referral_id: UUID, partner_id: UUID, by: Actor, now: datetime) -> Referral:
    """As `accept_referral_step`, in a transaction of its own."""
    return in_transaction(lambda: accept_referral_step(referral_id=referral_id, partner_id=partner_id, by=by, now=now))


def decline_referral(
    *,
    referral_id: UUID,
    partner_id: UUID,
    reason: str,
    note: str = "",
    paused_until: date | None = None,
    by: Actor,
    now: datetime,
) -> Referral:
    """As `decline_referral_step`, in a transaction of its own."""
    return in_transaction(
        lambda: decline_referral_step(
            referral_id=referral_id,
            partner_id=partner_id,
            reason=reason,
            note=note,
            paused_until=paused_until,
            by=by,
            now=now,
        )
    )


def accept_referral_step(*, referral_id: UUID, partner_id: UUID, by: Actor, now: datetime) -> Referral:
    """The partner takes the case. The other offer of a pair is withdrawn (accepted_elsewhere).

    With *ask me first* and no yes to this organisation yet, the person is asked by its name and the case is
    `waiting_for_reporter`: nothing is disclosed, and the contact clock stands still until the answer. Else the case is
    `accepted`. Timeline: referral_accepted, referral_withdrawn, clocks_paused. Feed: both partners. Outbox: the other
    partner and, if they opted in, the reporter. Publishes the public status. Raises NotFound (unknown or another
    partner's), AlreadyAccepted, MoveNotAllowed, AgreementNotValid (it ended since the offer: the partner can only
    decline), NotAllowed (the person has said no meanwhile).
    """
    case, referral = _locked(referral_id, partner_id)
    _may_answer(referral, ReferralState.ACCEPTED)
    _require_agreement(case, referral.partner, now)
    is_asked = _must_ask(case, referral.partner)
    contact_hours = rule_book().clocks[referral.urgency].contact
    contact_due = due_at(now, contact_hours, referral.urgency, partner_calendar(referral.partner))
    referral.state, referral.contact_due_at = ReferralState.ACCEPTED, contact_due
    referral.answered_at = referral.updated_at = now
    referral.save(update_fields=["state", "answered_at", "contact_due_at", "updated_at"])
    record_changes([referral], now=now)
    others = withdraw_referrals_step(case, WithdrawalReason.ACCEPTED_ELSEWHERE, now=now, states={ReferralState.OFFERED})
    events = [_event("referral_accepted", referral), *(replace(event, by=SYSTEM) for event in withdrawn_events(others))]
    record_events(case, events, by=by, now=now)
    if is_asked:
        _ask_step(case, referral, now)
    else:
        _begin_step(case, referral, contact_due, now)
    tell_reporter = notify.message_waiting if is_asked else notify.status_changed
    notify.write_outbox([*notify.referrals_withdrawn(others, now), *tell_reporter(case, now)])
    return referral


def decline_referral_step(
    *,
    referral_id: UUID,
    partner_id: UUID,
    reason: str,
    note: str = "",
    paused_until: date | None = None,
    by: Actor,
    now: datetime,
) -> Referral:
    """The partner does not take the case; when no other offer is open it is routed on at once.

    `no_capacity` pauses the partner for new offers until `paused_until`, the last day of the pause (at most 180 days
    ahead; without it 14 days). The note is sealed under the report's key. Timeline: referral_declined. Feed: the
    partner. Raises NotFound, MoveNotAllowed, AlreadyAccepted, InvalidInput, ReportErased.
    """
    if reason not in DeclineReason:
        raise InvalidInput(fields={"reason": [_("Please choose one of these.")]})
    text = checked_note(note, "note") if note.strip() else ""
    case, referral = _locked(referral_id, partner_id)
    _may_answer(referral, ReferralState.DECLINED)
    pause = _pause(referral.partner, reason, paused_until, now)
    referral.state, referral.decline_reason = ReferralState.DECLINED, reason
    referral.answered_at = referral.ended_at = referral.updated_at = now
    if text:
        referral.seal(ReportKey.of(case.report_id), note=text)
    referral.save(update_fields=["state", "decline_reason", "answered_at", "ended_at", "updated_at", "note"])
    if pause is not None:
        PartnerOrganisation.objects.filter(pk=partner_id).update(paused_until=pause)
    record_changes([referral], now=now)
    record_events(case, [_event("referral_declined", referral, reason=reason)], by=by, now=now)
    route_on_step(case, now)
    return referral


def route_on_step(case: Case, now: datetime) -> None:
    """After an offer ended without acceptance: the case is routed again unless another offer is open. Saves it."""
    open_until = list(
        Referral.objects.filter(case=case, state=ReferralState.OFFERED).values_list("answer_due_at", flat=True)
    )
    set_due(case, *((due, "answer") for due in open_until))
    if not open_until and case.state == CaseState.OFFERED:
        move(case, CaseState.ROUTING)
        case.routing_wanted_at, case.routing_attempts = now, 0
        publish_status(report_id=case.report_id, code=case.state, now=now)
    save_case(case)


def _locked(referral_id: UUID, partner_id: UUID) -> tuple[Case, Referral]:
    """The case's lock first, then the referral as it stands under it. Unknown and another partner's look the same."""
    rows = Referral.objects.filter(pk=referral_id, partner=partner_id)
    case_id = rows.values_list("case", flat=True).first()
    if case_id is None:
        raise NotFound()
    case = locked_case(case_id)
    referral = rows.select_related("partner").defer("partner__phone").get()
    referral.case = case
    return case, referral


def _may_answer(referral: Referral, new_state: str) -> None:
    if referral.withdrawal_reason == WithdrawalReason.ACCEPTED_ELSEWHERE:
        raise AlreadyAccepted(state=referral.state)
    check_referral_move(referral.state, new_state)


def _require_agreement(case: Case, partner: PartnerOrganisation, now: datetime) -> None:
    """An open offer is no running referral: data would flow only from now on, so the chain must be in force now."""
    in_force = agreements_in_force([partner.pk], now)
    if not lets_data_flow(in_force, partner.pk, crosses=partner.side != case.side):
        raise AgreementNotValid()


def _must_ask(case: Case, partner: PartnerOrganisation) -> bool:
    """Whether the person has still to say yes to this organisation. Raises NotAllowed: they have said no meanwhile."""
    if VitalInterest.objects.groups(case.pk, partner.pk):
        return False  # decided without the person, by two people with a reason
    consent = consent_in_force(case.report_id)
    may_cross = partner.side == case.side or consent.cross_border
    if not may_cross or not consent.allows_offer_to(partner.body_id):
        raise NotAllowed(reasons=["no_consent" if may_cross else "cross_border_not_allowed"])
    return not consent.allows_disclosure_to(partner.body_id)


def _ask_step(case: Case, referral: Referral, now: datetime) -> None:
    """The contact clock stands still while the person is asked (domain.md §2)."""
    ask_consent(report_id=case.report_id, body_id=referral.partner.body_id, now=now)
    record_events(case, [pause_clocks_step(case, now=now)], by=SYSTEM, now=now)
    save_case(case)
    publish_status(report_id=case.report_id, code=case.state, now=now)


def _begin_step(case: Case, referral: Referral, contact_due: datetime, now: datetime) -> None:
    move(case, CaseState.ACCEPTED)
    set_due(case, (contact_due, "contact"))
    save_case(case)
    publish_status(
        report_id=case.report_id,
        code=case.state,
        expected_by=contact_due,
        organisation_id=referral.partner.body_id,
        now=now,
    )


def _pause(partner: PartnerOrganisation, reason: str, until: date | None, now: datetime) -> date | None:
    """The last day of the pause that follows, in the partner's own zone. A longer pause is never shortened unasked."""
    if reason != DeclineReason.NO_CAPACITY:
        if until is not None:
            raise InvalidInput(fields={"paused_until": [_("A pause goes with “no free places” only.")]})
        return None
    today = now.astimezone(partner_calendar(partner).zone).date()
    if until is None:
        return max(today + timedelta(days=PAUSE_DAYS), partner.paused_until or today)
    if not today < until <= today + timedelta(days=LONGEST_PAUSE_DAYS):
        message = _("Please give a date in the next %(days)s days.") % {"days": LONGEST_PAUSE_DAYS}
        raise InvalidInput(fields={"paused_until": [message]})
    return until


def _event(code: str, referral: Referral, **details: str) -> Event:
    return Event(code, {"referral": referral.pk, "partner": referral.partner_id, **details})
