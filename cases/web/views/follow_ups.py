"""Follow-ups: a person's own on one page, and making, moving, finishing or removing one of a case."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from cases.actions import follow_ups as acts
from cases.errors import NotFound
from cases.models import Case, FollowUp
from cases.queries.follow_ups import my_follow_ups
from cases.queries.people import assignable_people
from cases.web.access import acting, page, staff
from cases.web.life_forms import FollowUpActForm, FollowUpForm
from cases.web.views.case_actions import carry_out
from cases.web.views.case_file import case_or_404
from intake.errors import DomainError, InvalidInput


@require_GET
@page("follow_up")
def mine(request: HttpRequest) -> HttpResponse:
    return _listed(request)


@require_POST
@page("follow_up")
def add(request: HttpRequest, reference: str) -> HttpResponse:
    def act(case: Case, given: dict[str, Any]) -> None:
        acts.add_follow_up(
            case_id=case.pk,
            text=given["text"],
            local=given["at"].replace(tzinfo=None),
            user_id=UUID(given["user"]) if given["user"] else None,
            by=acting(request),
            now=timezone.now(),
        )

    form = FollowUpForm(request.POST, people=assignable_people(case_or_404(request, reference)))
    return carry_out(request, reference, "follow_up", form, act, _("You are reminded then."))


@require_POST
@page("follow_up")
def act_on(request: HttpRequest, reference: str, follow_up_id: UUID) -> HttpResponse:
    """Done, moved or removed; the answer goes back to where it was asked."""
    case = case_or_404(request, reference)
    if not FollowUp.objects.filter(pk=follow_up_id, case=case).exists():
        raise NotFound()
    form = FollowUpActForm(request.POST)
    try:
        if not form.is_valid():
            raise InvalidInput(fields={name: list(said) for name, said in form.errors.items()})
        _carry_out(request, follow_up_id, form.cleaned_data)
    except NotFound:
        raise
    except DomainError as error:
        said = [message for name in error.fields for message in error.fields[name]] or [error.message]
        return _listed(request, refused=said, status=error.status)
    messages.success(request, _("Done."))
    return redirect("console:follow_ups") if request.POST.get("back") else redirect("console:case", case.reference)


def _carry_out(request: HttpRequest, follow_up_id: UUID, given: dict[str, Any]) -> None:
    who: dict[str, Any] = {"follow_up_id": follow_up_id, "by": acting(request), "now": timezone.now()}
    if given["act"] != "move":
        acts.finish_follow_up(is_done=given["act"] == "done", **who)
    elif given["at"] is None:
        raise InvalidInput(fields={"at": [_("Please give a day and an hour that are still to come.")]})
    else:
        acts.move_follow_up(local=given["at"].replace(tzinfo=None), **who)


def _listed(request: HttpRequest, *, refused: Any = (), status: int = 200) -> HttpResponse:
    now = timezone.now()
    context = {"now": now, "rows": my_follow_ups(staff(request), now), "refused": refused}
    return render(request, "console/follow_ups.html", context, status=status)
