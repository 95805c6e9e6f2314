"""The life of a case from its file: its end and who decides on it, reopening, attempts, review, who is responsible."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from cases.actions import decide_closing, end_case, reopen
from cases.actions.assign import take_case, unassign_case
from cases.actions.log_attempt import log_attempt
from cases.actions.review import review_case
from cases.errors import NotFound
from cases.models import Case, ClosingProposal
from cases.queries.closing import waiting_closings
from cases.queries.people import assignable_people
from cases.web import life_forms as forms
from cases.web.access import acting, page, staff
from cases.web.forms import TakeForm
from cases.web.views.case_actions import carry_out
from cases.web.views.case_file import case_or_404


@require_GET
@page("approve_closing")
def closings(request: HttpRequest) -> HttpResponse:
    rows = waiting_closings(staff(request))
    return render(request, "console/closings.html", {"now": timezone.now(), "rows": rows})


@require_POST
@page("close_case")
def resolve(request: HttpRequest, reference: str) -> HttpResponse:
    def act(case: Case, given: dict[str, Any]) -> None:
        end_case.resolve_case(case_id=case.pk, outcome=given["outcome"], words=given["words"], **_who(request))

    return carry_out(request, reference, "resolve", forms.ResolveForm(request.POST), act, _("The case is resolved."))


@require_POST
@page("close_case")
def close(request: HttpRequest, reference: str) -> HttpResponse:
    said = {True: _("A supervisor who is not you decides on the closing."), False: _("The case is closed.")}
    waits = [False]

    def act(case: Case, given: dict[str, Any]) -> None:
        proposal = end_case.close_case(case_id=case.pk, outcome=given["outcome"], words=given["words"], **_who(request))
        waits[0] = proposal is not None

    form = forms.CloseForm(request.POST, case=case_or_404(request, reference))
    return carry_out(request, reference, "close", form, act, lambda: said[waits[0]])


@require_POST
@page("close_case")
def decide(request: HttpRequest, reference: str, proposal_id: UUID) -> HttpResponse:
    """Approve, send back or take back: which of them a person may, the action says."""

    def act(case: Case, given: dict[str, Any]) -> None:
        if not ClosingProposal.objects.filter(pk=proposal_id, case=case).exists():
            raise NotFound()
        who = {"proposal_id": proposal_id, **_who(request)}
        match given["act"]:
            case "approve":
                decide_closing.approve_closing(**who)
            case "send_back":
                decide_closing.send_back_closing(reason=given["reason"], **who)
            case _:
                decide_closing.take_back_closing(**who)

    return carry_out(request, reference, "closing", forms.ClosingDecisionForm(request.POST), act, _("Done."))


@require_POST
@page("reopen_case")
def reopened(request: HttpRequest, reference: str) -> HttpResponse:
    def act(case: Case, given: dict[str, Any]) -> None:
        reopen.reopen_case(case_id=case.pk, reason=given["reason"], **_who(request))

    form, done = forms.ReopenForm(request.POST), _("The case is open again and waits for triage.")
    return carry_out(request, reference, "reopen", form, act, done)


@require_POST
@page("reopen_case")
def left(request: HttpRequest, reference: str) -> HttpResponse:
    def act(case: Case, given: dict[str, Any]) -> None:
        reopen.leave_ended(case_id=case.pk, **_who(request))

    return carry_out(request, reference, "reopen", TakeForm(request.POST), act, _("The case stays as it is."))


@require_POST
@page("review")
def review(request: HttpRequest, reference: str) -> HttpResponse:
    def act(case: Case, given: dict[str, Any]) -> None:
        review_case(case_id=case.pk, **_who(request))

    return carry_out(request, reference, "review", TakeForm(request.POST), act, _("Kept. The clock begins anew."))


@require_POST
@page("log_attempt")
def attempt(request: HttpRequest, reference: str) -> HttpResponse:
    def act(case: Case, given: dict[str, Any]) -> None:
        log_attempt(case_id=case.pk, channel=given["channel"], result=given["result"], **_who(request))

    return carry_out(request, reference, "attempt", forms.AttemptForm(request.POST), act, _("The attempt is kept."))


@require_POST
@page("assign")
def assign(request: HttpRequest, reference: str) -> HttpResponse:
    def act(case: Case, given: dict[str, Any]) -> None:
        if given["user"]:
            take_case(case_id=case.pk, user_id=UUID(given["user"]), **_who(request))
        else:
            unassign_case(case_id=case.pk, **_who(request))

    people = assignable_people(case_or_404(request, reference))
    form = forms.AssignForm(request.POST, people=people)
    return carry_out(request, reference, "assign", form, act, _("It is noted who is responsible."))


def _who(request: HttpRequest) -> dict[str, Any]:
    return {"by": acting(request), "now": timezone.now()}
