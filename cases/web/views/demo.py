"""Pages of the demo only: one click for each demo person, and what the workers sent."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth import login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from cases.actions.demo_memorandum import switch_memorandum
from cases.models import User, WebhookEndpoint
from cases.models.user import Role
from cases.web.access import page
from cases.web.inbox import sent_messages
from cases.web.views.home import remember_language
from intake.vocabulary import Side

View = Callable[..., HttpResponse]
_BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


def demo_only(view: View) -> View:
    """A second lock behind the addresses: outside the demo there is nothing here."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not settings.DEMO:
            raise Http404
        return view(request, *args, **kwargs)

    return never_cache(guarded)


@require_GET
@demo_only
def people(request: HttpRequest) -> HttpResponse:
    accounts = User.objects.filter(is_demo=True, is_active=True).defer("phone").order_by("email")
    sides = [(side, label, [user for user in accounts if user.side == side]) for side, label in Side.choices]
    return render(request, "console/demo_people.html", {"sides": sides, "roles": dict(Role.choices)})


@require_POST
@demo_only
def enter(request: HttpRequest, user_id: UUID) -> HttpResponse:
    """Signs in as a demo person, never as anybody else; the pages stay in the language of this one."""
    user = User.objects.filter(pk=user_id, is_demo=True, is_active=True).first()
    if user is None:
        raise Http404
    login(request, user, backend=_BACKEND)
    response = redirect("console:home")
    remember_language(response, str(request.LANGUAGE_CODE))  # type: ignore[attr-defined]
    return response


@require_GET
@demo_only
def sent(request: HttpRequest) -> HttpResponse:
    endpoints = WebhookEndpoint.objects.filter(partner__is_demo=True)
    secrets = [secret for pair in endpoints.values_list("secret", "old_secret") for secret in pair if secret]
    context = {"now": timezone.now(), "messages_sent": sent_messages(settings.DEMO_INBOX, secrets)}
    return render(request, "console/demo_sent.html", context)


@require_POST
@demo_only
@page("see_partners")
def memorandum(request: HttpRequest) -> HttpResponse:
    """One click: the memorandum ended yesterday; another one: it did not."""
    switch_memorandum(now=timezone.now())
    return redirect("console:agreements")


urlpatterns: list[Any] = [
    path("", people, name="demo"),
    path("enter/<uuid:user_id>/", enter, name="demo_enter"),
    path("memorandum/", memorandum, name="demo_memorandum"),
    path("sent/", sent, name="demo_sent"),
]
