"""Finds a partner for a case: offers it, proposes three to a caseworker, or says that there is none."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from django.db import transaction

from cases.actions.authorise import authorise
from cases.actions.case_row import BEFORE_OFFER, locked_case, save_case
from cases.actions.decision import decided, latest_decision, store_decision
from cases.actions.leave_to_staff import give_up_step, not_offered_step, propose_step, unrouted_step
from cases.actions.offer import offer_case_step
from cases.actions.once import in_transaction
from cases.actions.record import SYSTEM, Actor
from cases.errors import AgreementNotValid, CapacityExceeded, MoveNotAllowed, NotAllowed, NotFound, StaleObject
from cases.models import Case, Referral, RoutingDecision
from cases.queries.reach import knows_person
from cases.queries.rules import rule_book
from cases.routing.propose import PROPOSED, Proposal, offers_at_once
from cases.routing.situation import case_facts, decide
from cases.workflow import CaseState, ReferralState
from intake.errors import ReportErased

logger = logging.getLogger(__name__)

TRIES = 3  # choices in one go, when partners fill up in the meantime
AGAIN = timedelta(seconds=5)  # after that many: what the sweep waits
LEASE = timedelta(seconds=30)  # while a case is being routed nobody else takes it; doubled with each failure
LONGEST_WAIT = timedelta(hours=1)
GIVE_UP = 5  # failures after which a person gets the case
# An `offered` case wants routing when one of a pair is out and the other is still being asked.
_ROUTED = frozenset({CaseState.ROUTING, CaseState.UNROUTED, CaseState.OFFERED})


@dataclass(frozen=True, slots=True)
class _Plan:
    """What was chosen without locks. It holds for the case as it was at `event_count`."""

    event_count: int
    mode: str  # automatic | propose
    proposal: Proposal | None  # None: the person allows no offer at all
    chosen: Sequence[UUID] = ()
    confirmed: RoutingDecision | None = None  # by a caseworker, with partners left that were not asked yet
    was_asked: bool = False  # somebody was asked in this round before
    is_more: bool = False  # one of a pair is still being asked


class _Outdated(Exception):
    """The case changed between the choice and the lock."""


def route_case(*, case_id: UUID, now: datetime) -> RoutingDecision | None:
    """Routes a case that waits for it; None when it does not (any more), when the person allows no offer, or when it is
    still to be tried again.

    Automatic: the case is offered to the best partner, in U1 to the best two (to the next, where one of them is out).
    Propose: the next of three that a caseworker has confirmed, else three new ones, and the case waits in `triage`.
    Nobody: `unrouted`, and staff are told. Timeline: routing_decided, then referral_offered or unrouted. Raises
    MoveNotAllowed.
    """
    for _ in range(TRIES):
        case = Case.objects.filter(pk=case_id, routing_wanted_at__isnull=False, state__in=_ROUTED).first()
        if case is None:
            return None
        if case.urgency not in rule_book().clocks:  # nothing can be offered without a clock: a person must know
            return in_transaction(partial(_without_clocks_step, case_id, now))
        plan = _plan(case, now)
        try:
            return in_transaction(partial(_carry_out_step, case_id, plan, now))
        except (_Outdated, CapacityExceeded, AgreementNotValid, NotAllowed):
            continue
    Case.objects.filter(pk=case_id, routing_wanted_at__isnull=False).update(
        routing_wanted_at=now + AGAIN, routing_attempts=0
    )
    return None


def propose(*, case_id: UUID, by: Actor, now: datetime) -> RoutingDecision:
    """A new proposal of three because a caseworker asks for it. The case waits in `triage`, or becomes `unrouted`.

    Timeline: routing_decided. Raises NotFound, MoveNotAllowed, StaleObject, and NotAllowed when the person allows no
    offer.
    """
    for _ in range(TRIES):
        case = Case.objects.filter(pk=case_id).first()
        if case is None:
            raise NotFound()
        user = authorise(by, "offer", side=case.side)
        if knows_person(user.pk, case.pk):
            raise NotFound()
        if case.state not in BEFORE_OFFER:
            raise MoveNotAllowed(state=case.state)
        plan = _plan(case, now, asked_for=True)
        if plan.proposal is None:
            raise NotAllowed(reasons=["no_consent"])
        try:
            return in_transaction(partial(_carry_out_proposal_step, case_id, plan, plan.proposal, by, now))
        except _Outdated:
            continue
    raise StaleObject()


def route_waiting(*, now: datetime, limit: int = 50) -> int:
    """Routes the cases that are due for it, urgent ones first; returns how many were taken.

    Each is claimed by itself and routed in its own transaction. One that fails waits longer each time and holds up no
    other; after five failures a person gets it, as `unrouted`.
    """
    waiting = Case.objects.filter(routing_wanted_at__lte=now).order_by("urgency", "routing_wanted_at", "pk")
    taken = 0
    for case_id, attempts in waiting.values_list("pk", "routing_attempts")[:limit]:
        if _claim(case_id, attempts, now):
            taken += 1
            _route_claimed(case_id, attempts + 1, now)
    return taken


# --- choosing, without locks ------------------------------------------------------------------------------------------
def _plan(case: Case, now: datetime, *, asked_for: bool = False) -> _Plan:
    """`asked_for`: a caseworker wants a new proposal, whatever policy says and whatever was confirmed before."""
    policy = rule_book().policy(case.category_id, case.urgency)
    goes_untriaged = policy.without_triage and case.triage_missed and case.triaged_at is None
    automatic = not asked_for and (policy.is_automatic or goes_untriaged)
    plan = partial(_Plan, event_count=case.event_count, mode="automatic" if automatic else "propose")
    try:
        facts = case_facts(case, now)
    except ReportErased:
        return plan(proposal=None)
    if not facts.allows_offers:
        return plan(proposal=None)
    proposal = decide(case, facts, now)
    plan = partial(plan, proposal=proposal, was_asked=any(past.round == case.round for past in facts.past))
    is_more = case.state == CaseState.OFFERED
    at_once = offers_at_once(case.urgency)
    if is_more:
        plan = partial(plan, is_more=True)
        at_once -= Referral.objects.filter(case=case, state=ReferralState.OFFERED).count()
        if at_once <= 0:
            return plan()
    confirmed = None if automatic or asked_for else latest_decision(case, confirmed=True)
    if confirmed is not None and (left := proposal.still_eligible(confirmed.chosen)):
        return plan(chosen=left[:at_once], confirmed=confirmed)
    return plan(chosen=proposal.best(at_once if automatic else PROPOSED))


# --- carrying it out, under the case's lock ---------------------------------------------------------------------------
def _as_planned(case_id: UUID, plan: _Plan) -> Case:
    case = locked_case(case_id)
    if case.event_count != plan.event_count:
        raise _Outdated()
    return case


def _carry_out_step(case_id: UUID, plan: _Plan, now: datetime) -> RoutingDecision | None:
    case = _as_planned(case_id, plan)
    if plan.is_more and not (plan.chosen and (plan.mode == "automatic" or plan.confirmed)):
        _leave_as_it_is_step(case)
        return None
    if plan.proposal is None:
        not_offered_step(case, by=SYSTEM, now=now)
        return None
    if not plan.chosen or (plan.mode == "propose" and plan.confirmed is None):
        return _leave_to_staff_step(case, plan, plan.proposal, SYSTEM, now)
    decision = plan.confirmed or store_decision(case, plan.proposal, mode=plan.mode, chosen=plan.chosen, now=now)
    events = [] if plan.confirmed else [decided(decision)]
    offer_case_step(
        case=case,
        partner_ids=plan.chosen,
        decision=decision,
        by=SYSTEM,
        now=now,
        events=events,
        is_more=plan.is_more,
    )
    return decision


def _leave_as_it_is_step(case: Case) -> None:
    """Nobody else can be asked beside the one who is."""
    case.routing_wanted_at, case.routing_attempts = None, 0
    save_case(case)


def _without_clocks_step(case_id: UUID, now: datetime) -> None:
    case = locked_case(case_id)
    if case.state == CaseState.OFFERED:
        _leave_as_it_is_step(case)
    elif case.state in _ROUTED and case.routing_wanted_at is not None:
        give_up_step(case, because="no_clock", attempts=case.routing_attempts, by=SYSTEM, now=now)


def _carry_out_proposal_step(
    case_id: UUID, plan: _Plan, proposal: Proposal, by: Actor, now: datetime
) -> RoutingDecision:
    return _leave_to_staff_step(_as_planned(case_id, plan), plan, proposal, by, now)


def _leave_to_staff_step(case: Case, plan: _Plan, proposal: Proposal, by: Actor, now: datetime) -> RoutingDecision:
    if not plan.chosen:
        return unrouted_step(case, proposal, mode=plan.mode, was_asked=plan.was_asked, by=by, now=now)
    return propose_step(case, proposal, plan.chosen, was_asked=plan.was_asked, by=by, now=now)


# --- the sweep --------------------------------------------------------------------------------------------------------
def _claim(case_id: UUID, attempts: int, now: datetime) -> bool:
    """One conditional UPDATE: of several workers exactly one gets the case, and none waits for a locked row."""
    free = Case.objects.select_for_update(no_key=True, skip_locked=True).filter(
        pk=case_id, routing_wanted_at__lte=now, routing_attempts=attempts
    )
    wait = min(LEASE * 2 ** min(attempts, 10), LONGEST_WAIT)
    with transaction.atomic(durable=True):
        claimed = Case.objects.filter(pk__in=free.values("pk")).update(
            routing_wanted_at=now + wait, routing_attempts=attempts + 1
        )
    return claimed == 1


def _route_claimed(case_id: UUID, attempts: int, now: datetime) -> None:
    try:
        route_case(case_id=case_id, now=now)
    except Exception as error:  # noqa: BLE001 whatever is wrong with this case must not stop the others
        # Only the kind of error: its text could hold what a person wrote.
        logger.error("routing case %s failed, attempt %s: %s", case_id, attempts, type(error).__name__)
        if attempts >= GIVE_UP:
            _give_up(case_id, attempts, now)


def _give_up(case_id: UUID, attempts: int, now: datetime) -> None:
    """A person takes over. Where not even that can be written, the case keeps waiting and is tried again."""

    def give_up() -> None:
        case = locked_case(case_id)
        if case.state == CaseState.OFFERED:
            _leave_as_it_is_step(case)
        elif case.state in _ROUTED and case.routing_wanted_at is not None:
            give_up_step(case, attempts=attempts, by=SYSTEM, now=now)

    try:
        in_transaction(give_up)
    except Exception as error:  # noqa: BLE001 as above
        logger.error("case %s cannot be given to a person: %s", case_id, type(error).__name__)
