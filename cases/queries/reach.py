"""Which cases a staff member can reach at all: the own side's, without those of people they know."""

from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet

from cases.models import Case, Recusal, User


def reachable(user: User) -> QuerySet[Case]:
    """For every door that lets staff see or act on cases. Says nothing about roles: permissions.py does."""
    return Case.objects.filter(side=user.side).filter(~_knows(user.pk))


def knows_person(user_id: UUID, case_id: UUID) -> bool:
    return Recusal.objects.filter(user=user_id, case=case_id).exists()


def _knows(user_id: UUID) -> Exists:
    return Exists(Recusal.objects.filter(case=OuterRef("pk"), user=user_id))
