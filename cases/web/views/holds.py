"""Legal holds, for supervisors: all in force, and setting or lifting one on a case file."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from cases.actions.legal_hold import lift_legal_hold, set_legal_hold
from cases.errors import NotFound
from cases.queries.holds import holds
from cases.web.access import acting, page, staff
from cases.web.case_forms import HoldForm
from cases.web.views.case_file import case_or_404, show
from intake.errors import DomainError


@require_GET
@page("legal_hold")
def listed(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    return render(request, "console/holds.html", {"now": now, "rows": holds(staff(request), now)})


@require_POST
@page("legal_hold")
def hold(request: HttpRequest, reference: str) -> HttpResponse:
    form = HoldForm(request.POST)
    if not form.is_valid():
        return show(request, case_or_404(request, reference), forms={"hold": form}, panel="hold", status=422)
    given = form.cleaned_data
    return _act(
        request,
        reference,
        form,
        lambda **who: set_legal_hold(reason=given["reason"], until=given["until"], **who),
        _("Nothing of this case is deleted until then, unless the person asks for it."),
    )


@require_POST
@page("legal_hold")
def lift(request: HttpRequest, reference: str) -> HttpResponse:
    return _act(request, reference, HoldForm(), lambda **who: lift_legal_hold(**who), _("The hold is lifted."))


def _act(request: HttpRequest, reference: str, form: HoldForm, act: Callable[..., Any], done: str) -> HttpResponse:
    case = case_or_404(request, reference)
    try:
        act(case_id=case.pk, by=acting(request), now=timezone.now())
    except NotFound:
        raise
    except DomainError as error:
        form.refuse(error.fields)
        return show(request, case, forms={"hold": form} if form.is_bound else {}, error=error, panel="hold")
    messages.success(request, done)
    return redirect("console:case", reference=case.reference)
