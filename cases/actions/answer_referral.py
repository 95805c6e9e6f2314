"""A partner's answer to an offer: exactly one acceptance wins; after the last refusal the case is routed on."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from cases.actions import notify
from cases.actions.add_note import checked_note
from cases.actions.case_row import move, save_case, set_due
from cases.actions.hand_over import hand_over_step
from cases.actions.once import in_transaction
from cases.actions.pause_clocks import pause_clocks_step
from cases.actions.record import SYSTEM, Actor, record_changes, record_events
from cases.actions.referral_row import locked_referral, moved, set_partner_clocks
from cases.actions.wake_unrouted import wake_unrouted_step
from cases.actions.withdraw_referrals import withdraw_referrals_step, withdrawn_events
from cases.deadlines import due_at
from cases.errors import AgreementNotValid, AlreadyAccepted, NotAllowed
from cases.models import Case, PartnerOrganisation, Referral, VitalInterest
from cases.models.partner import PartnerPause
from cases.queries.agreements import agreements_in_force, lets_data_flow
from cases.queries.calendars import partner_calendar
from cases.queries.rules import rule_book
from cases.routing.propose import offers_at_once
from cases.workflow import LOAD, CaseState, DeclineReason, ReferralState, WithdrawalReason, check_referral_move
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
    `accepted`. A transferred case changes hands: at once, or when the person has said yes; its state stays. Timeline:
    referral_accepted, referral_withdrawn, referral_transferred, clocks_paused. Feed: the partners. Outbox: the other
    partner and, if they opted in, the reporter. Publishes the public status. Raises NotFound (unknown or another
    partner's), AlreadyAccepted, MoveNotAllowed, AgreementNotValid (it ended since the offer: the partner can only
    decline), NotAllowed (the person has said no meanwhile).
    """
    case, referral = locked_referral(referral_id, by, partner_id=partner_id)
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
    events = [moved("referral_accepted", referral), *(replace(event, by=SYSTEM) for event in withdrawn_events(others))]
    is_transfer = referral.takes_over_from_id is not None
    if is_transfer and not is_asked:
        events += hand_over_step(referral, now)
    record_events(case, events, by=by, now=now)
    case.routing_wanted_at = None  # a second partner is not looked for any more
    if is_transfer:
        _take_over_step(case, referral, is_asked, now)
    elif is_asked:
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
    case, referral = locked_referral(referral_id, by, partner_id=partner_id)
    _may_answer(referral, ReferralState.DECLINED)
    pause = _pause(referral.partner, reason, paused_until, now)
    referral.state, referral.decline_reason = ReferralState.DECLINED, reason
    referral.answered_at = referral.ended_at = referral.updated_at = now
    if text:
        referral.seal(ReportKey.of(case.report_id), note=text)
    referral.save(update_fields=["state", "decline_reason", "answered_at", "ended_at", "updated_at", "note"])
    _keep_pause(referral.partner, pause)
    record_changes([referral], now=now)
    record_events(case, [moved("referral_declined", referral, reason=reason)], by=by, now=now)
    route_on_step(case, now)
    wake_unrouted_step([referral.partner_id], now=now)
    return referral


def pause_step(partner: PartnerOrganisation, reason: str, until: date | None, now: datetime) -> None:
    """The pause that follows when a partner says that it has no free places."""
    _keep_pause(partner, _pause(partner, reason, until, now))


def route_on_step(case: Case, now: datetime) -> None:
    """After an offer ended without acceptance: whoever else can be asked is asked. Saves the case.

    With no other offer open the case is routed again; while one of a U1 pair is, a second one is looked for and the
    case stays `offered`. Where the offer was a transfer, the partner that has the case keeps it and staff are told.
    """
    loads = Referral.objects.filter(case=case, state__in=LOAD)
    states = list(loads.values_list("state", flat=True))
    offers = states.count(ReferralState.OFFERED)
    set_partner_clocks(case)
    if not states and case.state in _MAY_ROUTE_ON:
        move(case, CaseState.ROUTING)
        case.routing_wanted_at, case.routing_attempts = now, 0
        publish_status(report_id=case.report_id, code=case.state, now=now)
    elif case.state == CaseState.OFFERED and 0 < offers < offers_at_once(case.urgency):
        case.routing_wanted_at, case.routing_attempts = now, 0
    elif len(states) > offers:
        notify.write_outbox(notify.partner_moved(case, "transfer_failed", now))
    save_case(case)


_MAY_ROUTE_ON = frozenset({CaseState.OFFERED, CaseState.ACCEPTED, CaseState.IN_PROGRESS})


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


def _take_over_step(case: Case, referral: Referral, is_asked: bool, now: datetime) -> None:
    """The case goes on where it is. While the person is being asked, the partner that has it keeps it."""
    if is_asked:
        ask_consent(report_id=case.report_id, body_id=referral.partner.body_id, now=now)
    set_partner_clocks(case)
    save_case(case)
    if not is_asked and case.state in {CaseState.ACCEPTED, CaseState.IN_PROGRESS}:
        publish_status(
            report_id=case.report_id,
            code=case.state,
            expected_by=referral.contact_due_at,
            organisation_id=referral.partner.body_id,
            now=now,
        )


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


def _keep_pause(partner: PartnerOrganisation, until: date | None) -> None:
    if until is not None:
        paused = {"paused_until": until, "paused_because": PartnerPause.NO_CAPACITY}
        PartnerOrganisation.objects.filter(pk=partner.pk).update(**paused)
