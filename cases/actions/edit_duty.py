"""The duty rota: a supervisor puts people on it and takes them off."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from cases.actions.authorise import authorise
from cases.actions.record import Actor
from cases.errors import NotFound
from cases.models import DutyShift, User
from cases.permissions import may
from intake.errors import InvalidInput

LONGEST = timedelta(hours=48)
AHEAD = timedelta(days=366)


@transaction.atomic(durable=True)
def add_shift(
    *, side: str, user_id: UUID, starts_at: datetime, ends_at: datetime, by: Actor, now: datetime
) -> DutyShift:
    """Raises InvalidInput, NotFound, NotAllowed. Shifts of two people may overlap: then both are told. Two of one
    person may not: it would look as if somebody came next on the rota. The person's row orders two who add at once."""
    authorise(by, "edit_duty", side=side)
    fields = {}
    person = User.objects.select_for_update(no_key=True).filter(pk=user_id, side=side).first()
    if person is None or not may(person, "open_case", side=side):
        fields["user"] = [_("Please choose one of these.")]
    if ends_at <= starts_at or ends_at - starts_at > LONGEST:
        fields["ends_at"] = [_("A shift ends after it starts and lasts at most 48 hours.")]
    elif ends_at <= now or starts_at > now + AHEAD:
        fields["starts_at"] = [_("This time is past or too far ahead.")]
    elif DutyShift.objects.filter(user_id=user_id, starts_at__lt=ends_at, ends_at__gt=starts_at).exists():
        fields["starts_at"] = [_("This person is on the rota at that time already.")]
    if fields:
        raise InvalidInput(fields=fields)
    return DutyShift.objects.create(side=side, user_id=user_id, starts_at=starts_at, ends_at=ends_at)


@transaction.atomic(durable=True)
def remove_shift(*, shift_id: int, by: Actor) -> None:
    """Raises NotFound (also when somebody has just removed it), NotAllowed."""
    shift = DutyShift.objects.filter(pk=shift_id).first()
    if shift is None:
        raise NotFound()
    authorise(by, "edit_duty", side=shift.side)
    shift.delete()
