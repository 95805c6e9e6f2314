"""Moves of a case in hand: contacted, progress, complete, return."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from cases.actions.complete_referral import complete_referral_step
from cases.actions.once import Answer
from cases.actions.progress_referral import NEXT_STEP_LENGTH, progress_referral_step
from cases.actions.record_contact import record_contact_step
from cases.actions.return_referral import return_referral_step
from cases.api.authentication import client_of
from cases.api.parsing import Body, Unreadable, moment
from cases.api.v1 import inputs, shapes
from cases.api.v1.inputs import PARTNER_OUTCOMES_IN_ORDER
from cases.api.v1.referrals import NOTE_LENGTH, actor, after_move, check_move
from cases.api.views import ApiView
from cases.models import Referral
from cases.workflow import ContactChannel, DeclineReason, Reached


class Move(ApiView):
    scopes = {"POST": "cases:write"}

    def carry_out(self, request: Request, referral_id: UUID, step: Callable[..., Referral], **said: Any) -> Response:
        def act() -> Answer:
            check_move(self, request, referral_id)
            referral = step(referral_id=referral_id, by=actor(client_of(request)), now=self.now, **said)
            return 200, after_move(self, request, referral)

        return self.write(request, act)


class ContactedReferral(Move):
    @extend_schema(
        operation_id="contactedReferral",
        tags=["referrals"],
        summary=_("Say whether you reached the person"),
        description=_(
            "The first yes stops the contact clock. no and unsafe are kept as attempts and change no state; safe ones "
            "count towards lost contact, and the same one said twice counts once. 409: the case is not in your hands; "
            "403: the person is still being asked about you."
        ),
        request=inputs.Contacted,
        responses=shapes.Referral,
    )
    def post(self, request: Request, referral_id: UUID) -> Response:
        body = Body(request.data, known=("at", "channel", "reached"))
        at = _moment(body, "at")
        channel = body.choice("channel", ContactChannel.values)
        reached = body.choice("reached", Reached.values)
        body.finish()
        return self.carry_out(request, referral_id, record_contact_step, at=at, channel=channel, reached=reached)


class ProgressReferral(Move):
    @extend_schema(
        operation_id="progressReferral",
        tags=["referrals"],
        summary=_("Say how it goes on"),
        description=_(
            "After the first contact, as often as there is news. The person reads next_step on their page, in your "
            "words and with your name: plain, and nothing that others should not see. One of note and next_step is "
            "needed."
        ),
        request=inputs.Progress,
        responses=shapes.Referral,
    )
    def post(self, request: Request, referral_id: UUID) -> Response:
        body = Body(request.data, known=("note", "next_step", "expected_by"))
        note = body.text("note", limit=NOTE_LENGTH)
        next_step = body.text("next_step", limit=NEXT_STEP_LENGTH)
        expected_by = _moment_or_day(body, "expected_by")
        body.finish()
        return self.carry_out(
            request, referral_id, progress_referral_step, note=note, next_step=next_step, expected_by=expected_by
        )


class CompleteReferral(Move):
    @extend_schema(
        operation_id="completeReferral",
        tags=["referrals"],
        summary=_("Say that you have finished"),
        description=_("You can read the case for 30 days more; then erase what you kept of it."),
        request=inputs.Complete,
        responses=shapes.Referral,
    )
    def post(self, request: Request, referral_id: UUID) -> Response:
        body = Body(request.data, known=("outcome", "summary"))
        outcome = body.choice("outcome", PARTNER_OUTCOMES_IN_ORDER)
        summary = body.text("summary", limit=NOTE_LENGTH)
        body.finish()
        return self.carry_out(request, referral_id, complete_referral_step, outcome=outcome, summary=summary)


class ReturnReferral(Move):
    @extend_schema(
        operation_id="returnReferral",
        tags=["referrals"],
        summary=_("Give a case back"),
        description=_("The next partner is asked at once. Erase what you kept of the case and confirm it."),
        request=inputs.Return,
        responses=shapes.Referral,
    )
    def post(self, request: Request, referral_id: UUID) -> Response:
        body = Body(request.data, known=("reason", "note"))
        reason = body.choice("reason", DeclineReason.values)
        note = body.text("note", limit=NOTE_LENGTH)
        body.finish()
        return self.carry_out(request, referral_id, return_referral_step, reason=reason, note=note)


def _moment(body: Body, name: str) -> datetime | None:
    given = body.data.get(name)
    try:
        return moment(given if isinstance(given, str) else "")
    except Unreadable as problem:
        body.problems.add(name, problem.message)
        return None


def _moment_or_day(body: Body, name: str) -> date | None:
    given = body.data.get(name)
    if isinstance(given, str) and "T" in given:
        return _moment(body, name)
    return body.day(name)
