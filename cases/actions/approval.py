"""Two people must agree: asking, and counting who has agreed. Steps only; what follows is decide_approval's.

The request's row lock orders those who decide at the same moment. For a transfer the case's lock comes before it.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from cases.errors import NotAllowed, StaleObject
from cases.models import Approval, ApprovalPeriod, ApprovalRequest, Case, User
from cases.models.approval import NEEDS, ApprovalKind, Needs
from cases.permissions import may
from cases.queries.approvals import APPROVING
from intake.errors import InvalidInput
from intake.references import new_id
from intake.vocabulary import Side


def new_request(
    kind: ApprovalKind,
    *,
    subject: UUID,
    side: str,
    user: User,
    now: datetime,
    change: Mapping[str, Any],
    base: int = 0,
    case: Case | None = None,
) -> ApprovalRequest:
    """Unsaved. It expires after the days of its ApprovalPeriod."""
    days = ApprovalPeriod.objects.filter(pk=kind).values_list("days", flat=True).first()
    return ApprovalRequest(
        id=new_id(),
        kind=kind,
        needs=NEEDS[kind],
        side=side,
        subject=subject,
        case=case,
        base=base,
        change=dict(change),
        asked_by=user,
        asked_at=now,
        expires_at=now + timedelta(days=days) if days else None,
    )


def ask_step(request: ApprovalRequest, user: User, now: datetime) -> ApprovalRequest:
    """Writes the request; whoever asks and might approve has thereby agreed. Raises InvalidInput: one is open already.

    One that has expired meanwhile makes room.
    """
    open_ones = ApprovalRequest.objects.filter(kind=request.kind, subject=request.subject, state="open")
    for earlier in open_ones.select_for_update(no_key=True):
        if not has_expired(earlier, now):
            raise InvalidInput(fields={"__all__": [_("A change of this waits for approval already. Decide it first.")]})
        close_step(earlier, ApprovalRequest.State.EXPIRED, None, now)
    request.save(force_insert=True)
    if may_agree(user, request):
        agree_step(request, user, now)
    return request


def agree_step(request: ApprovalRequest, user: User, now: datetime) -> bool:
    """Adds this person's yes; returns whether enough people have agreed now. The caller holds the request's lock.

    Raises NotAllowed: this person, or where each side must agree a colleague of the same side, has agreed already.
    """
    given = _standing(request, now)
    if any(one.user_id == user.pk for one in given):
        raise NotAllowed(reasons=["same_person"])
    if request.needs == Needs.EACH_SIDE and any(one.side == user.side for one in given):
        raise NotAllowed(reasons=["same_side"])
    row = Approval(request=request, needs=request.needs, user=user, side=user.side, given_at=now)
    Approval.objects.bulk_create(
        [row],
        update_conflicts=True,  # who had lapsed and is back agrees anew
        unique_fields=["request", "user"],
        update_fields=["given_at", "side", "lapsed_at"],
    )
    return is_enough(request, [*given, row])


def may_agree(user: User, request: ApprovalRequest) -> bool:
    """Whether this person's yes would count. Says nothing about having agreed already."""
    concerned = request.needs == Needs.EACH_SIDE or user.side == request.side
    return concerned and may(user, APPROVING[request.kind])


def standing_approvals(request: ApprovalRequest) -> list[Approval]:
    """Of people who still may: whoever left, or lost the role, has not agreed any more."""
    rows = list(request.approvals.filter(lapsed_at__isnull=True).select_related("user").defer("user__phone"))
    return [row for row in rows if row.user.side == row.side and may_agree(row.user, request)]


def lapse_step(*, case: Case, user: User, now: datetime) -> None:
    """This person's yes to a transfer of the case counts no more; a colleague of the same side may give one instead.

    The caller holds the case's lock, without which nobody agrees to a transfer. One statement.
    """
    mine = Approval.objects.filter(request__case=case, request__state="open", user=user, lapsed_at__isnull=True)
    mine.update(lapsed_at=now)


def is_enough(request: ApprovalRequest, given: list[Approval]) -> bool:
    if request.needs == Needs.EACH_SIDE:
        return {row.side for row in given} == set(Side.values)
    return len({row.user_id for row in given if row.side == request.side}) >= 2


def close_step(request: ApprovalRequest, state: str, by: User | None, now: datetime) -> None:
    request.state, request.decided_by, request.decided_at = state, by, now
    request.save(update_fields=["state", "decided_by", "decided_at"])


def require_open(request: ApprovalRequest, now: datetime) -> None:
    """Raises StaleObject: decided, taken back or expired meanwhile."""
    if request.state != ApprovalRequest.State.OPEN or has_expired(request, now):
        raise StaleObject()


def has_expired(request: ApprovalRequest, now: datetime) -> bool:
    return request.expires_at is not None and request.expires_at <= now


def _standing(request: ApprovalRequest, now: datetime) -> list[Approval]:
    given = standing_approvals(request)
    stale = request.approvals.filter(lapsed_at__isnull=True).exclude(pk__in=[row.pk for row in given])
    stale.update(lapsed_at=now)
    return given
