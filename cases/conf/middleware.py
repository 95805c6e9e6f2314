"""Which middleware whom concerns: what only signed-in people need is left out on the public pages and in the API.

Everything that protects a page (headers, CSRF, framing, the answer when the database is silent) stands on every page.
"""

from collections.abc import Callable
from typing import Any

from csp.constants import HEADER
from csp.utils import build_policy
from django.conf import settings
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.messages.middleware import MessageMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest, HttpResponse

from cases.web.language import CODES, AccountLanguageMiddleware

Answer = Callable[[HttpRequest], HttpResponse]
PUBLIC = frozenset(CODES)  # the first part of every public address is its language
NOBODY_SIGNED_IN = PUBLIC | {"api"}  # programs show their token, and nothing else counts there
WITH_DEBUG_PAGE = (404, 500)


def nobody_signs_in(request: HttpRequest) -> bool:
    return request.path_info.lstrip("/").partition("/")[0] in NOBODY_SIGNED_IN


class _SignedIn:
    """For middleware that finds out who is signed in: there nobody is, and nothing asks."""

    get_response: Any

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if nobody_signs_in(request):
            answer: HttpResponse = self.get_response(request)
            return answer
        signed_in: HttpResponse = super().__call__(request)  # type: ignore[misc]
        return signed_in


class Session(_SignedIn, SessionMiddleware):
    pass


class Authentication(_SignedIn, AuthenticationMiddleware):
    pass


class AccountLanguage(_SignedIn, AccountLanguageMiddleware):
    pass


class Messages(_SignedIn, MessageMiddleware):
    pass


class ContentSecurityPolicy:
    """django-csp's header, written once: no view of ours changes it, and one that has its own keeps that."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response
        self.policy = build_policy()

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if not (settings.DEBUG and response.status_code in WITH_DEBUG_PAGE):
            response.headers.setdefault(HEADER, self.policy)
        return response
