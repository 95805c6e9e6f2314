"""API clients of partners: made with a secret that is shown once, revoked for good."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _
from oauth2_provider.generators import generate_client_id, generate_client_secret
from oauth2_provider.models import AbstractApplication
from oauth2_provider.settings import oauth2_settings

from cases.actions.authorise import authorise
from cases.actions.record import Actor
from cases.errors import NotFound
from cases.models import PartnerClient, PartnerOrganisation
from intake.errors import InvalidInput

NAME_LENGTH = 80


@dataclass(frozen=True, slots=True)
class NewClient:
    client: PartnerClient
    secret: str = field(repr=False)  # not kept: only its hash is


@transaction.atomic(durable=True)
def create_client(*, partner_id: UUID, name: str, scopes: Sequence[str], by: Actor) -> NewClient:
    """Raises InvalidInput, NotFound, NotAllowed."""
    partner = PartnerOrganisation.objects.filter(pk=partner_id).first()
    if partner is None:
        raise NotFound()
    authorise(by, "manage_clients", side=partner.side)
    name = " ".join(name.split())
    fields = {}
    if not 0 < len(name) <= NAME_LENGTH:
        fields["name"] = [_("Please give it a name of at most 80 characters.")]
    if not scopes or not set(scopes) <= set(oauth2_settings.SCOPES):
        fields["scopes"] = [_("Please choose what it may do.")]
    if fields:
        raise InvalidInput(fields=fields)
    secret = generate_client_secret()
    client = PartnerClient.objects.create(
        partner=partner,
        name=name,
        client_id=generate_client_id(),
        client_secret=secret,  # hashed by its field
        client_type=AbstractApplication.CLIENT_CONFIDENTIAL,
        authorization_grant_type=AbstractApplication.GRANT_CLIENT_CREDENTIALS,
        scopes=sorted(scopes),
        is_practice=partner.is_practice,
    )
    return NewClient(client, secret)


@transaction.atomic(durable=True)
def revoke_client(*, client_id: int, partner_id: UUID, by: Actor, now: datetime) -> None:
    """Out at once: every request asks. Twice is no error. Raises NotFound, NotAllowed."""
    client = PartnerClient.objects.select_related("partner").filter(pk=client_id, partner=partner_id).first()
    if client is None:
        raise NotFound()
    authorise(by, "manage_clients", side=client.partner.side)
    PartnerClient.objects.filter(pk=client.pk, revoked_at__isnull=True).update(revoked_at=now)
