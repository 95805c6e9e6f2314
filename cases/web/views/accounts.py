"""Staff accounts of the own side, for administrators."""

from uuid import UUID

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from cases.actions.manage_accounts import create_account, set_active
from cases.errors import NotAllowed
from cases.models import User
from cases.web.access import acting, page, staff
from cases.web.forms import ROLE_LABELS, AccountForm
from intake.errors import InvalidInput


@require_GET
@page("manage_accounts")
def accounts(request: HttpRequest) -> HttpResponse:
    return _show(request)


@require_POST
@page("manage_accounts")
def add(request: HttpRequest) -> HttpResponse:
    form = AccountForm(request.POST)
    if not form.is_valid():
        return _show(request, form=form, status=422)
    try:
        user = create_account(side=staff(request).side, by=acting(request), **form.cleaned_data)
    except InvalidInput as error:
        form.refuse(error.fields)
        return _show(request, form=form, status=error.status)
    return _show(request, new=user)


@require_POST
@page("manage_accounts")
def link(request: HttpRequest, user_id: UUID) -> HttpResponse:
    """A new enrolment link, for whoever lost the first one before using it.

    Never for an account that has a password: its administrator could enter it with the link.
    """
    user = User.objects.filter(pk=user_id, side=staff(request).side, is_active=True).first()
    if user is None:
        raise Http404
    if user.has_usable_password():
        raise NotAllowed
    return _show(request, new=user)


@require_POST
@page("manage_accounts")
def disable(request: HttpRequest, user_id: UUID) -> HttpResponse:
    return _set_active(request, user_id, is_active=False)


@require_POST
@page("manage_accounts")
def enable(request: HttpRequest, user_id: UUID) -> HttpResponse:
    return _set_active(request, user_id, is_active=True)


def _set_active(request: HttpRequest, user_id: UUID, *, is_active: bool) -> HttpResponse:
    try:
        set_active(user_id=user_id, is_active=is_active, by=acting(request))
        messages.success(request, _("The account is open.") if is_active else _("The account is disabled."))
    except NotAllowed as error:
        messages.error(request, str(error.message))
    return redirect("console:accounts")


def _show(
    request: HttpRequest, *, form: AccountForm | None = None, new: User | None = None, status: int = 200
) -> HttpResponse:
    people = User.objects.filter(side=staff(request).side).defer("phone").order_by("-is_active", "name")
    context = {
        "people": people,
        "roles": ROLE_LABELS,
        "form": form or AccountForm(),
        "new": new,
        "new_link": enrolment_link(new) if new else "",
    }
    return render(request, "console/accounts.html", context, status=status)


def enrolment_link(user: User) -> str:
    """Opens the page on which the account's owner sets a password. It is a secret: shown once, never logged."""
    key = {"uidb36": user_pk_to_url_str(user), "key": default_token_generator.make_token(user)}
    return settings.SITE_URL.rstrip("/") + reverse("account_reset_password_from_key", kwargs=key)
