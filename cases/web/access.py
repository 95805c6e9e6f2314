"""Doors to the console: who is let in, with which second factor. What they may do inside is permissions'."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from intake.encryption import system_key


class AccountAdapter(DefaultAccountAdapter):
    """Accounts are made by administrators, never by signing up."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False


class SecondFactorAdapter(DefaultMFAAdapter):
    """Keeps second factors under the system key."""

    def encrypt(self, text: str) -> str:
        return system_key().seal(text.encode(), label="mfa").hex()

    def decrypt(self, encrypted_text: str) -> str:
        return system_key().open(bytes.fromhex(encrypted_text), label="mfa").decode()


View = Callable[..., HttpResponse]


def console(view: View) -> View:
    """Signed in, and with a second factor wherever that is required."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        if settings.SECOND_FACTOR_REQUIRED and not is_mfa_enabled(request.user):
            return redirect("mfa_activate_totp")
        response = view(request, *args, **kwargs)
        response.headers["Cache-Control"] = "no-store"
        return response

    return guarded
