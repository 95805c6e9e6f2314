"""How endpoints describe themselves in OpenAPI: scopes, strict parameters, idempotency and problems, for all alike."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter
from oauth2_provider.settings import oauth2_settings
from rest_framework import serializers

TOKEN_PATH = "/oauth/token/"  # noqa: S105 - an address


class Problem(serializers.Serializer):
    """RFC 9457"""

    type = serializers.CharField(help_text=_("An address that explains the code."))
    title = serializers.CharField(help_text=_("What is wrong, in the language you asked for."))
    status = serializers.IntegerField()
    code = serializers.CharField(help_text=_("Stable: compare this one."))
    detail = serializers.CharField()
    errors = serializers.DictField(  # type: ignore[assignment]
        child=serializers.ListField(child=serializers.CharField()),
        required=False,
        help_text=_("Field or parameter → what is wrong with it."),
    )
    state = serializers.CharField(required=False, help_text=_("With move_not_allowed: the present state."))
    scope = serializers.CharField(required=False, help_text=_("With insufficient_scope: the scope that is needed."))


class ApiSchema(AutoSchema):
    def get_operation(self, *args: Any, **kwargs: Any) -> Any:
        operation = super().get_operation(*args, **kwargs)
        if operation:
            problem = self.resolve_serializer(Problem, "response").ref
            operation["responses"]["default"] = {
                "description": str(_("What went wrong, as RFC 9457 says.")),
                "content": {"application/problem+json": {"schema": problem}},
            }
        return operation

    def get_override_parameters(self) -> list[Any]:
        return [*super().get_override_parameters(), *self._query_parameters(), *self._headers()]

    def _query_parameters(self) -> list[OpenApiParameter]:
        view: Any = self.view
        if self.method != "GET":
            return []
        return [
            OpenApiParameter(
                name=parameter.name, type=dict(parameter.schema), location="query", description=str(parameter.says)
            )
            for parameter in view.parameters
        ]

    def _headers(self) -> list[OpenApiParameter]:
        view: Any = self.view
        if self.method != "POST":
            return []
        return [
            OpenApiParameter(
                name="Idempotency-Key",
                type={"type": "string", "minLength": 16, "maxLength": 200, "pattern": "^[!-~]+$"},
                location="header",
                required=view.needs_key,
                description=str(_("New for each act; the same again when you repeat it.")),
            )
        ]


class TokenScheme(OpenApiAuthenticationExtension):
    target_class = "cases.api.authentication.PartnerAuthentication"
    name = "oauth2"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:
        scopes = {name: str(says) for name, says in oauth2_settings.SCOPES.items()}
        return {"type": "oauth2", "flows": {"clientCredentials": {"tokenUrl": TOKEN_PATH, "scopes": scopes}}}

    def get_security_requirement(self, auto_schema: AutoSchema) -> dict[str, list[str]]:
        view: Any = auto_schema.view
        scope = view.scopes.get(auto_schema.method)
        return {self.name: [scope] if scope else []}
