"""A partner's own facts as a coordinator edits them, tries them on past cases, pauses it and ends the pause."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from cases.actions.ask_job import ask_dry_run
from cases.actions.edit_partner import edit_partner
from cases.actions.pause_partner import pause_partner, resume_partner
from cases.errors import OneJobAtATime, StaleObject
from cases.models import PartnerOrganisation
from cases.queries.directory import is_paused
from cases.queries.partner_sheet import partner_of, sheet_of
from cases.web.access import acting, page, staff
from cases.web.partner_forms import PauseForm, ResumeForm
from cases.web.partner_page import PartnerPage
from intake.errors import DomainError, InvalidInput


@require_GET
@page("edit_partners")
def edit(request: HttpRequest, slug: str) -> HttpResponse:
    partner = _partner_or_404(request, slug)
    return _show(request, partner, PartnerPage(partner, sheet_of(partner)))


@require_POST
@page("edit_partners")
def save(request: HttpRequest, slug: str) -> HttpResponse:
    """`try` asks for a dry run of what was typed and stores nothing of it."""
    partner = _partner_or_404(request, slug)
    found = PartnerPage(partner, sheet_of(partner), request.POST)
    if not found.is_valid() or ("try" in request.POST and not found.days.is_valid()):
        return _show(request, partner, found, status=422)
    try:
        return _try(request, partner, found) if "try" in request.POST else _keep(request, partner, found)
    except InvalidInput as error:
        found.refuse(error.fields)
        return _show(request, partner, found, status=error.status)
    except (StaleObject, OneJobAtATime) as error:
        return _show(request, partner, found, error=error, status=error.status)


@require_POST
@page("edit_partners")
def pause(request: HttpRequest, slug: str) -> HttpResponse:
    partner = _partner_or_404(request, slug)
    form = PauseForm(request.POST)
    found = PartnerPage(partner, sheet_of(partner))
    if not form.is_valid():
        return _show(request, partner, found, pause=form, status=422)
    given = form.cleaned_data
    try:
        pause_partner(
            partner_id=partner.pk,
            until=given["until"],
            because=given["because"],
            seen_until=given["seen_until"],
            by=acting(request),
            now=timezone.now(),
        )
    except InvalidInput as error:
        form.refuse(error.fields)
        return _show(request, partner, found, pause=form, status=error.status)
    except StaleObject as error:
        return _show(request, partner, found, error=error, status=error.status)
    messages.success(request, _("Paused: it is offered nothing new until then."))
    return redirect("console:partner", slug=slug)


@require_POST
@page("edit_partners")
def resume(request: HttpRequest, slug: str) -> HttpResponse:
    partner = _partner_or_404(request, slug)
    form = ResumeForm(request.POST)
    found = PartnerPage(partner, sheet_of(partner))
    if not form.is_valid():
        return _show(request, partner, found, error=StaleObject(), status=422)
    try:
        seen = form.cleaned_data["seen_until"]
        resume_partner(partner_id=partner.pk, seen_until=seen, by=acting(request), now=timezone.now())
    except StaleObject as error:
        return _show(request, partner, found, error=error, status=error.status)
    messages.success(request, _("The pause has ended. Cases without a partner are tried again now."))
    return redirect("console:partner", slug=slug)


def _try(request: HttpRequest, partner: PartnerOrganisation, found: PartnerPage) -> HttpResponse:
    change = {"kind": "sheet", "partner": partner.slug, "sheet": found.sheet().as_json()}
    job = ask_dry_run(change=change, days=found.days.cleaned_data["days"], by=acting(request), now=timezone.now())
    return redirect("console:dry_run", job_id=job.pk)


def _keep(request: HttpRequest, partner: PartnerOrganisation, found: PartnerPage) -> HttpResponse:
    edited = edit_partner(
        partner_id=partner.pk,
        sheet=found.sheet(),
        contact=found.main.contact(),
        seen=found.main.cleaned_data["seen"],
        by=acting(request),
        now=timezone.now(),
    )
    messages.success(request, _("Saved.") if edited.changed else _("Nothing was different: nothing was changed."))
    if edited.load is not None:
        said = _(
            "It has {load} cases in hand, more than it has places now: it is offered nothing new until there are fewer."
        )
        messages.warning(request, said.format(load=edited.load))
    return redirect("console:partner", slug=partner.slug)


def _partner_or_404(request: HttpRequest, slug: str) -> PartnerOrganisation:
    partner = partner_of(slug, staff(request).side, with_numbers=True)
    if partner is None:
        raise Http404
    return partner


def _show(
    request: HttpRequest,
    partner: PartnerOrganisation,
    found: PartnerPage,
    *,
    pause: PauseForm | None = None,
    error: DomainError | None = None,
    status: int = 200,
) -> HttpResponse:
    now, until = timezone.now(), partner.paused_until
    context: dict[str, Any] = {
        "now": now,
        "partner": partner,
        "found": found,
        "pause": pause or PauseForm(initial={"seen_until": until}),
        "resume": ResumeForm(initial={"seen_until": until}) if is_paused(partner, now) else None,
        "error": error,
    }
    return render(request, "console/partner_edit.html", context, status=status)
