"""How partners are ranked: the settings in force in words, their effect, and a new version that can be tried first."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from cases.actions.ask_job import ask_dry_run
from cases.actions.set_routing import set_routing, tried_terms
from cases.errors import OneJobAtATime
from cases.permissions import may
from cases.queries.jobs import settings_jobs
from cases.queries.routing_settings import (
    PartnerPlaces,
    newest_prices,
    newest_version,
    partner_places,
    past_decisions,
    versions,
)
from cases.routing.effect import effect
from cases.routing.prices import NO_PRICE
from cases.routing.reserve import kept_places
from cases.routing.situation import prices_of
from cases.routing.terms import TERMS, Terms, terms_of
from cases.web.access import acting, page, staff
from cases.web.job_forms import TryDaysForm
from cases.web.job_words import change_in_words
from cases.web.routing_forms import RoutingForm, initial_of
from intake.errors import DomainError, InvalidInput


@dataclass(frozen=True, slots=True)
class PricedPartner:
    partner: PartnerPlaces
    free: int
    price: float  # of its next place
    surge: float
    kept: int


@require_GET
@page("see_routing")
def settings_in_force(request: HttpRequest) -> HttpResponse:
    return _show(request)


@require_POST
@page("edit_routing")
def new_version(request: HttpRequest) -> HttpResponse:
    """`try` shows what the settings would do and stores nothing."""
    form = RoutingForm(request.POST)
    if not form.is_valid():
        return _show(request, form, status=422)
    given = form.cleaned_data
    try:
        if "try" in request.POST:
            return _show(request, form, tried=tried_terms(form.definition()))
        set_routing(
            definition=form.definition(),
            based_on=given["based_on"],
            reason=given["reason"],
            by=acting(request),
            now=timezone.now(),
        )
    except DomainError as error:
        form.refuse(error.fields)
        return _show(request, form, error=error, status=error.status)
    messages.success(request, _("The new version holds. Its prices are made within a quarter of an hour."))
    return redirect("console:routing_settings")


@require_POST
@page("try_routing")
def try_settings(request: HttpRequest) -> HttpResponse:
    """Asks for a dry run of what was typed, over past cases; stores nothing of it."""
    form, days = RoutingForm(request.POST), TryDaysForm(request.POST)
    form.fields["reason"].required = False  # nothing begins to hold
    if not form.is_valid() or not days.is_valid():
        return _show(request, form, days=days, status=422)
    change = {"kind": "settings", "definition": form.definition()}
    try:
        job = ask_dry_run(change=change, days=days.cleaned_data["days"], by=acting(request), now=timezone.now())
    except InvalidInput as error:
        if "days" in error.fields:
            days.refuse({"days": error.fields["days"]})
        form.refuse({name: said for name, said in error.fields.items() if name != "days"})
        return _show(request, form, days=days, status=error.status)
    except OneJobAtATime as error:
        return _show(request, form, error=error, status=error.status)
    return redirect("console:dry_run", job_id=job.pk)


def _show(
    request: HttpRequest,
    form: RoutingForm | None = None,
    *,
    days: TryDaysForm | None = None,
    tried: Terms | None = None,
    status: int = 200,
    **more: Any,
) -> HttpResponse:
    user, kept = staff(request), versions()
    in_force = next((one for one in kept if one.is_active), None)
    terms = _terms(in_force)
    newest = newest_prices(in_force.version) if in_force else None
    if form is None and may(user, "try_routing") and in_force:
        form = RoutingForm(initial=initial_of(in_force.definition, newest_version()))
    context = {
        "terms": terms,
        "in_force": in_force,
        "versions": kept,
        "prices": newest,
        "partners": _priced(user.side, newest, terms),
        "form": form,
        "days": days or TryDaysForm(),
        "edits": may(user, "edit_routing"),
        "jobs": [(job, change_in_words(job.params["change"])) for job in settings_jobs(side=user.side)],
        "tried": effect(past_decisions(user.side), terms, tried) if tried is not None else None,
        "panel": "routing",
        **more,
    }
    return render(request, "console/routing_settings.html", context, status=status)


def _terms(in_force: Any) -> Terms:
    try:
        return terms_of(in_force.definition, version=in_force.version) if in_force else TERMS
    except ValueError:
        return TERMS


def _priced(side: str, newest: Any, terms: Terms) -> list[PricedPartner]:
    prices = prices_of(newest.prices, newest.surges) if newest else {}
    found = []
    for partner in partner_places(side):
        price, free = prices.get(partner.id, NO_PRICE), partner.capacity - partner.load
        now = price.now(free)
        kept = kept_places(partner.capacity, now, terms.reserve)
        found.append(PricedPartner(partner, max(0, free), now, price.surge, kept))
    return sorted(found, key=lambda one: (-one.price, one.partner.slug))
