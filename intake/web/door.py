"""What every public page has in common: its headers, and how expected refusals are answered."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt

from intake.actions.drafts import DraftSent
from intake.errors import DraftExpired, ReportErased

from . import cookies

View = Callable[..., HttpResponseBase]
LANGUAGES = tuple(code for code, _name in settings.LANGUAGES)
QUIET = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow",
}


class SeeOther(HttpResponseRedirect):
    """303: fetched with GET, so that a reload sends nothing again."""

    status_code = 303


def public(view: View) -> View:
    """No cookie before the first answer, so no CSRF cookie either: see cookies.draft_token."""

    @csrf_exempt
    @wraps(view)
    def answer(request: HttpRequest, **kwargs: Any) -> HttpResponseBase:
        try:
            response = _answer(view, request, kwargs)
        except DraftExpired as refusal:
            response = gone(request, refusal, cookies.DRAFT)
        except ReportErased as refusal:
            response = gone(request, refusal, cookies.PAGE)
        except DraftSent:
            response = to("sent", kwargs["language"])
        for name, value in QUIET.items():
            response.headers[name] = value
        return response

    return answer


def _answer(view: View, request: HttpRequest, kwargs: dict[str, Any]) -> HttpResponseBase:
    return to("first", kwargs["language"]) if _is_from_elsewhere(request) else view(request, **kwargs)


def _is_from_elsewhere(request: HttpRequest) -> bool:
    """Another site's page sent this form. Browsers too old for the header are held back by the cookies' SameSite."""
    return request.method == "POST" and request.headers.get("Sec-Fetch-Site") in ("cross-site", "same-site")


def gone(request: HttpRequest, refusal: DraftExpired | ReportErased, cookie: str) -> HttpResponse:
    """What this browser came back to is not there any more. Its cookie goes too."""
    response = render(request, "intake/gone.html", {"sentence": refusal.message}, status=refusal.status)
    cookies.drop(response, cookie)
    return response


def to(name: str, language: str, query: str = "", **kwargs: Any) -> SeeOther:
    return SeeOther(address(name, language, query, **kwargs))


def address(name: str, language: str, query: str = "", **kwargs: Any) -> str:
    return reverse(f"intake:{name}", kwargs={"language": language, **kwargs}) + query
