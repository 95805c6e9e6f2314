"""Everything that changed for the partner, in order, each change once: for clients that cannot receive webhooks."""

import time
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from cases.actions.number_feed import number_changes
from cases.api import waiting
from cases.api.authentication import PartnerAuthentication, client_of
from cases.api.pagination import LIMIT, cursor_parameter, pack, page
from cases.api.parsing import Parameter, whole_number
from cases.api.v1 import shapes
from cases.api.v1.wire import moment, root_of
from cases.api.views import ApiView
from cases.queries import feed

BEGINNING = 0
_LAST = 2**63 - 1  # a BigIntegerField's


def read_number(place: str) -> int:
    number = int(place)
    if not BEGINNING <= number <= _LAST:
        raise ValueError(place)
    return number


class Changes(ApiView):
    scopes = {"GET": "referrals:read"}
    parameters = (
        cursor_parameter(
            "after",
            "changes",
            _("The cursor of the last change you have; without it: from the beginning."),
            read_number,
        ),
        LIMIT,
        Parameter(
            "wait",
            whole_number(0, waiting.LONGEST),
            {"type": "integer", "minimum": 0, "maximum": waiting.LONGEST, "default": 0},
            _(
                "Where nothing is new, wait up to so many seconds for it. Each client can wait once at a time; without "
                "a place to wait the empty page comes at once, with the header Retry-After."
            ),
            0,
        ),
    )

    @extend_schema(
        operation_id="listChanges",
        tags=["changes"],
        summary=_("What has changed"),
        description=_(
            "Keep the cursor of the answer and come back with it: nothing is skipped and nothing comes twice. A change "
            "says what happened to which referral, never what is in it. On a tombstone, erase your copy."
        ),
        responses=shapes.paged(
            "ChangePage",
            shapes.Change,
            cursor=serializers.CharField(help_text=_('Where this page ends: come back with it as "after".')),
        ),
    )
    def get(self, request: Request) -> Response:
        limit, after = self.query["limit"], self.query["after"] or BEGINNING
        rows, headers = self._rows(request), {}
        if not rows and self.query["wait"]:
            with waiting.place_to_wait(client_of(request).id, self.query["wait"]) as may_wait:
                if may_wait:
                    rows = self._awaited(request)
                else:
                    headers = {"Retry-After": str(waiting.come_back_after())}
        shown, following = page(request, rows, limit=limit, cursor=_cursor)
        last = shown[-1]["number"] if shown else after
        root = root_of(request)
        return Response(
            {
                "results": [_change(row, root) for row in shown],
                "next": following,
                "cursor": pack("changes", str(last)),
            },
            headers=headers,
        )

    def _rows(self, request: Request) -> list[feed.Row]:
        client, after = client_of(request), self.query["after"] or BEGINNING
        if feed.has_unnumbered(client.partner_id):
            number_changes(partner_id=client.partner_id)
        return feed.changes(client.partner_id, after=after, limit=self.query["limit"], is_practice=client.is_practice)

    def _awaited(self, request: Request) -> list[feed.Row]:
        """Whoever was revoked meanwhile learns nothing. Raises InvalidToken."""
        until = time.monotonic() + self.query["wait"]
        while (left := until - time.monotonic()) > 0:
            time.sleep(min(waiting.LOOK_EVERY, left))
            if rows := self._rows(request):
                PartnerAuthentication().authenticate(request)
                return rows
        return []


def _cursor(row: Mapping[str, Any]) -> str:
    return pack("changes", str(row["number"]))


def _change(row: Mapping[str, Any], root: str) -> dict[str, Any]:
    """The names are those of a webhook, so that one piece of a client's code reads both."""
    return {
        "cursor": _cursor(row),
        "type": row["kind"],
        "timestamp": moment(row["at"]),
        "data": {
            "referral_id": str(row["referral_id"]),
            "reference": row["reference"],
            "url": f"{root}referrals/{row['referral_id']}/",
            "state": row["state"],
            "reason": row["reason"] or None,
            "is_tombstone": row["is_tombstone"],
        },
    }
