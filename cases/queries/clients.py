"""The API client behind a token, with its partner, in one statement: it runs at every request."""

from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import QuerySet
from oauth2_provider.models import get_access_token_model

from intake.compiled import Read

LAST_USED_EVERY = timedelta(minutes=1)
_COLUMNS = (
    "application_id",
    "application__client_id",
    "application__name",
    "scope",
    "application__scopes",
    "application__is_practice",
    "application__partner_id",
    "application__partner__body_id",
    "application__partner__side",
    "application__last_used_at",
)


class ApiClient(NamedTuple):
    """The client that calls and the partner behind it, as they are at this request."""

    id: int
    client_id: str
    name: str
    scopes: frozenset[str]
    is_practice: bool
    partner_id: UUID
    body_id: UUID
    side: str
    is_use_unnoted: bool  # `last_used_at` is more than a minute old


def client_with_token(checksum: str, now: datetime) -> ApiClient | None:
    """None: no such token, run out, its client revoked or its partner inactive.

    Scopes are those of the token that the client still has: one taken from the client is gone at once.
    """
    for (
        pk,
        client_id,
        name,
        of_token,
        of_client,
        is_practice,
        partner_id,
        body_id,
        side,
        last_used_at,
    ) in _read(checksum=checksum, now=now):
        return ApiClient(
            id=pk,
            client_id=client_id,
            name=name,
            scopes=frozenset(of_token.split()).intersection(of_client),
            is_practice=is_practice,
            partner_id=partner_id,
            body_id=body_id,
            side=side,
            is_use_unnoted=last_used_at is None or last_used_at < now - LAST_USED_EVERY,
        )
    return None


def _in_force(checksum: str, now: datetime) -> QuerySet[Any]:
    tokens = get_access_token_model().objects.filter(
        token_checksum=checksum,
        expires__gt=now,
        application__revoked_at__isnull=True,
        application__partner__is_active=True,
    )
    return tokens.values_list(*_COLUMNS)[:1]


_SOME = datetime(2026, 1, 1, tzinfo=UTC)
_read = Read(_in_force, checksum=("0", "1"), now=(_SOME, _SOME + timedelta(1)))
