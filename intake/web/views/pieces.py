"""Files in pieces, for the script of the files page (upload.js): two small calls that answer in JSON."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse, UnreadablePostError
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from intake.actions.drafts import OpenDraft
from intake.actions.file_pieces import PIECE, WrongOffset, add_piece, begin_upload
from intake.actions.file_refusals import FileRefused

from .drafts import with_draft
from .files import Place, draft_place, page_place, with_report

_NUMBER = 15  # digits


def _answers(act: Callable[[HttpRequest, Place], dict[str, Any]]) -> Callable[[HttpRequest, Place], HttpResponse]:
    @wraps(act)
    def answer(request: HttpRequest, place: Place) -> HttpResponse:
        if not constant_time_compare(request.headers.get("X-Form-Token", ""), place.token):
            return JsonResponse({"error": _("Please press the button again.")}, status=403)
        try:
            return JsonResponse(act(request, place))
        except WrongOffset as refusal:
            return JsonResponse(refusal.params, status=refusal.status)
        except FileRefused as refusal:
            return JsonResponse({"error": str(refusal.message)}, status=refusal.status)

    return answer


@_answers
def begin(request: HttpRequest, place: Place) -> dict[str, Any]:
    """`name`, `size` and `use` → `upload`, the name of the upload for its pieces."""
    given = request.POST
    token = begin_upload(
        owner=place.owner,
        name=given.get("name", ""),
        size=_number(given.get("size", "")),
        use=given.get("use", ""),
        now=timezone.now(),
    )
    return {"upload": token, "piece": PIECE}


@_answers
def piece(request: HttpRequest, place: Place) -> dict[str, Any]:
    """The body is the piece; headers say of which upload and where it begins. An empty body asks how far we are."""
    length = _number(request.META.get("CONTENT_LENGTH") or "0")
    if length > PIECE:
        raise FileRefused("too_large")
    content = _read(request, length)
    made = add_piece(
        owner=place.owner,
        token=request.headers.get("X-Upload", ""),
        offset=_number(request.headers.get("X-Offset", "")),
        content=content,
        now=timezone.now(),
    )
    return {"received": made.received, "whole": made.is_whole}


def _read(request: HttpRequest, length: int) -> bytes:
    try:
        content = request.read(length) if length else b""
    except UnreadablePostError:
        content = b""
    if len(content) != length:
        raise FileRefused("cut_off")
    return content


def _number(text: str) -> int:
    """-1 for what is none: refused as a size, and nowhere a place."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _NUMBER else -1


@require_POST
@with_draft
def draft_begin(request: HttpRequest, language: str, opened: OpenDraft) -> HttpResponse:
    return begin(request, draft_place(request))


@require_POST
@with_draft
def draft_piece(request: HttpRequest, language: str, opened: OpenDraft) -> HttpResponse:
    """Also after the draft was sent: what was on its way arrives at the report."""
    return piece(request, draft_place(request))


@require_POST
@with_report
def page_begin(request: HttpRequest, language: str, report_id: UUID) -> HttpResponse:
    return begin(request, page_place(report_id))


@require_POST
@with_report
def page_piece(request: HttpRequest, language: str, report_id: UUID) -> HttpResponse:
    return piece(request, page_place(report_id))
