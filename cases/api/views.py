"""What every endpoint shares: strict reading, once-only writes, ETags, headers. Each adds its one domain call."""

import hashlib
import json
from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from typing import Any, ClassVar

from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from cases.actions.once import Answer, in_transaction, once
from cases.api.authentication import client_of
from cases.api.parsing import JsonOnly, Parameter, StrictJson, read_query
from cases.api.problems import IdempotencyKeyProblem
from cases.api.schema import ApiSchema
from cases.api.throttling import Standing, Throttle
from cases.errors import StaleObject
from intake.encryption import keyed_hash

SHORTEST_KEY, LONGEST_KEY = 16, 200  # characters of an Idempotency-Key


class ApiView(APIView):
    """`scopes` names the scope of each method (none: any token); `parameters` what a query string may hold."""

    schema = ApiSchema()
    content_negotiation_class = JsonOnly
    parser_classes = (StrictJson,)
    throttle_classes = (Throttle,)
    metadata_class = None
    http_method_names = ["get", "post", "delete", "head"]

    scopes: ClassVar[Mapping[str, str]] = {}
    parameters: ClassVar[Collection[Parameter]] = ()
    needs_key = False  # whether a POST must have an Idempotency-Key
    cache_control = "no-store"
    standing: Standing | None = None
    query: Mapping[str, Any]
    now: datetime

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        self.now = timezone.now()
        self.query = read_query(request.query_params, self.parameters if request.method in ("GET", "HEAD") else ())

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        response = super().finalize_response(request, response, *args, **kwargs)
        is_error = response.status_code >= 400
        response.headers.setdefault("Cache-Control", "no-store" if is_error else self.cache_control)
        if self.standing is not None:
            for name, value in self.standing.headers().items():
                response.headers[name] = value
        return response

    # --- reading -----------------------------------------------------------------------------------------------------

    def answer(self, request: Request, body: Mapping[str, Any]) -> Response:
        """200 with an ETag, or 304 when the client has exactly this already."""
        etag = etag_of(body)
        if _is_among(etag, request.headers.get("If-None-Match", "")):
            return Response(status=304, headers={"ETag": etag})
        return Response(body, headers={"ETag": etag})

    # --- writing -----------------------------------------------------------------------------------------------------

    def write(
        self, request: Request, act: Callable[[], Answer], foresee: Callable[[], Answer] | None = None
    ) -> Response:
        """Runs the step `act` in one transaction, once for each Idempotency-Key. `foresee`: see `once`."""
        key = _idempotency_key(request, is_needed=self.needs_key)
        if key is None:
            status, body = in_transaction(act)
            return Response(body, status=status)
        status, body, is_replay = once(
            client_id=client_of(request).id,
            key=key,
            body_hash=_request_hash(request),
            now=self.now,
            act=act,
            foresee=foresee,
        )
        return Response(body, status=status, headers={"Idempotent-Replayed": "true"} if is_replay else None)


def etag_of(body: Mapping[str, Any]) -> str:
    """A strong tag of the representation; keyed, because its content can be guessed where it is short."""
    canonical = json.dumps(body, sort_keys=True, separators=(",", ":"))
    return f'"{keyed_hash(canonical, purpose="etag").hex()[:32]}"'


def check_if_match(request: Request, current: Callable[[], Mapping[str, Any]]) -> None:
    """Raises StaleObject when the client names another state than the present one (RFC 9110 §13.1.1)."""
    wanted = request.headers.get("If-Match", "")
    if wanted and not _is_among(etag_of(current()), wanted):
        raise StaleObject()


def _is_among(etag: str, header: str) -> bool:
    tags = [tag.strip().removeprefix("W/") for tag in header.split(",")]
    return "*" in tags or etag in tags


def _idempotency_key(request: Request, *, is_needed: bool) -> str | None:
    key = request.headers.get("Idempotency-Key")
    if key is None and not is_needed:
        return None
    key = (key or "").strip().strip('"')  # as a string of RFC 8941, or bare
    if not (SHORTEST_KEY <= len(key) <= LONGEST_KEY and all("!" <= sign <= "~" for sign in key)):
        raise IdempotencyKeyProblem()
    return key


def _request_hash(request: Request) -> bytes:
    digest = hashlib.sha256(request._request.body).hexdigest()
    return keyed_hash(f"{request.method} {request.path} {digest}", purpose="idempotent-request")
