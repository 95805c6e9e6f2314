"""Offers a case to partners, under the locks that keep capacity, consent and agreements true."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from cases.actions import notify
from cases.actions.add_note import add_note_step, checked_note
from cases.actions.authorise import authorise
from cases.actions.case_row import BEFORE_OFFER, locked_case, move, save_case
from cases.actions.decision import decided, latest_decision, store_decision
from cases.actions.once import in_transaction
from cases.actions.record import Actor, Event, record_changes, record_events
from cases.actions.referral_row import set_partner_clocks
from cases.deadlines import due_at
from cases.errors import (
    AgreementNotValid,
    CapacityExceeded,
    MoveNotAllowed,
    NotAllowed,
    NotFound,
    ReasonRequired,
    StaleObject,
)
from cases.models import Case, PartnerOrganisation, Referral, RoutingDecision, User
from cases.queries.agreements import AgreementTerms
from cases.queries.reach import knows_person
from cases.queries.rules import rule_book
from cases.routing.propose import Proposal
from cases.routing.requirements import AGREEMENT_REASONS, agreement_relied_on, check, memorandum_relied_on
from cases.routing.situation import case_facts, decide, partner_facts
from cases.routing.snapshot import CaseFacts, PartnerFacts
from cases.workflow import CaseState, ReferralState
from intake.actions.publish_status import publish_status
from intake.errors import InvalidInput


def offer_case(
    *,
    case_id: UUID,
    partner_ids: Sequence[UUID],
    decision_id: UUID | None = None,
    reason: str = "",
    by: Actor,
    now: datetime,
) -> list[Referral]:
    """A caseworker's offer: to proposed partners, which confirms the proposal, or to another one, with a reason.

    No reason sets a hard requirement aside. Without `decision_id` the newest decision of the round is meant. The reason
    is kept as an internal note, sealed under the report's key. Otherwise as `offer_case_step`. Raises NotFound,
    NotAllowed, InvalidInput, ReasonRequired, StaleObject, ReportErased and what the step raises.
    """
    case = Case.objects.filter(pk=case_id).first()
    if case is None:
        raise NotFound()
    staff = authorise(by, "offer", side=case.side)
    if knows_person(staff.pk, case.pk):
        raise NotFound()
    if not partner_ids or len(set(partner_ids)) != len(partner_ids):
        raise InvalidInput(fields={"partner_ids": [_("Please choose one of these.")]})
    decision = latest_decision(case, decision_id)
    if decision is not None and {str(partner_id) for partner_id in partner_ids} <= set(decision.chosen):
        make = partial(_confirm_step, decision=decision, staff=staff, now=now)
    else:
        staff = authorise(by, "override", side=case.side)
        if not reason.strip():
            raise ReasonRequired()
        note = checked_note(reason, "reason")
        # Why each other partner was not chosen is told also where a person decides otherwise.
        proposal = decide(case, case_facts(case, now), now)
        make = partial(_override_step, proposal=proposal, chosen=partner_ids, reason=note, staff=staff, now=now)

    def offer() -> list[Referral]:
        locked = locked_case(case_id)
        if locked.round != case.round:
            raise StaleObject()
        made, events = make(locked)
        return offer_case_step(case=locked, partner_ids=partner_ids, decision=made, by=by, now=now, events=events)

    return in_transaction(offer)


def offer_case_step(
    *,
    case: Case,
    partner_ids: Sequence[UUID],
    decision: RoutingDecision,
    by: Actor,
    now: datetime,
    events: Sequence[Event] = (),
    is_more: bool = False,
) -> list[Referral]:
    """Makes the referrals and moves the case to `offered`. The caller holds the case's lock. `is_more`: the case is
    offered already, and of a pair one partner is out.

    Locks all partners at once, reads consent, agreements, load and pauses anew and checks every hard requirement under
    the locks: CapacityExceeded, AgreementNotValid or NotAllowed (each with `reasons`), or MoveNotAllowed. Timeline:
    referral_offered (after `events`). Feed and outbox: each partner. Publishes the public status.
    """
    if case.state not in BEFORE_OFFER and not (is_more and case.state == CaseState.OFFERED):
        raise MoveNotAllowed(state=case.state)
    referrals = make_offers_step(case, partner_ids, decision, now)
    _move_to_offered(case)
    record_events(case, [*events, *(offered(referral) for referral in referrals)], by=by, now=now)
    set_partner_clocks(case)
    save_case(case)
    answered_by = max(referral.answer_due_at for referral in referrals)
    publish_status(report_id=case.report_id, code=case.state, expected_by=answered_by, now=now)
    notify.write_outbox(notify.offer(referrals, now))
    return referrals


def make_offers_step(
    case: Case,
    partner_ids: Sequence[UUID],
    decision: RoutingDecision,
    now: datetime,
    *,
    takes_over_from: Referral | None = None,
) -> list[Referral]:
    """The referrals alone, with every requirement checked under the partners' locks. Feed: each partner."""
    partners = _lock_partners(partner_ids)
    facts = case_facts(case, now)
    standing = {partner.id: partner for partner in partner_facts(case, facts, now, only=partner_ids)}
    relied_on = [_require(facts, standing.get(partner_id), now) for partner_id in partner_ids]
    referrals = [_referral(case, partners[one.partner.id], one, decision, now) for one in relied_on]
    for referral in referrals:
        referral.takes_over_from = takes_over_from
    Referral.objects.bulk_create(referrals)
    record_changes(referrals, now=now)
    return referrals


