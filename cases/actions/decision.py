"""Keeps routing decisions with their explanation: codes, ids and numbers only."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from cases.actions.record import Event
from cases.errors import NotFound
from cases.models import Case, RoutingDecision, User
from cases.routing.propose import RULES_VERSION, Proposal


def store_decision(
    case: Case,
    proposal: Proposal,
    *,
    mode: str,
    chosen: Sequence[UUID],
    now: datetime,
    confirmed_by: User | None = None,
) -> RoutingDecision:
    """`mode`: automatic, propose or override. A step of one statement."""
    return RoutingDecision.objects.create(
        case=case,
        round=case.round,
        at=now,
        mode=mode,
        rules_version=f"{RULES_VERSION}.{proposal.settings}" if proposal.settings else RULES_VERSION,
        chosen=[str(partner_id) for partner_id in chosen],
        confirmed_by=confirmed_by,
        confirmed_at=now if confirmed_by else None,
        **proposal.stored(),
    )


def decided(decision: RoutingDecision) -> Event:
    return Event(
        "routing_decided",
        {
            "decision": decision.pk,
            "mode": decision.mode,
            "rules_version": decision.rules_version,
            "chosen": decision.chosen,
            "rejected": len(decision.rejected),
        },
    )


def latest_decision(case: Case, decision_id: UUID | None = None, *, confirmed: bool = False) -> RoutingDecision | None:
    """Of the present round: the one named, else the newest (`confirmed`: that a caseworker has offered from).

    Raises NotFound when the one named is not of this case and round.
    """
    found = RoutingDecision.objects.filter(case=case, round=case.round).order_by("-at", "-pk")
    if decision_id is not None:
        named = found.filter(pk=decision_id).first()
        if named is None:
            raise NotFound()
        return named
    if confirmed:
        found = found.filter(confirmed_at__isnull=False)
    return found.first()
