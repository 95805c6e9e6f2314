"""A caseworker hands an accepted case from one partner to another. The old one keeps it until the new one has it."""

from datetime import datetime
from functools import partial
from uuid import UUID

from cases.actions import notify
from cases.actions.add_note import add_note_step, checked_note
from cases.actions.authorise import authorise
from cases.actions.case_row import save_case
from cases.actions.decision import decided, store_decision
from cases.actions.offer import make_offers_step, offered
from cases.actions.once import in_transaction
from cases.actions.record import Actor, Event, record_events
from cases.actions.referral_row import locked_referral, moved, set_partner_clocks
from cases.errors import MoveNotAllowed, NotAllowed, NotFound, ReasonRequired
from cases.models import Case, Referral, User
from cases.routing.propose import Proposal
from cases.routing.situation import case_facts, decide
from cases.workflow import ASSIGNED, LOAD


def transfer_referral(*, referral_id: UUID, partner_id: UUID, reason: str, by: Actor, now: datetime) -> Referral:
    """Offers the case to another partner, under the same requirements as every offer; returns the new referral.

    Until that partner has accepted, and the person has said yes to it where they want to be asked, the old one goes on:
    a refusal, silence or a no changes nothing for the person. Then the old referral becomes `transferred`
    (hand_over_step). The reason is kept as an internal note. Timeline: routing_decided, transfer_offered,
    referral_offered. Feed and outbox: the new partner. Raises NotFound, NotAllowed, ReasonRequired, InvalidInput,
    MoveNotAllowed (no partner has it, or a transfer is under way), CapacityExceeded, AgreementNotValid, ReportErased.
    """
    if by.kind != "staff":
        raise NotAllowed()
    if not reason.strip():
        raise ReasonRequired()
    note = checked_note(reason, "reason")
    case = Case.objects.filter(referrals=referral_id).first()
    if case is None:
        raise NotFound()
    staff = authorise(by, "offer", side=case.side)
    proposal = decide(case, case_facts(case, now), now)
    step = partial(_transfer_step, referral_id, partner_id, note, proposal, staff, by, now)
    return in_transaction(step)


def _transfer_step(
    referral_id: UUID, partner_id: UUID, note: str, proposal: Proposal, staff: User, by: Actor, now: datetime
) -> Referral:
    case, old = locked_referral(referral_id, by)
    under_way = Referral.objects.filter(case=case, state__in=LOAD, takes_over_from__isnull=False)
    if old.state not in ASSIGNED or under_way.exists():
        raise MoveNotAllowed(state=old.state)
    kept = add_note_step(case=case, text=note, author=staff, now=now)
    decision = store_decision(case, proposal, mode="transfer", chosen=[partner_id], now=now, confirmed_by=staff)
    [new] = make_offers_step(case, [partner_id], decision, now, takes_over_from=old)
    begun: Event = moved("transfer_offered", old, to=new.pk, note=kept.pk)
    record_events(case, [decided(decision), begun, offered(new)], by=by, now=now)
    set_partner_clocks(case)
    save_case(case)
    notify.write_outbox(notify.offer([new], now))
    return new
