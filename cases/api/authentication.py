"""Who calls the API: one SQL statement from bearer token to client and partner, and which scopes it has."""

import hashlib
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from oauth2_provider.scopes import BaseScopes
from oauth2_provider.settings import oauth2_settings
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import APIException, AuthenticationFailed
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from cases.models import PartnerClient
from cases.queries.clients import LAST_USED_EVERY, ApiClient, client_with_token

_CHALLENGE = 'Bearer realm="korpu"'
_LONGEST_TOKEN = 255  # characters


def client_of(request: Request) -> ApiClient:
    """The authenticated client; views without a token must not ask."""
    client = request.auth
    assert isinstance(client, ApiClient)  # noqa: S101 - a view that forgot its permission must not serve anybody
    return client


class PartnerAuthentication(BaseAuthentication):
    """RFC 6750 §2.1: `Authorization: Bearer …`. Tokens are known by their SHA-256 only.

    Reading client and partner with the token makes revoking either take effect at the next request.
    """

    def authenticate(self, request: Request) -> tuple[ApiClient, ApiClient] | None:
        scheme, _space, token = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
        if scheme.lower() != "bearer":
            return None
        client = _client_with(token.strip())
        return client, client

    def authenticate_header(self, request: Request) -> str:
        if request.META.get("HTTP_AUTHORIZATION"):
            return f'{_CHALLENGE}, error="invalid_token"'
        return _CHALLENGE


class InvalidToken(AuthenticationFailed):
    default_detail = _("This token is not valid or has run out. Get a new one.")
    default_code = "invalid_token"


class InsufficientScope(APIException):
    status_code = 403
    default_detail = _("The token lacks a scope.")
    default_code = "insufficient_scope"

    def __init__(self, scope: str) -> None:
        super().__init__()
        self.scope = scope
        self.auth_header = f'{_CHALLENGE}, error="insufficient_scope", scope="{scope}"'  # RFC 6750 §3


class HasScope(BasePermission):
    """A view names one scope per method in `scopes`; a method without one needs a token and no scope."""

    def has_permission(self, request: Request, view: Any) -> bool:
        if not isinstance(request.auth, ApiClient):
            return False
        method = "GET" if request.method == "HEAD" else str(request.method)
        scope = view.scopes.get(method)
        if scope and scope not in request.auth.scopes:
            raise InsufficientScope(scope)
        return True


class ClientScopes(BaseScopes):
    """Each client may ask for its own scopes only; asking for none gives all of them."""

    def get_all_scopes(self) -> dict[str, Any]:
        return dict(oauth2_settings.SCOPES)

    def get_available_scopes(
        self, application: Any = None, request: Any = None, *args: Any, **kwargs: Any
    ) -> list[str]:
        if application is None:
            return []
        return [scope for scope in oauth2_settings.SCOPES if scope in application.scopes]

    def get_default_scopes(self, application: Any = None, request: Any = None, *args: Any, **kwargs: Any) -> list[str]:
        return self.get_available_scopes(application, request)


def _client_with(token: str) -> ApiClient:
    if not token or len(token) > _LONGEST_TOKEN:
        raise InvalidToken()
    now = timezone.now()
    row = client_with_token(hashlib.sha256(token.encode()).hexdigest(), now)
    if row is None:
        raise InvalidToken()
    if row.is_use_unnoted:
        _note_use(row.id, now)
    return row


def _note_use(client_id: int, now: datetime) -> None:
    """At most one write a minute and client: enough to see which clients are still in use."""
    stale = Q(last_used_at__isnull=True) | Q(last_used_at__lt=now - LAST_USED_EVERY)
    PartnerClient.objects.filter(stale, pk=client_id).update(last_used_at=now)
