"""Doors to the console: who is let in, with which second factor. What they may do inside is permissions'."""

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any
from zoneinfo import ZoneInfo

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from cases.actions.record import Actor
from cases.errors import NotAllowed, NotFound
from cases.models import User
from cases.permissions import may
from intake.encryption import system_key
from intake.screening import client_address


class AccountAdapter(DefaultAccountAdapter):
    """Accounts are made by administrators, never by signing up."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        """What the limits of signing in are counted by."""
        address = caller_address(request)
        if address is None:
            raise PermissionDenied
        return address


class SecondFactorAdapter(DefaultMFAAdapter):
    """Keeps second factors under the system key."""

    def encrypt(self, text: str) -> str:
        return system_key().seal(text.encode(), label="mfa").hex()

    def decrypt(self, encrypted_text: str) -> str:
        return system_key().open(bytes.fromhex(encrypted_text), label="mfa").decode()


View = Callable[..., HttpResponse]
_LONGEST_ADDRESS = 255  # characters of an account that are remembered with a failed try


def account_tried(request: HttpRequest, credentials: Mapping[str, Any] | None) -> str | None:
    """The account whose failed sign-ins are counted together, however it was spelled."""
    typed = (credentials or {}).get("email") or request.POST.get("login")
    return str(typed).strip().lower()[:_LONGEST_ADDRESS] if typed else None


def caller_address(request: HttpRequest) -> str | None:
    """Whose failed sign-ins are counted together: by our proxy's own address anybody could lock everybody out."""
    address = client_address(request.META, settings.PROXY_COUNT)
    return None if address is None else str(address)


def of_those_with_a_password(view: View) -> View:
    """Demo accounts have none, and nobody gives them one: the page that would ask for a first one is not mounted."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.user.is_authenticated and not request.user.has_usable_password():
            raise Http404
        return view(request, *args, **kwargs)

    return guarded


def console(view: View) -> View:
    """Signed in, with a second factor wherever that is required; answered in the person's zone, and never stored.

    Recovery codes left alone are none: signing in does not ask for them.
    """

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        user = request.user
        if not user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        if settings.SECOND_FACTOR_REQUIRED and not is_mfa_enabled(user, [Authenticator.Type.TOTP]):
            return redirect("mfa_activate_totp")
        with timezone.override(ZoneInfo(user.timezone)):
            response = _answer(view, request, *args, **kwargs)
        response.headers["Cache-Control"] = "no-store"
        return response

    return guarded


def page(action: str) -> Callable[[View], View]:
    """A console page for whoever may do `action` on the own side; everybody else is told that they may not."""

    def decorate(view: View) -> View:
        @wraps(view)
        def permitted(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not may(staff(request), action):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return console(permitted)

    return decorate


def staff(request: HttpRequest) -> User:
    """The signed-in person of a console page."""
    user = request.user
    assert isinstance(user, User)  # noqa: S101 - a view without its guard must not serve anybody
    return user


def acting(request: HttpRequest) -> Actor:
    return Actor("staff", staff(request).pk)


def _answer(view: View, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
    """What an action refuses beyond the forms of its page: not found and not allowed look as they do everywhere."""
    try:
        return view(request, *args, **kwargs)
    except NotFound:
        raise Http404 from None
    except NotAllowed:
        raise PermissionDenied from None
