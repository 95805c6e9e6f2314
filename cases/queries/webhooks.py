"""A partner's webhook endpoints. One that it took out is kept for the record of what was sent, and not shown."""

from uuid import UUID

from django.db.models import QuerySet

from cases.models import WebhookEndpoint

REMOVED = "removed"  # the `disabled_reason` of one that its partner took out


def endpoints(partner_id: UUID) -> QuerySet[WebhookEndpoint]:
    """Oldest first; secrets are not read."""
    rows = WebhookEndpoint.objects.filter(partner=partner_id).exclude(disabled_reason=REMOVED)
    return rows.defer("secret", "old_secret").order_by("id")
