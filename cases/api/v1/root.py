"""The first thing a developer sees: where everything is. Needs no token."""

from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import CharField, Serializer

from cases.api.schema import TOKEN_PATH
from cases.api.v1 import shapes
from cases.api.views import ApiView

VERSION = "1"


class FirstCall(Serializer):
    what = CharField()
    method = CharField()
    url = CharField()


class Root(Serializer):
    name = CharField()
    version = CharField()
    docs = shapes.Labels()
    schema = serializers.URLField()
    token = serializers.URLField()
    first_minute = FirstCall(many=True)


class ApiRoot(ApiView):
    authentication_classes = ()
    permission_classes = ()

    @extend_schema(
        operation_id="readRoot",
        tags=["root"],
        summary=gettext_lazy("Where everything is"),
        description=gettext_lazy("Needs no token."),
        responses=Root,
    )
    def get(self, request: Request) -> Response:
        site = request.build_absolute_uri("/").rstrip("/")
        return self.answer(
            request,
            {
                "name": "Körpü",
                "version": VERSION,
                "docs": {code: f"{site}/api/docs/?language={code}" for code, _name in settings.LANGUAGES},
                "schema": f"{site}/api/v1/openapi.json",
                "token": f"{site}{TOKEN_PATH}",
                "first_minute": _first_minute(site),
            },
        )


def _first_minute(site: str) -> list[dict[str, Any]]:
    calls = (
        (_("Get a token"), "POST", TOKEN_PATH),
        (_("See who you are"), "GET", "/api/v1/me/"),
        (_("Read the cases assigned to you"), "GET", "/api/v1/cases/"),
        (_("See the offers that wait for you"), "GET", "/api/v1/referrals/?state=offered"),
        (_("Follow what changes"), "GET", "/api/v1/changes/"),
    )
    return [{"what": what, "method": method, "url": f"{site}{path}"} for what, method, path in calls]
