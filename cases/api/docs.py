"""The OpenAPI document and the page that shows it, both made from the endpoints, readable without a script."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language, gettext_lazy, override
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiJsonRenderer
from drf_spectacular.utils import extend_schema
from oauth2_provider.settings import oauth2_settings
from rest_framework.request import Request
from rest_framework.response import Response

from cases.api import problems
from cases.api.parsing import Parameter, one_of
from cases.api.views import ApiView

LANGUAGES = tuple(code for code, _name in settings.LANGUAGES)
Schema = Mapping[str, Any]


@cache
def document(language: str) -> Schema:
    """OpenAPI 3.1, its words in one language; made once per process."""
    with override(language):
        made = SchemaGenerator().get_schema(request=None, public=True)
        made["info"]["description"] = _(
            "Körpü brings people's cases to organisations that help. This is how yours joins."
        )
        made["servers"] = [{"url": settings.SITE_URL}]
        plain: Schema = json.loads(OpenApiJsonRenderer().render(made))
    return plain


class OpenApi(ApiView):
    authentication_classes = ()
    permission_classes = ()
    cache_control = "public, max-age=300"
    parameters = (
        Parameter("language", one_of(LANGUAGES), {"type": "string"}, gettext_lazy("Of the descriptions."), "en"),
    )

    @extend_schema(exclude=True)
    def get(self, request: Request) -> Response:
        return self.answer(request, document(self.query["language"]))


@require_safe
def docs(request: HttpRequest) -> HttpResponse:
    """The guide and every operation, in the language of `?language=`, else of the browser."""
    wanted = request.GET.get("language", "")
    language = wanted if wanted in LANGUAGES else get_language() or "en"
    with override(language):
        schema = document(language)
        page = render(
            request,
            "api/docs.html",
            {
                "language": language,
                "languages": settings.LANGUAGES,
                "site": settings.SITE_URL,
                "groups": list(_groups(schema)),
                "problems": problems.all_kinds(),
                "scopes": oauth2_settings.SCOPES.items(),
            },
        )
    page.headers["Content-Language"] = language
    page.headers["Cache-Control"] = "public, max-age=300"
    page.headers["Vary"] = "Accept-Language"
    return page


# --- the page's content, read from the document ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Line:
    """One parameter or field. `depth`: how far it is nested."""

    name: str
    type: str
    says: str
    values: tuple[str, ...] = ()
    is_required: bool = False
    depth: int = 0


@dataclass(frozen=True, slots=True)
class Operation:
    id: str
    method: str
    path: str
    summary: str
    description: str
    scope: str
    curl: str
    parameters: tuple[Line, ...]
    body: tuple[Line, ...]
    status: str
    answer: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Group:
    name: str
    operations: tuple[Operation, ...]


_ORDER = ("root", "me", "cases", "referrals", "changes", "webhooks", "reports", "reference")


def _groups(schema: Schema) -> Iterator[Group]:
    found: dict[str, list[Operation]] = {name: [] for name in _ORDER}
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            found.setdefault(operation["tags"][0], []).append(_operation(path, method, operation, schema))
    yield from (Group(name, tuple(operations)) for name, operations in found.items() if operations)


def _operation(path: str, method: str, operation: Schema, schema: Schema) -> Operation:
    status, answer = next(iter(operation["responses"].items()))
    body = operation.get("requestBody", {})
    return Operation(
        id=operation["operationId"],
        method=method.upper(),
        path=path,
        summary=operation.get("summary", ""),
        description=operation.get("description", ""),
        scope=" ".join(_scopes(operation)),
        curl=_curl(path, method, operation),
        parameters=tuple(_parameter(parameter) for parameter in operation.get("parameters", ())),
        body=tuple(_fields(_content(body), schema)),
        status=status,
        answer=tuple(_fields(_content(answer), schema)),
    )


def _scopes(operation: Schema) -> Iterator[str]:
    for requirement in operation.get("security", ()):
        for scopes in requirement.values():
            yield from scopes


def _content(part: Schema) -> Schema:
    content = part.get("content", {})
    return next(iter(content.values()))["schema"] if content else {}


def _parameter(parameter: Schema) -> Line:
    kind, values = _kind(parameter["schema"])
    if parameter["in"] == "header":
        kind = _("header")
    return Line(parameter["name"], kind, parameter.get("description", ""), values, parameter.get("required", False))


def _fields(schema: Schema, root: Schema, depth: int = 0) -> Iterator[Line]:
    schema = _resolved(schema, root)
    if "items" in schema:
        yield from _fields(schema["items"], root, depth)
        return
    required = schema.get("required", ())
    for name, field in schema.get("properties", {}).items():
        inner = _resolved(field, root)
        kind, values = _kind(inner)
        says = field.get("description") or inner.get("description", "")
        yield Line(name, kind, says, values, name in required, depth)
        yield from _fields(inner, root, depth + 1)


def _resolved(schema: Schema, root: Schema) -> Schema:
    """Follows references, and leaves out the "or null" of a reference."""
    for combined in ("allOf", "oneOf", "anyOf"):
        for part in schema.get(combined, ()):
            if "$ref" in part:
                return _resolved(part, root)
    if "$ref" in schema:
        return root["components"]["schemas"][schema["$ref"].rpartition("/")[2]]  # type: ignore[no-any-return]
    return schema


def _kind(schema: Schema) -> tuple[str, tuple[str, ...]]:
    """The type in one word, and the codes it can be."""
    if "items" in schema:
        inner, values = _kind(schema["items"])
        return f"[{inner}]", values
    types = schema.get("type", "object")
    names = [types] if isinstance(types, str) else list(types)
    kind = " | ".join(schema.get("format", name) if name == "string" else name for name in names)
    return kind, tuple(str(value) for value in schema.get("enum", ()) if value is not None)


# --- examples that work when they are pasted ------------------------------------------------------------------------

_PLACES = {
    "{reference}": "$REFERENCE",
    "{referral_id}": "$REFERRAL",
    "{file_id}": "$FILE",
    "{endpoint_id}": "$ENDPOINT",
}
_BODIES: Mapping[str, Any] = {
    "declineReferral": {"reason": "out_of_mandate", "note": "…"},
    "contactedReferral": {"at": "2026-11-24T08:00:00Z", "channel": "phone", "reached": "yes"},
    "progressReferral": {"note": "…", "next_step": "…", "expected_by": "2026-12-01"},
    "completeReferral": {"outcome": "resolved_full", "summary": "…"},
    "returnReferral": {"reason": "language", "note": "…"},
    "createWebhook": {"url": "https://example.org/korpu"},
    "createReport": {
        "country": "RU",
        "region": "RU-MOW",
        "category": "WRK",
        "language": "az",
        "story": "…",
        "consent": {"share": "any", "groups": ["story", "contact"]},
    },
}


def _curl(path: str, method: str, operation: Schema) -> str:
    for place, variable in _PLACES.items():
        path = path.replace(place, variable)
    parts = ["curl -sS" if method == "get" else f"curl -sS -X {method.upper()}"]
    if operation.get("security"):
        parts.append('-H "Authorization: Bearer $TOKEN"')
    if method == "post":
        parts.append('-H "Idempotency-Key: $(openssl rand -hex 16)"')
    if (body := _BODIES.get(operation["operationId"])) is not None:
        parts += ['-H "Content-Type: application/json"', f"-d '{json.dumps(body, ensure_ascii=False)}'"]
    return " \\\n  ".join([*parts, f'"$KORPU{path}"'])
