"""The staff member behind an action, if permissions allow it."""

from uuid import UUID

from cases.actions.record import Actor
from cases.errors import NotAllowed, NotFound
from cases.models import User
from cases.permissions import may
from intake.compiled import Rows


def authorise(by: Actor, action: str, *, side: str | None = None) -> User:
    """The acting user. `side`: whose thing it is; None: common to both.

    Raises NotAllowed; NotFound for things of the other side, as if they did not exist.
    """
    user = staff_member(by)
    if not may(user, action, side=side):
        raise NotFound() if side not in (None, user.side) else NotAllowed()
    return user


def staff_member(by: Actor) -> User:
    """Whoever acts, whatever they may do. Raises NotAllowed: it is none of the staff."""
    user = _with_id.first(user=by.ref) if by.kind == "staff" and by.ref else None
    if user is None:
        raise NotAllowed()
    return user


_with_id = Rows(lambda user: User.objects.filter(pk=user), user=(UUID(int=1), UUID(int=2)))
