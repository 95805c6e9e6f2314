"""The draft behind one call: its secret in a cookie of its own, and whose call it is."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from cases.models import User
from intake.actions.drafts import LIFETIME, OpenDraft, open_draft, save_answers, start_draft
from intake.errors import DraftExpired
from intake.models import Draft, Report

COOKIE = "korpu_call"
PATH = "/console/"
_LONGEST = 512  # characters of a cookie that we look at


def secret_of(request: HttpRequest) -> str:
    return request.COOKIES.get(COOKIE, "")[:_LONGEST]


def open_call(request: HttpRequest, user: User, now: datetime) -> OpenDraft | None:
    """The call of this very person in this browser; a colleague who signs in after them finds none."""
    secret = secret_of(request)
    if not secret:
        return None
    try:
        opened = open_draft(secret=secret, now=now)
    except DraftExpired:
        return None
    return opened if _taken_by(opened) == str(user.pk) else None


def begin_call(user: User, *, language: str, now: datetime) -> str:
    """A new draft that belongs to this person; returns its secret."""
    secret = start_draft(now=now).secret
    save_answers(secret=secret, step="call", values={"by": str(user.pk)}, now=now, interface_language=language)
    return secret


def filed_before(draft_id: str, user: User) -> Report | None:
    """The report that a page shown earlier has already become: "back" and "send" again must not make a second."""
    try:
        found = Draft.objects.filter(pk=UUID(draft_id), report__source_ref=user.pk).select_related("report").first()
    except ValueError:
        return None
    return found.report if found else None


def language_of(answers: Mapping[str, Any]) -> str:
    return str(answers.get("interface_language") or "en")


def keep(response: HttpResponse, secret: str) -> HttpResponse:
    response.set_cookie(
        COOKIE,
        secret,
        max_age=int(LIFETIME.total_seconds()),
        path=PATH,
        httponly=True,
        samesite="Strict",
        secure=settings.SESSION_COOKIE_SECURE,
    )
    return response


def drop(response: HttpResponse) -> HttpResponse:
    response.delete_cookie(COOKIE, path=PATH, samesite="Strict")
    return response


def _taken_by(opened: OpenDraft) -> str:
    """Once sent, a draft has no answers; the report itself says who filed it."""
    if opened.draft.report is not None:
        return str(opened.draft.report.source_ref)
    return str((opened.answers.get("call") or {}).get("by", ""))
