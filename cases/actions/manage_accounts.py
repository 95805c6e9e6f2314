"""Staff accounts of one side: made and disabled by its administrators, never by signing up."""

from collections.abc import Sequence
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from cases.actions.authorise import authorise
from cases.actions.record import Actor
from cases.errors import NotAllowed, NotFound
from cases.models import User
from cases.models.user import Role
from intake.errors import InvalidInput
from intake.vocabulary import Side

# A supervisor or an auditor needs a second administrator (domain.md §10); until that step exists nobody makes one here.
GIVEN_BY_ONE = (Role.CASEWORKER, Role.PARTNER_COORDINATOR, Role.WORKING_GROUP_MEMBER, Role.ADMINISTRATOR)
_ZONES = {Side.AZ: "Asia/Baku", Side.RU: "Europe/Moscow"}
NAME_LENGTH = 120


@transaction.atomic(durable=True)
def create_account(
    *, side: str, email: str, name: str, roles: Sequence[str], directions: Sequence[int], language: str, by: Actor
) -> User:
    """An account without a password: its owner sets one with the enrolment link.

    Raises InvalidInput, NotFound, NotAllowed.
    """
    administrator = authorise(by, "manage_accounts", side=side)
    email, name = email.strip().lower(), " ".join(name.split())
    _check(email, name, roles, directions)
    user = User(
        email=email,
        name=name,
        side=side,
        roles=sorted(roles),
        directions=sorted(directions),
        language=language,
        timezone=_ZONES[Side(side)],
        is_demo=administrator.is_demo,
    )
    user.set_unusable_password()
    try:
        with transaction.atomic():
            user.save(force_insert=True)
    except IntegrityError:
        raise InvalidInput(fields={"email": [_("This address already has an account.")]}) from None
    return user


@transaction.atomic(durable=True)
def set_active(*, user_id: UUID, is_active: bool, by: Actor) -> User:
    """Disables an account, which ends its sessions at the next request, or lets it in again.

    Nobody disables themselves: a side would be left without an administrator by a slip. Nor do two disable each other:
    both rows are locked, and whoever comes second may no longer. Raises NotFound, NotAllowed.
    """
    rows = User.objects.select_for_update(no_key=True).filter(pk__in=[user_id, by.ref]).order_by("pk")
    user = next((row for row in rows if row.pk == user_id), None)
    if user is None:
        raise NotFound()
    authorise(by, "manage_accounts", side=user.side)
    if user.pk == by.ref:
        raise NotAllowed(_("You cannot disable your own account."))
    user.is_active = is_active
    user.save(update_fields=["is_active"])
    return user


def _check(email: str, name: str, roles: Sequence[str], directions: Sequence[int]) -> None:
    fields = {}
    try:
        validate_email(email)
    except ValidationError:
        fields["email"] = [_("This is not an e-mail address.")]
    if not 0 < len(name) <= NAME_LENGTH:
        fields["name"] = [_("Please give a name of at most 120 characters.")]
    if not roles or not set(roles) <= set(GIVEN_BY_ONE):
        fields["roles"] = [_("Please choose one of these.")]
    elif Role.ADMINISTRATOR in roles and len(set(roles)) > 1:
        fields["roles"] = [_("An administrator opens no case and has no other role.")]
    if Role.WORKING_GROUP_MEMBER in roles and not directions:
        fields["directions"] = [_("A working-group member needs at least one direction.")]
    if fields:
        raise InvalidInput(fields=fields)
