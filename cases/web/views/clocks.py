"""Waiting for the reporter, going on, and dates set by law: one call to an action each."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from cases.actions.keep_dates import enter_date, remove_date
from cases.actions.pause_clocks import go_on, look_again_later, wait_for_reporter
from cases.models import Case
from cases.web.access import acting, page
from cases.web.clocks_forms import DateForm, GoOnForm, LookAgainForm, WaitForm
from cases.web.views.case_actions import carry_out
from cases.web.views.case_file import case_or_404


@require_POST
@page("pause_clocks")
def wait(request: HttpRequest, reference: str) -> HttpResponse:
    def act(case: Case, given: dict[str, Any]) -> None:
        wait_for_reporter(
            case_id=case.pk,
            reason=given["reason"],
            look_again_on=given["look_again_on"],
            by=acting(request),
            now=timezone.now(),
        )

    return carry_out(request, reference, "wait", WaitForm(request.POST), act, _("The case waits for the reporter."))


@require_POST
@page("pause_clocks")
def end_wait(request: HttpRequest, reference: str) -> HttpResponse:
    def act(case: Case, given: dict[str, Any]) -> None:
        go_on(case_id=case.pk, by=acting(request), now=timezone.now())

    return carry_out(request, reference, "go_on", GoOnForm(request.POST), act, _("The case goes on."))


@require_POST
@page("pause_clocks")
def look_again(request: HttpRequest, reference: str) -> HttpResponse:
    def act(case: Case, given: dict[str, Any]) -> None:
        look_again_later(case_id=case.pk, look_again_on=given["look_again_on"], by=acting(request), now=timezone.now())

    return carry_out(request, reference, "later", LookAgainForm(request.POST), act, _("You are reminded then."))


@require_POST
@page("keep_dates")
def add_date(request: HttpRequest, reference: str) -> HttpResponse:
    def act(case: Case, given: dict[str, Any]) -> None:
        enter_date(case_id=case.pk, kind=given["kind"], on=given["date"], by=acting(request), now=timezone.now())

    return carry_out(request, reference, "date", DateForm(request.POST), act, _("The date is on the case."))


@require_POST
@page("keep_dates")
def drop_date(request: HttpRequest, reference: str, date_id: UUID) -> HttpResponse:
    """Two who remove it at once want the same, so a change in the meantime is no hindrance."""
    case = case_or_404(request, reference)
    remove_date(case_id=case.pk, date_id=date_id, by=acting(request), now=timezone.now())
    messages.success(request, _("The date is off the case."))
    return redirect("console:case", reference=case.reference)
