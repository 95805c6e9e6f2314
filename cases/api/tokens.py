"""The token endpoint (RFC 6749 §4.4) and revocation (RFC 7009): the toolkit's, throttled, with JSON errors only."""

import logging
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.multipartparser import MultiPartParserError
from django.utils.decorators import method_decorator
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_post_parameters
from oauth2_provider.oauth2_validators import OAuth2Validator
from oauth2_provider.views import RevokeTokenView as ToolkitRevokeTokenView
from oauth2_provider.views import TokenView as ToolkitTokenView
from oauthlib.oauth2 import BackendApplicationServer

from cases.api.throttling import TOKENS, Overrun, count_network
from cases.models import PartnerClient

logger = logging.getLogger(__name__)

LONGEST = 1000  # characters of one parameter
NO_STORE = {"Cache-Control": "no-store", "Pragma": "no-cache"}


class PartnerValidator(OAuth2Validator):
    """Loads a client together with its partner: neither a revoked client nor an inactive partner gets a token."""

    def _load_application(self, client_id: str, request: Any) -> PartnerClient | None:
        if isinstance(request.client, PartnerClient) and request.client.client_id == client_id:
            return request.client
        client = PartnerClient.objects.select_related("partner").filter(client_id=client_id).first()
        is_usable = client is not None and client.is_usable(request) and client.partner.is_active
        request.client = client if is_usable else None
        return request.client


class JsonErrors:
    """What both endpoints refuse before the toolkit sees it. RFC 6749 §5.2 gives the shape of the answers."""

    http_method_names = ["post"]

    @method_decorator(csrf_exempt)  # no cookie counts here
    @method_decorator(sensitive_post_parameters("client_secret", "token"))
    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            count_network(TOKENS, request.META)
            posted = request.POST
        except Overrun as overrun:
            return _error("temporarily_unavailable", 429, {"Retry-After": str(overrun.retry_after)})
        except (RequestDataTooBig, TooManyFieldsSent, MultiPartParserError, UnicodeDecodeError):
            return _error("invalid_request", 400)
        if not _is_plain(posted):
            return _error("invalid_request", 400)
        response: HttpResponse = super().dispatch(request, *args, **kwargs)  # type: ignore[misc]
        response.headers.setdefault("Cache-Control", "no-store")
        return response

    def http_method_not_allowed(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return _error("invalid_request", 405, {"Allow": "POST"})


class TokenView(JsonErrors, ToolkitTokenView):
    """Client credentials are the only grant: the server class knows no other."""

    server_class = BackendApplicationServer
    validator_class = PartnerValidator


class RevokeTokenView(JsonErrors, ToolkitRevokeTokenView):
    server_class = BackendApplicationServer
    validator_class = PartnerValidator


def _is_plain(posted: Mapping[str, str]) -> bool:
    """RFC 6749 appendix A: every parameter is printable ASCII. Audience restriction (RFC 8707) is not offered."""
    if "resource" in posted:
        return False
    return all(len(value) <= LONGEST and value.isascii() and value.isprintable() for value in posted.values())


def _error(code: str, status: int, headers: Mapping[str, str] | None = None) -> JsonResponse:
    return JsonResponse({"error": code}, status=status, headers={**NO_STORE, **(headers or {})})
