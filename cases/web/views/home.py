"""Where a person begins, by role; and the language of the pages."""

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_POST

from cases.models import User
from cases.permissions import may
from cases.web.access import console, staff
from cases.web.language import CODES, COOKIE

_BEGINNINGS = (
    ("see_queue", "queue"),
    ("edit_partners", "partners"),
    ("see_figures", "figures"),
    ("manage_accounts", "health"),
    ("see_access", "access"),
)
COOKIE_AGE = 365 * 24 * 3600  # seconds


@require_GET
@console
def home(request: HttpRequest) -> HttpResponse:
    """The first page that the person's roles open."""
    for action, name in _BEGINNINGS:
        if may(staff(request), action):
            return redirect(f"console:{name}")
    raise PermissionDenied


@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """For anybody, also before signing in. A signed-in person's mails follow the choice."""
    chosen = request.POST.get("language", "")
    response = redirect(next_address(request))
    if chosen in CODES:
        remember_language(response, chosen)
        if request.user.is_authenticated:
            User.objects.filter(pk=request.user.pk).update(language=chosen)
    return response


def remember_language(response: HttpResponse, language: str) -> None:
    response.set_cookie(
        COOKIE, language, max_age=COOKIE_AGE, httponly=True, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE
    )


def next_address(request: HttpRequest) -> str:
    """Where to go on; never to another site."""
    wanted = request.POST.get("next", "")
    if url_has_allowed_host_and_scheme(wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()):
        return wanted
    return "/console/"
