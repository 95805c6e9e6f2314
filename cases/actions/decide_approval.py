"""A second person decides: approve, refuse, or, by whoever asked, take it back. The last yes carries the change out."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from cases.actions.apply_agreement import apply_agreement_step
from cases.actions.approval import agree_step, close_step, may_agree, require_open
from cases.actions.case_row import locked_case
from cases.actions.once import in_transaction
from cases.actions.record import Actor
from cases.actions.transfer_case import record_decision_step, transfer_if_allowed_step
from cases.errors import NotAllowed, NotFound
from cases.models import ApprovalRequest, Case, User
from cases.models.approval import ApprovalKind
from cases.queries.reach import knows_person

_State = ApprovalRequest.State


def approve(*, request_id: UUID, by: Actor, now: datetime) -> ApprovalRequest:
    """Adds this person's yes. When that is enough the change is carried out in the same transaction, exactly once.

    A transfer also waits for the person's consent. What the change writes to timeline, feed and outbox is told by
    `apply_agreement_step` and `transfer_if_allowed_step`. Raises NotFound (unknown, or nothing of this side),
    NotAllowed (wrong role, the same person again, a colleague of the same side), StaleObject (decided or expired
    meanwhile, or the thing itself has changed since), InvalidInput (it can no longer be done as it was asked).
    """
    return in_transaction(lambda: _approve_step(request_id, by, now))


@transaction.atomic(durable=True)
def refuse(*, request_id: UUID, by: Actor, now: datetime) -> None:
    """Anybody whose yes would count may say no; whoever asked takes it back. Raises NotFound, NotAllowed, StaleObject.

    Timeline, of a transfer: transfer_refused.
    """
    request, case = _locked(request_id)
    user = _authorised(request, by, now)
    require_open(request, now)
    is_own = request.asked_by_id == user.pk
    close_step(request, _State.WITHDRAWN if is_own else _State.REFUSED, user, now)
    if case is not None:
        record_decision_step(case, request, "transfer_refused", by=by, now=now)


def expire_requests(*, now: datetime, limit: int = 200) -> int:
    """Closes what nobody decided in time; returns how many. Running twice, or beside another process, is harmless."""
    late = ApprovalRequest.objects.filter(state=_State.OPEN, expires_at__lte=now).order_by("asked_at")
    return sum(_expire(pk, now) for pk in list(late.values_list("pk", flat=True)[:limit]))


def _expire(request_id: UUID, now: datetime) -> int:
    return ApprovalRequest.objects.filter(pk=request_id, state=_State.OPEN, expires_at__lte=now).update(
        state=_State.EXPIRED, decided_at=now
    )


def _approve_step(request_id: UUID, by: Actor, now: datetime) -> ApprovalRequest:
    request, case = _locked(request_id)
    user = _authorised(request, by, now)
    require_open(request, now)
    if not may_agree(user, request):
        raise NotAllowed()
    is_enough = agree_step(request, user, now)
    if case is not None:
        record_decision_step(case, request, "transfer_approved", by=by, now=now)
        transfer_if_allowed_step(case=case, request=request, by=by, now=now)
    elif is_enough:
        apply_agreement_step(request=request, now=now)
        close_step(request, _State.APPROVED, user, now)
    return request


def _locked(request_id: UUID) -> tuple[ApprovalRequest, Case | None]:
    """The case first, then the request. Raises NotFound."""
    rows = ApprovalRequest.objects.filter(pk=request_id)
    case_id = rows.values_list("case", flat=True).first()
    case = locked_case(case_id) if case_id is not None else None
    request = rows.select_for_update(no_key=True, of=("self",)).first()
    if request is None:
        raise NotFound()
    return request, case


def _authorised(request: ApprovalRequest, by: Actor, now: datetime) -> User:
    """The acting person, if they may decide this or asked for it. What is not of their side does not exist for them."""
    user = User.objects.filter(pk=by.ref).first() if by.kind == "staff" and by.ref else None
    if user is None or not user.is_active:
        raise NotAllowed()
    if request.kind == ApprovalKind.PARTNER_AGREEMENT and user.side != request.side:
        raise NotFound()
    if request.case_id is not None and knows_person(user.pk, request.case_id):
        raise NotFound()
    if not may_agree(user, request) and request.asked_by_id != user.pk:
        raise NotAllowed()
    return user
