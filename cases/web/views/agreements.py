"""Agreements to read, and proposals: a new one, an amendment, an early end. A second person decides elsewhere."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from cases.actions import propose_agreement as acts
from cases.permissions import may
from cases.queries.agreement_page import AgreementPage, agreement_page, needs_memorandum, partners_to_choose
from cases.queries.agreements import memorandum_in_force
from cases.queries.directory import agreement_states, memorandum_state
from cases.web.access import acting, page, staff
from cases.web.agreement_forms import AmendForm, EndForm, NewAgreementForm
from cases.web.forms import Dressed
from intake.errors import InvalidInput


@require_GET
@page("see_partners")
def agreements(request: HttpRequest) -> HttpResponse:
    """The memorandum and the agreements of the own side; when the former has lapsed, what that stops."""
    now, user = timezone.now(), staff(request)
    states = agreement_states(now)
    own = [one for one in states if one.agreement.side in {"", user.side}]
    memorandum = memorandum_state(states)
    has_lapsed = memorandum is None or memorandum.state not in {"valid", "ending"}
    context = {
        "now": now,
        "states": own,
        "memorandum": memorandum,
        "proposes": may(user, "propose_agreement"),
        "has_lapsed": has_lapsed,
        "across": needs_memorandum(user) if has_lapsed and may(user, "see_queue") else None,
    }
    return render(request, "console/agreements.html", context)


@require_GET
@page("propose_agreement")
def new(request: HttpRequest) -> HttpResponse:
    user = staff(request)
    initial = {"timezone": user.timezone, "kind": "partner"}
    return _new_page(request, NewAgreementForm(initial=initial, partners=partners_to_choose(user.side)))


@require_POST
@page("propose_agreement")
def propose(request: HttpRequest) -> HttpResponse:
    form = NewAgreementForm(request.POST, partners=partners_to_choose(staff(request).side))
    if not form.is_valid():
        return _new_page(request, form, status=422)
    given, now = form.cleaned_data, timezone.now()
    try:
        acts.propose_agreement(
            kind=given["kind"],
            partner_id=given["partner"],
            under_memorandum=given["under_memorandum"],
            terms=form.terms(),
            by=acting(request),
            now=now,
        )
    except InvalidInput as error:
        form.refuse(error.fields)
        return _new_page(request, form, status=error.status)
    if given["under_memorandum"] and memorandum_in_force(now) is None:
        warning = _("No memorandum is in force: until there is one, no case can be offered under this agreement.")
        messages.warning(request, warning)
    return _asked(request)


@require_GET
@page("see_partners")
def agreement(request: HttpRequest, slug: str) -> HttpResponse:
    return _show(request, _page_or_404(request, slug))


@require_POST
@page("propose_agreement")
def amend(request: HttpRequest, slug: str) -> HttpResponse:
    found = _page_or_404(request, slug)
    form = AmendForm(request.POST, newest=found.newest)
    return _propose(
        request,
        found,
        form,
        "amend",
        lambda **who: acts.propose_amendment(terms=form.terms(), seen=form.cleaned_data["seen"], **who),
    )


@require_POST
@page("propose_agreement")
def end(request: HttpRequest, slug: str) -> HttpResponse:
    form = EndForm(request.POST)
    return _propose(
        request,
        _page_or_404(request, slug),
        form,
        "end",
        lambda **who: acts.propose_end(last_day=form.cleaned_data["last_day"], seen=form.cleaned_data["seen"], **who),
    )


def _propose(
    request: HttpRequest, found: AgreementPage, form: Dressed, name: str, act: Callable[..., Any]
) -> HttpResponse:
    if not form.is_valid():
        return _show(request, found, forms={name: form}, status=422)
    try:
        act(agreement_id=found.agreement.pk, by=acting(request), now=timezone.now())
    except InvalidInput as error:
        form.refuse(error.fields)
        return _show(request, found, forms={name: form}, status=error.status)
    return _asked(request)


def _asked(request: HttpRequest) -> HttpResponse:
    messages.success(request, _("Proposed. It comes into force when somebody else has approved it."))
    return redirect("console:approvals")


def _page_or_404(request: HttpRequest, slug: str) -> AgreementPage:
    found = agreement_page(staff(request), slug, timezone.now())
    if found is None:
        raise Http404
    return found


def _new_page(request: HttpRequest, form: NewAgreementForm, status: int = 200) -> HttpResponse:
    now = timezone.now()
    memorandum = memorandum_state(agreement_states(now))
    return render(
        request, "console/new_agreement.html", {"now": now, "form": form, "memorandum": memorandum}, status=status
    )


def _show(
    request: HttpRequest, found: AgreementPage, *, forms: dict[str, Any] | None = None, status: int = 200
) -> HttpResponse:
    newest = found.newest
    proposes = may(staff(request), "propose_agreement") and found.pending is None
    made = {"amend": AmendForm.beginning(newest), "end": EndForm(initial={"seen": newest.number})} if proposes else {}
    context = {"now": timezone.now(), "found": found, "proposes": proposes, "forms": {**made, **(forms or {})}}
    return render(request, "console/agreement.html", context, status=status)
