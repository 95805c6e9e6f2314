"""The two cookies of the public pages: the draft's secret, and a short-lived pass to the reporter's page."""

from uuid import UUID

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare

from intake.actions.drafts import LIFETIME
from intake.encryption import keyed_hash
from intake.web.visits import end_visit, has_ended, new_visit

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
    """The report whose page this browser has opened within the last minutes, and has not left."""
    report_id, visit = _pass(request)
    return None if report_id is None or has_ended(visit) else report_id


def keep_page(response: HttpResponse, report_id: UUID, request: HttpRequest | None = None) -> None:
    """The report's id and the visit, signed; never the code. Set anew with each answer, so that it ends 20 minutes
    after the last. `request`: the visit goes on; without it a new one begins."""
    before, visit = _pass(request) if request is not None else (None, "")
    going_on = visit if visit and before == report_id else new_visit()
    _set(response, PAGE, signing.dumps([str(report_id), going_on], salt=_SALT), PAGE_SECONDS)


def leave_page(request: HttpRequest, response: HttpResponse) -> None:
    """The visit has ended here and on the server."""
    report_id, visit = _pass(request)
    if report_id is not None:
        end_visit(visit, seconds=PAGE_SECONDS)
    drop(response, PAGE)


def _pass(request: HttpRequest) -> tuple[UUID | None, str]:
    try:
        report_id, visit = signing.loads(request.COOKIES.get(PAGE, "")[:_LONGEST], salt=_SALT, max_age=PAGE_SECONDS)
        return UUID(report_id), str(visit)
    except (signing.BadSignature, ValueError, TypeError, AttributeError):
        return None, ""


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
