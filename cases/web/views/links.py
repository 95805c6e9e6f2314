"""What a case has to do with another one, done on its case file: one call to an action each."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from cases.actions.give_back import unmerge_case
from cases.actions.group_cases import group_cases, leave_group
from cases.actions.link_cases import decide_link
from cases.actions.merge_cases import merge_cases
from cases.errors import NotFound, StaleObject
from cases.models import Case
from cases.queries.reach import reachable
from cases.web.access import acting, page, staff
from cases.web.forms import OnCase
from cases.web.link_forms import GroupForm, LinkForm, MergeForm, UngroupForm, UnmergeForm
from cases.web.views.case_file import case_or_404, show
from intake.errors import DomainError, InvalidInput
from intake.references import normalise_reference

Act = Callable[..., Any]


@require_POST
@page("link_cases")
def link(request: HttpRequest, reference: str) -> HttpResponse:
    def act(given: dict[str, Any], **who: Any) -> None:
        decide_link(other_id=_other(request, given), kind=given["kind"], state=given["state"], **who)

    return _carry_out(request, reference, "link", LinkForm(request.POST), act, _("The link is kept."))


@require_POST
@page("merge_cases")
def merge(request: HttpRequest, reference: str) -> HttpResponse:
    def act(given: dict[str, Any], **who: Any) -> None:
        merge_cases(into_id=_other(request, given), **who)

    return _carry_out(request, reference, "merge", MergeForm(request.POST), act, _("The case is merged."))


@require_POST
@page("merge_cases")
def unmerge(request: HttpRequest, reference: str) -> HttpResponse:
    def act(given: dict[str, Any], **who: Any) -> None:
        unmerge_case(reason=given["reason"], **who)

    done = _("The merge is undone. This case needs triage.")
    return _carry_out(request, reference, "unmerge", UnmergeForm(request.POST), act, done)


@require_POST
@page("group_cases")
def group(request: HttpRequest, reference: str) -> HttpResponse:
    def act(given: dict[str, Any], **who: Any) -> None:
        group_cases(other_id=_other(request, given), **who)

    return _carry_out(request, reference, "group_case", GroupForm(request.POST), act, _("The cases are in one group."))


@require_POST
@page("group_cases")
def ungroup(request: HttpRequest, reference: str) -> HttpResponse:
    def act(given: dict[str, Any], **who: Any) -> None:
        leave_group(**who)

    done = _("The case is no longer in the group.")
    return _carry_out(request, reference, "ungroup", UngroupForm(request.POST), act, done)


def _other(request: HttpRequest, given: dict[str, Any]) -> UUID:
    """Unknown, of the other side and of a person they know look the same."""
    known = normalise_reference(given["reference"])
    case_id = reachable(staff(request)).filter(reference=known).values_list("pk", flat=True).first() if known else None
    if case_id is None:
        raise InvalidInput(fields={"reference": [_("There is no such case.")]})
    return case_id


def _carry_out(request: HttpRequest, reference: str, panel: str, form: OnCase, act: Act, done: str) -> HttpResponse:
    case: Case = case_or_404(request, reference)
    if not form.is_valid():
        return show(request, case, forms={panel: form}, panel=panel, status=422)
    try:
        if form.cleaned_data["seen"] not in ("", case.updated_at.isoformat()):
            raise StaleObject()
        act(form.cleaned_data, case_id=case.pk, by=acting(request), now=timezone.now())
    except NotFound:
        raise
    except DomainError as error:
        form.refuse(error.fields)
        form.data = {**form.data.dict(), "seen": case.updated_at.isoformat()}  # type: ignore[assignment,attr-defined]
        return show(request, case_or_404(request, reference), forms={panel: form}, error=error, panel=panel)
    messages.success(request, done)
    return redirect("console:case", reference=case.reference)
