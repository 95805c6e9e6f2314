"""The duty rota of a side as a page shows it: shifts in order, and the holes between them."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from cases.models import DutyShift, User
from cases.permissions import may

DAYS = 14


@dataclass(frozen=True, slots=True)
class Stretch:
    """A time with a shift, or a hole: `shift` is None where nobody is on duty."""

    starts_at: datetime
    ends_at: datetime
    shift: DutyShift | None = None


def rota(side: str, now: datetime, *, days: int = DAYS) -> list[Stretch]:
    """From now on, `days` long. Shifts may overlap; a hole is a time that none covers. Somebody whose account was
    disabled, or who may open no case any more, covers nothing: no alarm goes to them."""
    until = now + timedelta(days=days)
    stretches: list[Stretch] = []
    covered = now
    shifts = DutyShift.objects.filter(
        side=side, ends_at__gt=now, starts_at__lt=until, user__in=people_for_duty(side)
    ).select_related("user")
    for shift in shifts.defer("user__phone").order_by("starts_at", "ends_at", "pk"):
        if shift.starts_at > covered:
            stretches.append(Stretch(covered, shift.starts_at))
        stretches.append(Stretch(shift.starts_at, shift.ends_at, shift))
        covered = max(covered, shift.ends_at)
    if covered < until:
        stretches.append(Stretch(covered, until))
    return stretches


def holes(side: str, now: datetime, *, days: int) -> list[Stretch]:
    return [stretch for stretch in rota(side, now, days=days) if stretch.shift is None]


def people_for_duty(side: str) -> list[User]:
    """Who may be put on the rota: whoever may open the cases of the side."""
    people = User.objects.filter(side=side, is_active=True).defer("phone").order_by("name")
    return [person for person in people if may(person, "open_case")]
