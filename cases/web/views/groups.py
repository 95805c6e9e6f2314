"""The page of a group of cases: references and codes, the shared note, and one act for several cases at once."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from cases.actions.act_on_group import Result, act_on_group
from cases.actions.group_cases import write_group_note
from cases.errors import NotFound
from cases.models import CaseGroup
from cases.permissions import may
from cases.queries.groups import colleagues, group_file, group_of
from cases.web.access import acting, page, staff
from cases.web.link_forms import GroupActForm, GroupNoteForm
from intake.errors import DomainError


@require_GET
@page("group_cases")
def group(request: HttpRequest, group_id: UUID) -> HttpResponse:
    return _show(request, _group_or_404(request, group_id))


@require_POST
@page("group_cases")
def act(request: HttpRequest, group_id: UUID) -> HttpResponse:
    """How it ended for each case is shown in the answer: some may be refused while others are done."""
    found = _group_or_404(request, group_id)
    form = _act_form(request, found, request.POST)
    if not form.is_valid():
        return _show(request, found, act_form=form, status=422)
    given = form.cleaned_data
    try:
        results = act_on_group(
            group_id=found.pk,
            act=given["act"],
            case_ids=[UUID(one) for one in given["cases"]],
            text=given["text"],
            user_id=given["user"].pk if given["user"] else None,
            local=given["at"].replace(tzinfo=None) if given["at"] else None,
            seen=given["seen"],
            by=acting(request),
            now=timezone.now(),
        )
    except NotFound:
        raise
    except DomainError as error:
        form.refuse(error.fields)
        return _show(request, found, act_form=form, error=error, status=error.status)
    return _show(request, _group_or_404(request, group_id), results=results)


@require_POST
@page("group_cases")
def note(request: HttpRequest, group_id: UUID) -> HttpResponse:
    found = _group_or_404(request, group_id)
    form = GroupNoteForm(request.POST)
    if not form.is_valid():
        return _show(request, found, note_form=form, status=422)
    try:
        write_group_note(group_id=found.pk, text=form.cleaned_data["text"], by=acting(request), now=timezone.now())
    except NotFound:
        raise
    except DomainError as error:
        form.refuse(error.fields)
        return _show(request, found, note_form=form, error=error, status=error.status)
    messages.success(request, _("The note is kept."))
    return redirect("console:group", group_id=found.pk)


def _group_or_404(request: HttpRequest, group_id: UUID) -> CaseGroup:
    found = group_of(staff(request), group_id)
    if found is None:
        raise Http404
    return found


def _act_form(request: HttpRequest, group: CaseGroup, data: Any = None, file: Any = None) -> GroupActForm:
    user = staff(request)
    file = file or group_file(group, user)
    people = colleagues(user) if may(user, "assign") else colleagues(user).none()
    initial = {"seen": group.updated_at.isoformat(), "act": "note"}
    return GroupActForm(data, initial=initial, cases=file.cases, colleagues=people)


def _show(
    request: HttpRequest,
    group: CaseGroup,
    *,
    act_form: GroupActForm | None = None,
    note_form: GroupNoteForm | None = None,
    results: list[Result] | None = None,
    error: DomainError | None = None,
    status: int = 200,
) -> HttpResponse:
    file = group_file(group, staff(request))
    context = {
        "now": timezone.now(),
        "file": file,
        "act_form": act_form or _act_form(request, group, file=file),
        "note_form": note_form or GroupNoteForm(),
        "results": results or [],
        "refused": sum(bool(one.message) for one in results or []),
        "error": error,
        "may_assign": may(staff(request), "assign"),
    }
    return render(request, "console/group.html", context, status=status)
