"""What waits for a second person, and the decision. Who may decide, the action says."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from cases.actions import decide_approval as acts
from cases.errors import NotAllowed, NotFound
from cases.models import ApprovalRequest
from cases.queries.approvals import waiting_approvals
from cases.queries.directory import agreement_states, memorandum_state
from cases.web.access import acting, page, staff
from cases.web.agreement_forms import DecisionForm
from intake.errors import DomainError


@require_GET
@page("see_approvals")
def waiting(request: HttpRequest) -> HttpResponse:
    return _show(request)


@require_POST
@page("see_approvals")
def decide(request: HttpRequest, request_id: UUID) -> HttpResponse:
    form = DecisionForm(request.POST)
    try:
        if not form.is_valid():
            _known(request, request_id)
            return _show(request, status=422)
        done = _carry_out(request, request_id, form.cleaned_data["act"])
    except (NotFound, NotAllowed):
        raise
    except DomainError as error:
        return _show(request, error=error, status=error.status)
    messages.success(request, done)
    return redirect("console:approvals")


def _carry_out(request: HttpRequest, request_id: UUID, act: str) -> str:
    by, now = acting(request), timezone.now()
    if act == "refuse":
        acts.refuse(request_id=request_id, by=by, now=now)
        return _("Done.")
    decided = acts.approve(request_id=request_id, by=by, now=now)
    if decided.state == ApprovalRequest.State.APPROVED:
        return _("Approved, and done.")
    if decided.case_id is not None:
        return _("Approved. It happens when the other side has approved too and the person allows it.")
    return _("Approved. It waits for another person.")


def _known(request: HttpRequest, request_id: UUID) -> None:
    """A form that says nothing must not tell either whether there is such a request. Raises NotFound."""
    rows = waiting_approvals(staff(request), timezone.now())
    if not any(one.request.pk == request_id for one in rows):
        raise NotFound()


def _show(request: HttpRequest, *, error: DomainError | None = None, status: int = 200) -> HttpResponse:
    now = timezone.now()
    context = {
        "now": now,
        "rows": waiting_approvals(staff(request), now),
        "memorandum": memorandum_state(agreement_states(now)),
        "error": error,
    }
    return render(request, "console/approvals.html", context, status=status)
