"""Asking on the case file that the other side takes the case over."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from cases.actions.transfer_case import ask_transfer
from cases.errors import NotFound
from cases.web.access import acting, page
from cases.web.agreement_forms import TransferForm
from cases.web.views.case_file import case_or_404, show
from intake.errors import DomainError


@require_POST
@page("ask_transfer")
def ask(request: HttpRequest, reference: str) -> HttpResponse:
    case = case_or_404(request, reference)
    form = TransferForm(request.POST)
    if not form.is_valid():
        return show(request, case, forms={"transfer": form}, panel="transfer", status=422)
    given = form.cleaned_data
    try:
        ask_transfer(
            case_id=case.pk,
            reason_code=given["reason_code"],
            reason=given["reason"],
            by=acting(request),
            now=timezone.now(),
        )
    except NotFound:
        raise
    except DomainError as error:
        form.refuse(error.fields)
        return show(request, case_or_404(request, reference), forms={"transfer": form}, error=error, panel="transfer")
    messages.success(request, _("Asked. A supervisor of each side decides, and the person must allow it."))
    return redirect("console:case", reference=case.reference)
