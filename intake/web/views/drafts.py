"""The way into a draft: every page of the form begins here."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone

from intake.actions.drafts import OpenDraft, open_draft
from intake.errors import DraftExpired
from intake.web import cookies
from intake.web.door import public, to

DraftView = Callable[..., HttpResponseBase]


def with_draft(view: DraftView, *, rescue: DraftView | None = None) -> DraftView:
    """Hands the open draft to the view. Without a cookie: back to the first page; out of date: see door.public.

    `rescue` takes over when something was typed for a draft that is not there any more.
    """

    @public
    @wraps(view)
    def answer(request: HttpRequest, language: str, **kwargs: Any) -> HttpResponseBase:
        secret = cookies.draft_secret(request)
        is_typed = rescue is not None and request.method == "POST"
        if not secret:
            return rescue(request, language, **kwargs) if rescue and is_typed else to("first", language, "?again")
        try:
            opened: OpenDraft = open_draft(secret=secret, now=timezone.now())
        except DraftExpired:
            if rescue and is_typed:
                return rescue(request, language, **kwargs)
            raise
        return view(request, language, opened, **kwargs)

    return answer


def unsent(view: DraftView) -> DraftView:
    """For pages that change answers: after sending there is only the page which says so."""

    @wraps(view)
    def answer(request: HttpRequest, language: str, opened: OpenDraft, **kwargs: Any) -> HttpResponseBase:
        return to("sent", language) if opened.is_sent else view(request, language, opened, **kwargs)

    return answer
