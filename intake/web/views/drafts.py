"""The way into a draft: every page of the form begins here."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from intake.actions.drafts import OpenDraft, open_draft
from intake.web import cookies
from intake.web.door import public, to

DraftView = Callable[..., HttpResponse]


def with_draft(view: DraftView) -> DraftView:
    """Hands the open draft to the view. Without a cookie: back to the first page; out of date: see door.public."""

    @public
    @wraps(view)
    def answer(request: HttpRequest, language: str, **kwargs: Any) -> HttpResponse:
        secret = cookies.draft_secret(request)
        if not secret:
            return to("first", language, "?again")
        opened: OpenDraft = open_draft(secret=secret, now=timezone.now())
        return view(request, language, opened, **kwargs)

    return answer


def unsent(view: DraftView) -> DraftView:
    """For pages that change answers: after sending there is only the page which says so."""

    @wraps(view)
    def answer(request: HttpRequest, language: str, opened: OpenDraft, **kwargs: Any) -> HttpResponse:
        return to("sent", language) if opened.is_sent else view(request, language, opened, **kwargs)

    return answer
