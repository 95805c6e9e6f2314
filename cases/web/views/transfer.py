"""Asking on the case file that the other side takes the case over."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from cases.actions.transfer_case import ask_transfer
from cases.models import Case
from cases.web.access import acting, page
from cases.web.agreement_forms import TransferForm
from cases.web.views.case_actions import carry_out


@require_POST
@page("ask_transfer")
def ask(request: HttpRequest, reference: str) -> HttpResponse:
    def act(case: Case, given: dict[str, Any]) -> None:
        said = {"reason_code": given["reason_code"], "reason": given["reason"]}
        ask_transfer(case_id=case.pk, **said, by=acting(request), now=timezone.now())

    done = _("Asked. A supervisor of each side decides, and the person must allow it.")
    return carry_out(request, reference, "transfer", TransferForm(request.POST), act, done)
