"""Who the token belongs to, and how the partner stands with us."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from cases.api.authentication import ApiClient, client_of
from cases.api.v1 import shapes
from cases.api.v1.reference import in_every_language
from cases.api.views import ApiView
from cases.models import AgreementVersion, PartnerOrganisation
from cases.queries.standing import Standing, standing


class Me(ApiView):
    @extend_schema(
        operation_id="readMe",
        tags=["me"],
        summary=_("Who you are"),
        description=_("Your organisation, this token's scopes, your free places and the state of your agreements."),
        responses=shapes.Me,
    )
    def get(self, request: Request) -> Response:
        client = client_of(request)
        found = standing(client.partner_id, self.now)
        return self.answer(
            request,
            {
                "partner": _partner(found.partner),
                "client": _client(client),
                "capacity": _capacity(found),
                "agreements": [_agreement(version, version.is_valid(self.now)) for version in found.agreements],
            },
        )


def _partner(partner: PartnerOrganisation) -> dict[str, Any]:
    return {
        "id": str(partner.pk),
        "name": in_every_language(partner.body.labels),
        "side": partner.side,
        "country": partner.country_id,
        "timezone": partner.timezone,
    }


def _client(client: ApiClient) -> dict[str, Any]:
    return {
        "client_id": client.client_id,
        "name": client.name,
        "scopes": sorted(client.scopes),
        "is_practice": client.is_practice,
    }


def _capacity(found: Standing) -> dict[str, Any]:
    partner = found.partner
    return {
        "limit": partner.capacity,
        "load": found.load,
        "free": max(partner.capacity - found.load, 0),
        "paused_until": str(partner.paused_until) if partner.paused_until else None,
        "is_active": partner.is_active,
    }


def _agreement(version: AgreementVersion, is_valid: bool) -> dict[str, Any]:
    return {
        "kind": version.agreement.kind,
        "title": in_every_language(version.labels),
        "version": version.number,
        "valid_from": str(version.valid_from),
        "valid_until": str(version.valid_until),
        "timezone": version.timezone,
        "is_valid": is_valid,
        "data_groups": list(version.data_groups),
    }
