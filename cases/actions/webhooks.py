"""Registers a partner's webhook endpoint, with a secret that is shown once, and takes one out."""

import base64
import secrets
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from cases.errors import NotFound
from cases.models import PartnerOrganisation, WebhookEndpoint
from cases.queries.webhooks import REMOVED, endpoints
from cases.targets import check_url
from intake.errors import InvalidInput

MOST = 10  # endpoints of one partner
SECRET_BYTES = 32  # Standard Webhooks 1.0: 24 to 64


@dataclass(frozen=True, slots=True)
class NewEndpoint:
    endpoint: WebhookEndpoint
    secret: str = field(repr=False)


def register_webhook_step(*, partner_id: UUID, url: str, allowed_hosts: Collection[str], now: datetime) -> NewEndpoint:
    """Raises InvalidTarget; InvalidInput when the partner has this address, or ten of them, already.

    The partner's row is locked, so that two requests at once cannot pass the limit together.
    """
    check_url(url, allowed_hosts)
    PartnerOrganisation.objects.select_for_update(no_key=True).only("id").get(pk=partner_id)
    registered = list(endpoints(partner_id).values_list("url", flat=True))
    if url in registered:
        raise InvalidInput(fields={"url": [_("This address is registered already.")]})
    if len(registered) >= MOST:
        raise InvalidInput(fields={"url": [_("There are ten addresses already. Take one out first.")]})
    secret = f"whsec_{base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()}"
    endpoint = WebhookEndpoint(partner_id=partner_id, url=url, secret=secret, created_at=now)
    endpoint.save(force_insert=True)
    return NewEndpoint(endpoint, secret)


def remove_webhook(*, partner_id: UUID, endpoint_id: UUID, now: datetime) -> None:
    """Nothing is sent there any more; what was sent stays on record. Raises NotFound."""
    taken_out = endpoints(partner_id).filter(pk=endpoint_id)
    if not taken_out.update(is_active=False, disabled_at=now, disabled_reason=REMOVED):
        raise NotFound()
