"""The partner's webhook endpoints."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer

from cases.actions.once import Answer
from cases.actions.webhooks import register_webhook_step, remove_webhook
from cases.api.authentication import client_of
from cases.api.parsing import Body
from cases.api.v1 import inputs, shapes
from cases.api.v1.wire import moment
from cases.api.views import ApiView
from cases.models import WebhookEndpoint
from cases.queries.webhooks import endpoints
from cases.targets import MAX_LENGTH


class Webhooks(ApiView):
    scopes = {"GET": "webhooks:manage", "POST": "webhooks:manage"}

    @extend_schema(
        operation_id="listWebhooks",
        tags=["webhooks"],
        summary=_("Your webhook endpoints"),
        responses=type("EndpointList", (Serializer,), {"results": shapes.Endpoint(many=True)})(),
    )
    def get(self, request: Request) -> Response:
        return Response({"results": [_endpoint(row) for row in endpoints(client_of(request).partner_id)]})

    @extend_schema(
        operation_id="createWebhook",
        tags=["webhooks"],
        summary=_("Register an endpoint"),
        description=_(
            "From now on we call this address when something changes. What we send is thin: a type, an id, a time and "
            "where to read more. Keep the secret: it is shown this once."
        ),
        request=inputs.NewWebhook,
        responses={201: shapes.NewEndpoint},
    )
    def post(self, request: Request) -> Response:
        body = Body(request.data, known=("url",))
        url = body.text("url", limit=MAX_LENGTH)
        body.finish()
        client = client_of(request)

        def act() -> Answer:
            new = register_webhook_step(
                partner_id=client.partner_id, url=url, allowed_hosts=settings.WEBHOOK_ALLOWED_HOSTS, now=self.now
            )
            return 201, {**_endpoint(new.endpoint), "secret": new.secret}

        return self.write(request, act)


class SingleWebhook(ApiView):
    scopes = {"DELETE": "webhooks:manage"}

    @extend_schema(
        operation_id="deleteWebhook",
        tags=["webhooks"],
        summary=_("Take an endpoint out"),
        responses={204: OpenApiResponse(description=_("Nothing is sent there any more."))},
    )
    def delete(self, request: Request, endpoint_id: UUID) -> Response:
        remove_webhook(partner_id=client_of(request).partner_id, endpoint_id=endpoint_id, now=self.now)
        return Response(status=204)


def _endpoint(row: WebhookEndpoint) -> dict[str, Any]:
    return {
        "id": str(row.pk),
        "url": row.url,
        "is_active": row.is_active,
        "disabled_reason": row.disabled_reason or None,
        "created_at": moment(row.created_at),
    }
