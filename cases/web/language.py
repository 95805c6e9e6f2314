"""Which language a request is answered in: the path's, else the signed-in person's, else what the browser asks for."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation

CODES = tuple(code for code, _name in settings.LANGUAGES)
COOKIE = "korpu_language"  # the console's choice only; public pages carry theirs in the path


class LanguageMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        language = language_of(request)
        with translation.override(language):
            request.LANGUAGE_CODE = language
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", language)
        return response


def language_of(request: HttpRequest) -> str:
    first = request.path_info.lstrip("/").split("/", 1)[0]
    if first in CODES:
        return first
    if not request.path_info.startswith(("/api/", "/oauth/")):
        chosen = request.COOKIES.get(COOKIE, "")
        if chosen in CODES:
            return chosen
    return translation.get_language_from_request(request)
