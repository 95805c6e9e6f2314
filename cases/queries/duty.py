"""Who of a side is told about a case: the person on duty, else the supervisors, else whoever works there."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Exists, OuterRef

from cases.models import DutyShift, Recusal, User
from cases.models.user import Role
from cases.permissions import SEES_NO_PERSON
from intake.vocabulary import Side


@dataclass(frozen=True, slots=True)
class StaffMember:
    """What a notice needs of a person: no name, no address."""

    id: UUID
    language: str
    roles: frozenset[str]
    on_duty: bool


def on_duty(side: str, now: datetime) -> list[StaffMember]:
    """Who is on duty at this moment; nobody, if the rota has a hole."""
    return [person for person in _staff(side, now) if person.on_duty]


def people_to_alert(side: str, now: datetime, *, case_id: UUID | None = None) -> list[StaffMember]:
    """Whom an urgent case is put before: on duty, else all supervisors, else all caseworkers of the side; never
    somebody who knows the person of that case."""
    return _first_not_empty(_staff(side, now, case_id))


def next_to_alert(side: str, now: datetime, *, case_id: UUID, step: int, told: Collection[UUID]) -> list[StaffMember]:
    """Whom an alarm that nobody opened goes to. Step 2: who comes next on the rota, and the supervisors; from the
    third on everybody of the side who may open the case. Two statements."""
    staff = _staff(side, now, case_id)
    if step > 2:
        return staff
    following = _next_on_rota(side, now, {person.id for person in staff} - set(told))
    wider = [person for person in staff if person.id == following or Role.SUPERVISOR in person.roles]
    return wider or staff


def people_to_tell(
    side: str, now: datetime, *, responsible_id: UUID | None, case_id: UUID | None = None
) -> list[StaffMember]:
    """Who hears of a trouble with a case: whoever is responsible for it, else as for an alert."""
    staff = _staff(side, now, case_id)
    return [person for person in staff if person.id == responsible_id] or _first_not_empty(staff)


def supervisors(side: str, now: datetime, *, case_id: UUID | None = None) -> list[StaffMember]:
    return [person for person in _staff(side, now, case_id) if Role.SUPERVISOR in person.roles]


def administrators(side: str) -> list[StaffMember]:
    """Of the side; if it has none, of the other one. They see no case: what they are told names none."""
    people = [one for one in _people(Side.values) if Role.ADMINISTRATOR in one[0].roles]
    return [person for person, of in people if of == side] or [person for person, _of in people]


def agreement_people(sides: Collection[str]) -> list[StaffMember]:
    """Partner coordinators and supervisors of these sides: who hears that an agreement ends."""
    return [person for person, _of in _people(sides) if person.roles & {Role.PARTNER_COORDINATOR, Role.SUPERVISOR}]


def _people(sides: Collection[str]) -> list[tuple[StaffMember, str]]:
    """Everybody active on these sides, whatever the role, with the side."""
    rows = User.objects.filter(side__in=sides, is_active=True).order_by("pk")
    return [
        (StaffMember(pk, language, frozenset(roles), on_duty=False), side)
        for pk, language, roles, side in rows.values_list("pk", "language", "roles", "side")
    ]


def _first_not_empty(staff: Sequence[StaffMember]) -> list[StaffMember]:
    on_duty = [person for person in staff if person.on_duty]
    supervisors = [person for person in staff if Role.SUPERVISOR in person.roles]
    return on_duty or supervisors or [person for person in staff if Role.CASEWORKER in person.roles]


def _next_on_rota(side: str, now: datetime, possible: Collection[UUID]) -> UUID | None:
    """Of these people the one whose turn comes first: a second person on duty now, else the next shift."""
    shifts = DutyShift.objects.filter(side=side, ends_at__gt=now, user__in=possible)
    return shifts.order_by("starts_at", "pk").values_list("user", flat=True).first()


def _staff(side: str, now: datetime, case_id: UUID | None = None) -> list[StaffMember]:
    """Active staff of the side who may open a case, in one statement. SQLite cannot search the list of roles. Whoever
    administers or audits as well may open none (permissions.py), and so is no one to alert."""
    shifts = DutyShift.objects.filter(side=side, user=OuterRef("pk"), starts_at__lte=now, ends_at__gt=now)
    rows = User.objects.filter(side=side, is_active=True).annotate(is_on_duty=Exists(shifts)).order_by("pk")
    if case_id is not None:
        rows = rows.filter(~Exists(Recusal.objects.filter(case=case_id, user=OuterRef("pk"))))
    people = (
        StaffMember(pk, language, frozenset(roles), duty)
        for pk, language, roles, duty in rows.values_list("pk", "language", "roles", "is_on_duty")
    )
    return [one for one in people if one.roles & {Role.CASEWORKER, Role.SUPERVISOR} and not one.roles & SEES_NO_PERSON]
