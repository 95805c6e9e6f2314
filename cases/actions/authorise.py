"""The staff member behind an action, if permissions allow it."""

from cases.actions.record import Actor
from cases.errors import NotAllowed, NotFound
from cases.models import User
from cases.permissions import may


def authorise(by: Actor, action: str, *, side: str) -> User:
    """The acting user. Raises NotAllowed; NotFound for things of the other side, as if they did not exist."""
    user = User.objects.filter(pk=by.ref).first() if by.kind == "staff" and by.ref else None
    if user is None:
        raise NotAllowed()
    if not may(user, action, side=side):
        raise NotFound() if user.side != side else NotAllowed()
    return user
