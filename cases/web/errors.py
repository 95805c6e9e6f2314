"""Error pages: one plain sentence in the reader's language, nothing of what was typed.

On the public pages "Leave quickly" stands first here as everywhere: who is watched may land here too.
"""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from cases.web.language import CODES

_OF_STAFF = frozenset({"console", "account", "admin"})


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _answer(request, 400, _("This request cannot be understood."))


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _answer(request, 403, _("You may not do this."))


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _answer(request, 404, _("This page does not exist."))


def server_error(request: HttpRequest) -> HttpResponse:
    return _answer(request, 500, _("Something went wrong on our side. What you sent before is safe."))


def unavailable(request: HttpRequest) -> HttpResponse:
    return _answer(request, 503, _("We cannot answer at this moment. Please go back and try again in a minute."))


def too_many_tries(
    request: HttpRequest, response: HttpResponse | None = None, credentials: object = None
) -> HttpResponse:
    """Of axes: this account is locked for this address."""
    return _answer(request, 429, _("Too many wrong tries. Wait half an hour, then sign in again."))


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return _answer(request, 403, _("This page was open too long. Go back, reload it and try again."))


def _answer(request: HttpRequest, status: int, sentence: str) -> HttpResponse:
    if request.path.startswith(("/api/", "/oauth/")):
        problem = {
            "type": "about:blank",
            "title": sentence,
            "status": status,
            "code": f"http_{status}",
            "detail": sentence,
        }
        return JsonResponse(problem, status=status, content_type="application/problem+json")
    first = request.path_info.lstrip("/").partition("/")[0]
    is_public = first in CODES
    home = f"/{first}/" if is_public else "/console/" if first in _OF_STAFF else "/"
    shown = {"status": status, "sentence": sentence, "is_public": is_public, "home": home}
    return render(request, "error.html", shown, status=status)
