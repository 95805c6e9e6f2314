"""Vital interest: asked on the case file, decided by a supervisor who is not the one who asked."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from cases.actions import vital_interest as acts
from cases.errors import NotFound
from cases.models import Case, VitalInterest
from cases.queries.case_file import partners_of
from cases.queries.vital_interest import waiting_vital_interests
from cases.web.access import acting, page, staff
from cases.web.case_forms import VitalDecisionForm, VitalForm
from cases.web.views.case_actions import carry_out
from cases.web.views.case_file import case_or_404, show
from intake.errors import DomainError


@require_GET
@page("approve_vital_interest")
def waiting(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    rows = waiting_vital_interests(staff(request), timezone.localdate())
    return render(request, "console/vital_interests.html", {"now": now, "rows": rows})


@require_POST
@page("ask_vital_interest")
def ask(request: HttpRequest, reference: str) -> HttpResponse:
    def act(case: Case, given: dict[str, Any]) -> None:
        whom = {"case_id": case.pk, "partner_id": UUID(given["partner"]), "groups": given["groups"]}
        acts.ask_vital_interest(**whom, reason=given["reason"], by=acting(request), now=timezone.now())

    form = VitalForm(request.POST, partners=partners_of(case_or_404(request, reference)))
    return carry_out(request, reference, "vital", form, act, _("Asked. A supervisor who is not you decides."))


@require_POST
@page("ask_vital_interest")
def decide(request: HttpRequest, reference: str, vital_id: UUID) -> HttpResponse:
    """Approve, refuse, end, tell the person or put that off: which of them a person may, the action says."""
    case = case_or_404(request, reference)
    if not VitalInterest.objects.filter(pk=vital_id, case=case).exists():
        raise NotFound()
    form = VitalDecisionForm(request.POST)
    if not form.is_valid():
        return show(request, case, forms={"decision": form}, panel="decision", status=422)
    try:
        _carry_out(request, vital_id, form.cleaned_data)
    except NotFound:
        raise
    except DomainError as error:
        form.refuse(error.fields)
        return show(request, _again(request, case), forms={"decision": form}, error=error, panel="decision")
    messages.success(request, _("Done."))
    return redirect("console:case", reference=case.reference)


def _carry_out(request: HttpRequest, vital_id: UUID, given: dict[str, Any]) -> None:
    who: dict[str, Any] = {"vital_id": vital_id, "by": acting(request), "now": timezone.now()}
    match given["act"]:
        case "approve":
            acts.approve_vital_interest(is_safe_to_tell=given["tell"] == "now", tell_on=given["tell_on"], **who)
        case "refuse":
            acts.refuse_vital_interest(**who)
        case "end":
            acts.end_vital_interest(**who)
        case "tell":
            acts.tell_person(**who)
        case _:
            acts.put_off_telling(tell_on=given["tell_on"], **who)


def _again(request: HttpRequest, case: Case) -> Any:
    return case_or_404(request, case.reference)
