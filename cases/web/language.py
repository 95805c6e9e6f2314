"""Which language a request is answered in: the path's, else the signed-in person's, else what the browser asks for."""

from collections.abc import Callable

from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.utils import translation

CODES = tuple(code for code, _name in settings.LANGUAGES)
COOKIE = "korpu_language"  # the console's choice only; public pages carry theirs in the path


class LanguageMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        language = self.language_of(request)
        with translation.override(language):
            request.LANGUAGE_CODE = language
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", language)
        return response

    def language_of(self, request: HttpRequest) -> str:
        return language_of(request)


class AccountLanguageMiddleware(LanguageMiddleware):
    """Below the sign-in: the language chosen in this browser, else the account's, on every page, also on those that are
    not ours (second factor, password, admin) and on error pages."""

    def language_of(self, request: HttpRequest) -> str:
        return console_language(request)


def console_language(request: HttpRequest) -> str:
    """The language chosen in this browser, else the one of the account, else what the request was found to want."""
    chosen = request.COOKIES.get(COOKIE, "")
    if chosen in CODES:
        return chosen
    try:
        own = getattr(request.user, "language", "")
    except (OperationalError, InterfaceError):
        own = ""  # the page itself will say that the database is silent (outage.py)
    return own if own in CODES else str(getattr(request, "LANGUAGE_CODE", settings.LANGUAGE_CODE))


def language_of(request: HttpRequest) -> str:
    first = request.path_info.lstrip("/").split("/", 1)[0]
    if first in CODES:
        return first
    if not request.path_info.startswith(("/api/", "/oauth/")):
        chosen = request.COOKIES.get(COOKIE, "")
        if chosen in CODES:
            return chosen
    return translation.get_language_from_request(request)
