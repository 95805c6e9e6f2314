"""The partner's referrals: list, read, accept, decline. Moves of a case in hand are in moves.py."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from cases import disclosure
from cases.actions.answer_referral import accept_referral_step, decline_referral_step
from cases.actions.once import Answer
from cases.actions.record import Actor
from cases.api.authentication import ApiClient, client_of
from cases.api.pagination import LIMIT, after_row, page, row_cursor
from cases.api.parsing import Body, Parameter, moment, one_of
from cases.api.v1 import inputs, shapes
from cases.api.v1.wire import detail, list_item, root_of
from cases.api.views import ApiView, check_if_match
from cases.errors import NotFound
from cases.models import Referral
from cases.queries import referrals
from cases.queries.referrals import Filters
from cases.workflow import DeclineReason, ReferralState
from intake.queries import reference_data

KIND = "referrals"
NOTE_LENGTH = 2000  # characters


def read_category(text: str) -> str:
    return one_of(reference_data().categories)(text)


def read_urgency(text: str) -> int:
    return int(one_of(shapes.URGENCIES)(text)[1])


CATEGORY = Parameter("category", read_category, {"type": "string"}, _("A code of /reference/categories/."))
URGENCY = Parameter("urgency", read_urgency, {"type": "string", "enum": list(shapes.URGENCIES)}, _("How urgent."))
UPDATED_AFTER = Parameter(
    "updated_after", moment, {"type": "string", "format": "date-time"}, _("Only what changed after this moment.")
)


class ReferralList(ApiView):
    scopes = {"GET": "referrals:read"}
    parameters = (
        Parameter(
            "state",
            one_of(ReferralState.values),
            {"type": "string", "enum": list(ReferralState.values)},
            _("Only those in this state."),
        ),
        URGENCY,
        CATEGORY,
        UPDATED_AFTER,
        after_row(KIND),
        LIMIT,
    )

    @extend_schema(
        operation_id="listReferrals",
        tags=["referrals"],
        summary=_("Your referrals"),
        description=_(
            "Offers and what became of them, in the order of their last change. A list never holds personal data."
        ),
        responses=shapes.paged("ReferralPage", shapes.Referral),
    )
    def get(self, request: Request) -> Response:
        client, query = client_of(request), self.query
        filters = Filters(
            state=query["state"] or "",
            urgency=query["urgency"],
            category=query["category"] or "",
            updated_after=query["updated_after"],
        )
        rows = referrals.partner_referrals(
            client.partner_id, filters, after=query["after"], limit=query["limit"], is_practice=client.is_practice
        )
        return list_answer(self, request, rows, KIND)


def list_answer(view: ApiView, request: Request, rows: list[dict[str, Any]], kind: str) -> Response:
    shown, following = page(request, rows, limit=view.query["limit"], cursor=lambda row: row_cursor(kind, row))
    root = root_of(request)
    results = [list_item(offer, root) for offer in disclosure.offer_views(shown, now=view.now)]
    return Response({"results": results, "next": following})


class SingleReferral(ApiView):
    scopes = {"GET": "referrals:read"}

    @extend_schema(
        operation_id="readReferral",
        tags=["referrals"],
        summary=_("One referral"),
        description=_(
            "Before you accept: the offer, nothing personal. After: what the person consented to. When it ended: its "
            "state, reason and times. Each reading of personal data is recorded and the person can see it."
        ),
        responses=shapes.ReferralDetail,
    )
    def get(self, request: Request, referral_id: UUID) -> Response:
        return single_answer(self, request, own_referral(client_of(request), referral_id))


def own_referral(client: ApiClient, referral_id: UUID) -> Referral:
    """Raises NotFound for another partner's referral as for an unknown one."""
    referral = referrals.partner_referral(client.partner_id, referral_id, is_practice=client.is_practice)
    if referral is None:
        raise NotFound()
    return referral


