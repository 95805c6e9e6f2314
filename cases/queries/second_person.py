"""Where two people decide: whether there is a second one at all. Nobody ever decides alone because there is not."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from cases.models import Approval, ApprovalRequest, Case, ClosingProposal, User, VitalInterest
from cases.models.approval import Needs
from cases.permissions import may
from cases.queries.duty import supervisors
from intake.vocabulary import Side


def has_other_supervisor(case: Case, asker_id: UUID, now: datetime) -> bool:
    """Whether somebody else of the side may decide on this case. Somebody who knows the person does not count."""
    return any(person.id != asker_id for person in supervisors(case.side, now, case_id=case.pk))


def undecidable(case: Case, waiting: Collection[ClosingProposal | VitalInterest], now: datetime) -> frozenset[UUID]:
    """Those of what waits on this case on which nobody may decide. No statement where nothing waits."""
    found = set()
    for row in waiting:
        asker = row.proposed_by_id if isinstance(row, ClosingProposal) else row.asked_by_id
        if not has_other_supervisor(case, asker, now):
            found.add(row.pk)
    return frozenset(found)


def sides_without_approver(
    request: ApprovalRequest, action: str, given: Sequence[Approval], people: Sequence[User], out: Collection[UUID] = ()
) -> list[Side]:
    """The sides on which too few people are left who may do `action` and have not agreed yet. Pure.

    `people`: active staff of both sides; `out`: who stepped back from the case of a transfer.
    """
    standing = {one.user_id: one.side for one in given if one.user.side == one.side and may(one.user, action)}
    left = [one.side for one in people if one.pk not in standing and one.pk not in out and may(one, action)]
    if request.needs == Needs.EACH_SIDE:
        return [side for side in Side if side not in standing.values() and side not in left]
    agreed = sum(side == request.side for side in standing.values())
    return [Side(request.side)] if left.count(request.side) + agreed < 2 else []
