"""The partner confirms that its copies are gone."""

from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from cases.actions.confirm_erasure import confirm_erasure_step
from cases.actions.once import Answer
from cases.api.authentication import client_of
from cases.api.parsing import Body, Unreadable, moment
from cases.api.v1.referrals import NOTE_LENGTH, actor, own_referral
from cases.api.v1.wire import plain
from cases.api.views import ApiView
from intake.models import PartnerErasure


class Erased(serializers.Serializer):
    """The body of the request."""

    confirmed_at = serializers.DateTimeField(help_text=_("When your copies were gone. Not to come."))
    note = serializers.CharField(
        required=False,
        max_length=NOTE_LENGTH,
        help_text=_("For the caseworker. Dropped when the report was deleted for ever: nothing could protect it then."),
    )


class ErasureConfirmed(serializers.Serializer):
    referral_id = serializers.UUIDField()
    asked_at = serializers.DateTimeField()
    confirmed_at = serializers.DateTimeField(help_text=_("The first time counts."))
    note_kept = serializers.BooleanField(help_text=_("Whether your note was kept."))


class ErasedReferral(ApiView):
    scopes = {"POST": "referrals:answer"}

    @extend_schema(
        operation_id="confirmErasure",
        tags=["referrals"],
        summary=_("Confirm that your copies are gone"),
        description=_(
            "After a tombstone: when the person took back the consent or the report, erase every copy of the data and "
            "say so here. Until then we ask you again, and the person sees that you have not confirmed. Saying it "
            "twice changes nothing. 409: you were not asked to erase anything."
        ),
        request=Erased,
        responses=ErasureConfirmed,
    )
    def post(self, request: Request, referral_id: UUID) -> Response:
        body = Body(request.data, known=("confirmed_at", "note"))
        confirmed_at = _moment(body)
        note = body.text("note", limit=NOTE_LENGTH)
        body.finish()
        client = client_of(request)

        def act() -> Answer:
            own_referral(client, referral_id)
            row, is_kept = confirm_erasure_step(
                referral_id=referral_id,
                partner_id=client.partner_id,
                confirmed_at=confirmed_at,
                note=note,
                by=actor(client),
                now=self.now,
            )
            return 200, _answer(row, is_kept)

        return self.write(request, act)


def _moment(body: Body) -> Any:
    given = body.data.get("confirmed_at")
    try:
        return moment(given if isinstance(given, str) else "")
    except Unreadable as problem:
        body.problems.add("confirmed_at", problem.message)
        return None


def _answer(row: PartnerErasure, is_kept: bool) -> dict[str, Any]:
    view = {"referral_id": row.referral_ref, "asked_at": row.asked_at, "confirmed_at": row.confirmed_at}
    return {**plain(view), "note_kept": is_kept}