def offered(referral: Referral) -> Event:
    return Event(
        "referral_offered",
        {"referral": referral.pk, "partner": referral.partner_id, "answer_due_at": referral.answer_due_at},
    )


def _confirm_step(
    case: Case, *, decision: RoutingDecision, staff: User, now: datetime
) -> tuple[RoutingDecision, list[Event]]:
    if decision.confirmed_at is None:
        decision.confirmed_by, decision.confirmed_at = staff, now
        decision.save(update_fields=["confirmed_by", "confirmed_at"])
    return decision, []


def _override_step(
    case: Case, *, proposal: Proposal, chosen: Sequence[UUID], reason: str, staff: User, now: datetime
) -> tuple[RoutingDecision, list[Event]]:
    decision = store_decision(case, proposal, mode="override", chosen=chosen, now=now, confirmed_by=staff)
    note = add_note_step(case=case, text=reason, author=staff, now=now)
    return decision, [decided(decision), Event("overridden", {"decision": decision.pk, "note": note.pk})]


def _lock_partners(partner_ids: Sequence[UUID]) -> dict[UUID, PartnerOrganisation]:
    """All of them in one statement, by id: two offers that share partners never wait for each other crosswise."""
    rows = PartnerOrganisation.objects.select_for_update(no_key=True).filter(pk__in=partner_ids).order_by("pk")
    return {partner.pk: partner for partner in rows.defer("phone")}


@dataclass(frozen=True, slots=True)
class _MayOffer:
    """A partner that passed, and the agreement chain that the offer relies on."""

    partner: PartnerFacts
    agreement: AgreementTerms
    memorandum: AgreementTerms | None


def _require(case: CaseFacts, partner: PartnerFacts | None, now: datetime) -> _MayOffer:
    reasons = check(case, partner, now) if partner else ("no_service",)
    agreement = agreement_relied_on(case, partner) if partner else None
    if partner and agreement and not reasons:
        return _MayOffer(partner, agreement, memorandum_relied_on(case, partner))
    if AGREEMENT_REASONS.intersection(reasons):
        raise AgreementNotValid(reasons=list(reasons))
    if reasons == ("no_free_capacity",):
        raise CapacityExceeded(reasons=list(reasons))
    raise NotAllowed(reasons=list(reasons))


def _move_to_offered(case: Case) -> None:
    """From triage a caseworker's choice goes through `routing`, as every offer does."""
    if case.state == CaseState.TRIAGE:
        move(case, CaseState.ROUTING)
    if case.state != CaseState.OFFERED:
        move(case, CaseState.OFFERED)
    case.routing_wanted_at, case.routing_attempts = None, 0


def _referral(
    case: Case, partner: PartnerOrganisation, relied_on: _MayOffer, decision: RoutingDecision, now: datetime
) -> Referral:
    hours = rule_book().clocks[case.urgency].answer
    return Referral(
        case=case,
        partner=partner,
        state=ReferralState.OFFERED,
        round=case.round,
        urgency=case.urgency,
        category_id=case.category_id,
        decision=decision,
        agreement_version_id=relied_on.agreement.version_id,
        memorandum_version_id=relied_on.memorandum.version_id if relied_on.memorandum else None,
        offered_at=now,
        answer_due_at=due_at(now, hours, case.urgency, relied_on.partner.calendar),
        updated_at=now,
    )
