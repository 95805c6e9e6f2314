"""Partners to read; their API clients to make and revoke."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from cases.actions.manage_clients import NewClient, create_client, revoke_client
from cases.permissions import may
from cases.queries.directory import (
    DirectoryEntry,
    agreement_states,
    clients_of,
    directory,
    directory_entry,
    memorandum_state,
)
from cases.queries.partner_sheet import edits_of
from cases.routing.coverage_now import taken_by_this_one_alone
from cases.web.access import acting, page, staff
from cases.web.forms import ClientForm
from cases.web.partner_words import edit_in_words
from intake.errors import InvalidInput


@require_GET
@page("see_partners")
def partners(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    entries = directory(side=staff(request).side, now=now)
    memorandum = memorandum_state(agreement_states(now))
    context = {
        "now": now,
        "entries": entries,
        "memorandum": memorandum,
        "edits": may(staff(request), "edit_partners"),
        "tries": may(staff(request), "try_change"),
        "sees_routing": may(staff(request), "see_routing"),
    }
    return render(request, "console/partners.html", context)


@require_GET
@page("see_partners")
def partner(request: HttpRequest, slug: str) -> HttpResponse:
    return _show(request, _entry_or_404(request, slug))


@require_POST
@page("manage_clients")
def create(request: HttpRequest, slug: str) -> HttpResponse:
    """The secret is in the answer to this request and nowhere else."""
    entry = _entry_or_404(request, slug)
    form = ClientForm(request.POST)
    if not form.is_valid():
        return _show(request, entry, form=form, status=422)
    try:
        given = form.cleaned_data
        new = create_client(partner_id=entry.partner.pk, name=given["name"], scopes=given["scopes"], by=acting(request))
    except InvalidInput as error:
        form.refuse(error.fields)
        return _show(request, entry, form=form, status=error.status)
    return _show(request, entry, new=new)


@require_POST
@page("manage_clients")
def revoke(request: HttpRequest, slug: str, client_id: int) -> HttpResponse:
    entry = _entry_or_404(request, slug)
    revoke_client(client_id=client_id, partner_id=entry.partner.pk, by=acting(request), now=timezone.now())
    messages.success(request, _("The client is revoked."))
    return redirect("console:partner", slug=slug)


def _entry_or_404(request: HttpRequest, slug: str) -> DirectoryEntry:
    entry = directory_entry(side=staff(request).side, slug=slug, now=timezone.now())
    if entry is None:
        raise Http404
    return entry


def _show(
    request: HttpRequest,
    entry: DirectoryEntry,
    *,
    form: ClientForm | None = None,
    new: NewClient | None = None,
    status: int = 200,
) -> HttpResponse:
    manages, now = may(staff(request), "manage_clients"), timezone.now()
    context: dict[str, Any] = {
        "now": now,
        "entry": entry,
        "alone": taken_by_this_one_alone(entry.partner.side, entry.partner.slug, now),
        "manages": manages,
        "edits": may(staff(request), "edit_partners"),
        "history": [(one, edit_in_words(one)) for one in edits_of(entry.partner)],
        "clients": clients_of(entry.partner) if manages else [],
        "form": (form or ClientForm()) if manages else None,
        "new": new,
    }
    return render(request, "console/partner.html", context, status=status)
