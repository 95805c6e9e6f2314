"""The partner's own row under its lock, and the record of who changed it."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from cases.actions.authorise import authorise
from cases.actions.record import Actor
from cases.errors import NotFound
from cases.models import PartnerEdit, PartnerOrganisation, User


def locked_partner(partner_id: UUID, by: Actor) -> tuple[PartnerOrganisation, User]:
    """The lock orders two people who edit it, and an offer that looks at its places. Raises NotFound, NotAllowed."""
    rows = PartnerOrganisation.objects.select_for_update(no_key=True).filter(pk=partner_id, is_practice=False)
    partner = rows.first()
    if partner is None:
        raise NotFound()
    return partner, authorise(by, "edit_partners", side=partner.side)


def keep_edit(partner: PartnerOrganisation, user: User, act: str, changed: Sequence[str], now: datetime) -> None:
    partner.version += 1
    partner.save()
    PartnerEdit.objects.create(
        partner=partner, version=partner.version, act=act, changed=list(changed), by=user, at=now
    )
