"""The one shape of an error: RFC 9457 problem documents with stable codes, in the language that was asked for."""

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.db import InterfaceError, OperationalError
from django.http import Http404
from django.http.request import UnreadablePostError
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from rest_framework import exceptions
from rest_framework.response import Response

from cases import errors as cases_errors
from intake import errors as intake_errors
from intake.errors import DomainError

logger = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
RETRY_SECONDS = 5  # after our own failure
_STANDARD = frozenset({"type", "title", "status", "code", "detail", "errors"})


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of problem. `title` never changes but for its language; `hint` says what to do about it."""

    code: str
    status: int
    title: str | Promise
    hint: str | Promise = ""


OWN_KINDS = {
    kind.code: kind
    for kind in (
        Kind("malformed", 400, _("The request cannot be read."), _("The body must be one JSON object in UTF-8.")),
        Kind("invalid_query", 400, _("The query cannot be understood."), _('"errors" names each parameter.')),
        Kind(
            "idempotency_key",
            400,
            _("This request needs an Idempotency-Key."),
            _("Send a header Idempotency-Key of 16 to 200 printable characters, such as a UUID, new for each act."),
        ),
        Kind("not_authenticated", 401, _("There is no token."), _("Send the header Authorization: Bearer …")),
        Kind("invalid_token", 401, _("This token is not valid or has run out. Get a new one.")),
        Kind("insufficient_scope", 403, _("The token lacks a scope."), _('"scope" names it.')),
        Kind(
            "not_found",
            404,
            _("Not found."),
            _("There is no such thing, or it is not yours. Addresses end in a slash."),
        ),
        Kind("method_not_allowed", 405, _("This method is not possible here.")),
        Kind("not_acceptable", 406, _("Answers are JSON only.")),
        Kind("too_large", 413, _("The body is too large.")),
        Kind(
            "unsupported_media_type",
            415,
            _("Bodies are JSON only."),
            _("Send the header Content-Type: application/json."),
        ),
        Kind("throttled", 429, _("Too many requests."), _("Wait as many seconds as the header Retry-After says.")),
        Kind("unavailable", 503, _("The service cannot answer at the moment."), _("Nothing was changed. Try again.")),
    )
}


class IdempotencyKeyProblem(exceptions.APIException):
    status_code = 400
    default_code = "idempotency_key"
    default_detail = _("This request needs an Idempotency-Key.")


def all_kinds() -> list[Kind]:
    """Every problem that a client can meet, by status, for the docs."""
    kinds = dict(OWN_KINDS)
    for error in _domain_errors():
        kinds.setdefault(error.code, Kind(error.code, error.status, error.message))
    return sorted(kinds.values(), key=lambda kind: (kind.status, kind.code))


_NOT_HERE = frozenset({intake_errors.UnknownCode, intake_errors.DraftExpired, intake_errors.Throttled})


def _domain_errors() -> Iterator[type[DomainError]]:
    for module in (cases_errors, intake_errors):
        for value in vars(module).values():
            if isinstance(value, type) and issubclass(value, DomainError) and value not in {DomainError, *_NOT_HERE}:
                yield value


def exception_handler(error: Exception, context: Mapping[str, Any]) -> Response | None:
    """Turns an expected refusal into a problem. None for a fault of ours: Django logs it and answers 500."""
    if isinstance(error, DomainError):
        return _of_domain_error(error)
    if isinstance(error, OperationalError | InterfaceError):
        logger.error("The database did not answer (%s).", type(error).__name__)
        return respond(OWN_KINDS["unavailable"], headers={"Retry-After": str(RETRY_SECONDS)})
    if isinstance(error, UnreadablePostError):
        return respond(OWN_KINDS["malformed"])
    if isinstance(error, exceptions.APIException):
        return _of_api_exception(error)
    code = _plain_exception(error)
    return respond(OWN_KINDS[code]) if code else None


def _plain_exception(error: Exception) -> str:
    if isinstance(error, Http404 | PermissionDenied):  # forbidden looks like unknown
        return "not_found"
    if isinstance(error, RequestDataTooBig):
        return "too_large"
    return "malformed" if isinstance(error, SuspiciousOperation) else ""


def _of_domain_error(error: DomainError) -> Response:
    kind = Kind(error.code, error.status, type(error).message)
    detail = OWN_KINDS[error.code].hint if error.code in OWN_KINDS else error.message
    headers = {"Retry-After": str(error.retry_after)} if isinstance(error, intake_errors.Throttled) else {}
    return respond(kind, detail=detail, errors=error.fields, headers=headers, **error.params)


_CODES = {  # codes of the framework's own exceptions
    "parse_error": "malformed",
    "authentication_failed": "invalid_token",
    "permission_denied": "not_found",
}


def _of_api_exception(error: exceptions.APIException) -> Response:
    code = str(error.default_code)
    kind = OWN_KINDS.get(_CODES.get(code, code), OWN_KINDS["malformed"])
    headers = {}
    if challenge := getattr(error, "auth_header", ""):
        headers["WWW-Authenticate"] = challenge
    if wait := getattr(error, "wait", None):
        headers["Retry-After"] = str(int(wait))
    scope = {"scope": error.scope} if hasattr(error, "scope") else {}
    return respond(kind, errors=getattr(error, "errors", None), headers=headers, **scope)


def respond(
    kind: Kind,
    *,
    detail: str | Promise = "",
    errors: Mapping[str, Any] | None = None,
    headers: Mapping[str, str] | None = None,
    **members: Any,
) -> Response:
    problem: dict[str, Any] = {
        "type": f"{settings.SITE_URL}/api/docs/#problem-{kind.code}",
        "title": str(kind.title),
        "status": kind.status,
        "code": kind.code,
        "detail": str(detail or kind.hint or kind.title),
    }
    if errors:
        problem["errors"] = {str(name): [str(message) for message in messages] for name, messages in errors.items()}
    problem.update({name: _plain(value) for name, value in members.items() if name not in _STANDARD})
    return Response(problem, status=kind.status, content_type=MEDIA_TYPE, headers=headers)


def _plain(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value if value is None or isinstance(value, bool | int | float) else str(value)
