"""Makes a staff member supervisor or auditor: two administrators of their side decide it (domain.md §10)."""

from collections.abc import Sequence

from django.db import transaction

from cases.errors import NotAllowed, NotFound
from cases.models import User
from cases.models.user import Role
from intake.errors import InvalidInput

APPOINTED = (Role.SUPERVISOR, Role.AUDITOR)
APPROVERS = 2


@transaction.atomic(durable=True)
def appoint(*, email: str, role: str, approved_by: Sequence[str]) -> User:
    """Gives the role to the active account with this address; `approved_by` are addresses of administrators.

    An auditor reads records of everybody's work and so has no other role. Raises NotFound, NotAllowed (not two
    different administrators of that side, or one of them appoints themselves), InvalidInput (no such role to give).
    """
    if role not in APPOINTED:
        raise InvalidInput(fields={"role": [role]})
    user = User.objects.select_for_update().filter(email=email.strip().lower(), is_active=True).first()
    if user is None:
        raise NotFound()
    addresses = {address.strip().lower() for address in approved_by} - {user.email}
    people = User.objects.filter(email__in=addresses, side=user.side, is_active=True)
    if sum(person.has_role(Role.ADMINISTRATOR) for person in people) < APPROVERS:
        raise NotAllowed()
    if user.has_role(Role.ADMINISTRATOR):
        raise NotAllowed()
    user.roles = [role] if role == Role.AUDITOR else sorted({*user.roles, role} - {Role.AUDITOR})
    user.save(update_fields=["roles"])
    return user
