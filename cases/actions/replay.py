"""Sends a notice again that was given up."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from cases.actions.authorise import authorise
from cases.actions.notify import announce
from cases.actions.record import Actor
from cases.errors import MoveNotAllowed, NotFound
from cases.models import OutboxMessage


@transaction.atomic(durable=True)
def replay(*, message_id: UUID, by: Actor, now: datetime) -> None:
    """Makes a dead message due now; its past attempts stay. Who was quicker wins, the second is told.

    Raises NotFound, NotAllowed, and MoveNotAllowed when it is not dead (any more).
    """
    message = (
        OutboxMessage.objects.select_related("case", "user", "partner")
        .only("state", "case__side", "user__side", "partner__side")
        .filter(pk=message_id)
        .first()
    )
    if message is None:
        raise NotFound()
    authorise(by, "replay", side=_side_of(message))
    dead = OutboxMessage.objects.filter(pk=message_id, state=OutboxMessage.State.DEAD)
    if not dead.update(
        state=OutboxMessage.State.DUE, next_attempt_at=now, finished_at=None, lease=None, lease_until=None
    ):
        raise MoveNotAllowed(state=message.state)
    announce()


def _side_of(message: OutboxMessage) -> str:
    owner = message.case or message.user or message.partner
    return owner.side if owner is not None else ""