def single_answer(view: ApiView, request: Request, referral: Referral) -> Response:
    """Recorded before it goes out; 304 shows nothing new and leaves no record."""
    disclosed = disclosure.consented_view(referral, now=view.now)
    response = view.answer(request, single(request, disclosed.view))
    if response.status_code == 200:
        disclosure.record_fetch(referral, disclosed, now=view.now)
    return response


def single(request: Request, view: Mapping[str, Any]) -> dict[str, Any]:
    """Which moves are offered depends on the token too. While the person is being asked a case can only be returned."""
    scopes = client_of(request).scopes
    moves = [move for move in _MOVES.get(view["state"], ()) if _SCOPE_OF.get(move, "cases:write") in scopes]
    if view.get("awaiting_consent"):
        moves = [move for move in moves if move in {"accept", "decline", "return"}]
    return {**detail(view, root_of(request)), "moves": moves}


_MOVES: Mapping[str, tuple[str, ...]] = {
    ReferralState.OFFERED: ("accept", "decline"),
    ReferralState.ACCEPTED: ("contacted", "return"),
    ReferralState.CONTACTED: ("contacted", "progress", "return"),
    ReferralState.IN_SERVICE: ("contacted", "progress", "complete", "return"),
}
_SCOPE_OF = {"accept": "referrals:answer", "decline": "referrals:answer"}


class AcceptReferral(ApiView):
    scopes = {"POST": "referrals:answer"}

    @extend_schema(
        operation_id="acceptReferral",
        tags=["referrals"],
        summary=_("Accept an offer"),
        description=_(
            "The case is yours: read it at the case_url of the answer. The first partner that accepts wins, the other "
            "one gets 409."
        ),
        request=None,
        responses=shapes.Referral,
    )
    def post(self, request: Request, referral_id: UUID) -> Response:
        Body(request.data, known=()).finish()
        client = client_of(request)

        def act() -> Answer:
            check_move(self, request, referral_id)
            referral = accept_referral_step(
                referral_id=referral_id, partner_id=client.partner_id, by=actor(client), now=self.now
            )
            return 200, after_move(self, request, referral)

        return self.write(request, act)


class DeclineReferral(ApiView):
    scopes = {"POST": "referrals:answer"}

    @extend_schema(
        operation_id="declineReferral",
        tags=["referrals"],
        summary=_("Decline an offer"),
        description=_(
            "The next partner is asked at once. With no_capacity you can name the last day of your pause in "
            "paused_until: no offers are made until then."
        ),
        request=inputs.Decline,
        responses=shapes.Referral,
    )
    def post(self, request: Request, referral_id: UUID) -> Response:
        body = Body(request.data, known=("reason", "note", "paused_until"))
        reason = body.choice("reason", DeclineReason.values)
        note = body.text("note", limit=NOTE_LENGTH)
        paused_until = body.day("paused_until")
        body.finish()
        client = client_of(request)

        def act() -> Answer:
            check_move(self, request, referral_id)
            referral = decline_referral_step(
                referral_id=referral_id,
                partner_id=client.partner_id,
                reason=reason,
                note=note,
                paused_until=paused_until,
                by=actor(client),
                now=self.now,
            )
            return 200, after_move(self, request, referral)

        return self.write(request, act)


def actor(client: ApiClient) -> Actor:
    return Actor("partner", client.partner_id)


def check_move(view: ApiView, request: Request, referral_id: UUID) -> None:
    """Raises NotFound, or StaleObject when the client has seen another state."""
    referral = own_referral(client_of(request), referral_id)
    check_if_match(request, lambda: single(request, disclosure.consented_view(referral, now=view.now).view))


def after_move(view: ApiView, request: Request, referral: Referral) -> dict[str, Any]:
    """The answer to a move is kept for a repeat: no personal data and no caseworker's words are in it."""
    return detail(disclosure.offer_view(referral, now=view.now), root_of(request))
