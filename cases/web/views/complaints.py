"""Complaints, for supervisors: the list, the words (which leaves a record), the answer."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from cases.actions.complaints import answer_complaint, read_complaint
from cases.errors import NotFound
from cases.queries.complaints import complaints
from cases.web.access import acting, page, staff
from cases.web.case_forms import AnswerForm
from intake.errors import DomainError


@require_GET
@page("answer_complaint")
def listed(request: HttpRequest) -> HttpResponse:
    return _show(request)


@require_POST
@page("answer_complaint")
def opened(request: HttpRequest, complaint_id: UUID) -> HttpResponse:
    """The words stand in this one answer: a reload asks, and records, again."""
    return _opened(request, complaint_id, AnswerForm())


@require_POST
@page("answer_complaint")
def answer(request: HttpRequest, complaint_id: UUID) -> HttpResponse:
    form = AnswerForm(request.POST)
    if not form.is_valid():
        return _opened(request, complaint_id, form, status=422)
    try:
        answer_complaint(
            complaint_id=complaint_id, text=form.cleaned_data["text"], by=acting(request), now=timezone.now()
        )
    except NotFound:
        raise
    except DomainError as error:
        form.refuse(error.fields)
        return _opened(request, complaint_id, form, error=error, status=error.status)
    messages.success(request, _("The answer stands on the person's page."))
    return redirect("console:complaints")


def _opened(
    request: HttpRequest, complaint_id: UUID, form: AnswerForm, *, error: DomainError | None = None, status: int = 200
) -> HttpResponse:
    try:
        text = read_complaint(complaint_id=complaint_id, by=acting(request), now=timezone.now())
    except NotFound:
        raise
    except DomainError as gone:
        return _show(request, opened=complaint_id, error=gone, status=gone.status)
    return _show(request, opened=complaint_id, text=text, form=form, error=error, status=status)


def _show(
    request: HttpRequest,
    *,
    opened: UUID | None = None,
    text: str = "",
    form: AnswerForm | None = None,
    error: DomainError | None = None,
    status: int = 200,
) -> HttpResponse:
    user = staff(request)
    context = {
        "now": timezone.now(),
        "rows": complaints(user),
        "answered": complaints(user, answered=True),
        "opened": opened,
        "text": text,
        "form": form,
        "error": error,
        "panel": "answer",
    }
    return render(request, "console/complaints.html", context, status=status)
