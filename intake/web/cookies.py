"""The two cookies of the public pages: the draft's secret, and a short-lived pass to the reporter's page."""

from uuid import UUID

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare

from intake.actions.drafts import LIFETIME
from intake.encryption import keyed_hash

DRAFT = "korpu_draft"
PAGE = "korpu_page"
PAGE_SECONDS = 20 * 60  # without a request
_SALT = "intake.page"
_LONGEST = 512  # characters of a cookie that we look at


def draft_secret(request: HttpRequest) -> str:
    return request.COOKIES.get(DRAFT, "")[:_LONGEST]


def keep_draft(response: HttpResponse, secret: str) -> None:
    _set(response, DRAFT, secret, int(LIFETIME.total_seconds()))


def page_report(request: HttpRequest) -> UUID | None:
    """The report whose page this browser has opened within the last minutes."""
    try:
        return UUID(signing.loads(request.COOKIES.get(PAGE, "")[:_LONGEST], salt=_SALT, max_age=PAGE_SECONDS))
    except (signing.BadSignature, ValueError, TypeError):
        return None


def keep_page(response: HttpResponse, report_id: UUID) -> None:
    """The report's id, signed; never the code. Set anew with each answer, so that it ends 20 minutes after the last."""
    _set(response, PAGE, signing.dumps(str(report_id), salt=_SALT), PAGE_SECONDS)


def drop(response: HttpResponse, *names: str) -> None:
    for name in names:
        response.delete_cookie(name, path="/", samesite="Strict")


def draft_token(request: HttpRequest) -> str:
    """Goes into the forms of the draft. Takes the place of Django's CSRF cookie: bound to the draft's own cookie, and
    right also where a browser or a proxy sends neither Origin nor Referer (as our Referrer-Policy demands)."""
    return _token(draft_secret(request), "draft form")


def page_token(report_id: UUID) -> str:
    return _token(str(report_id), "page form")


def token_fits(request: HttpRequest, token: str) -> bool:
    return constant_time_compare(request.POST.get("token", ""), token)


def _token(secret: str, purpose: str) -> str:
    return keyed_hash(secret, purpose=purpose).hex()


def _set(response: HttpResponse, name: str, value: str, seconds: int) -> None:
    response.set_cookie(
        name, value, max_age=seconds, path="/", httponly=True, samesite="Strict", secure=settings.SESSION_COOKIE_SECURE
    )
