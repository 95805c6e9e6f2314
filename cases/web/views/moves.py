"""What a partner told us on the telephone, a case taken from it, and a new round: one call to an action each."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from cases.actions.answer_referral import accept_referral, decline_referral
from cases.actions.complete_referral import complete_referral
from cases.actions.new_round import new_round
from cases.actions.progress_referral import progress_referral
from cases.actions.record_contact import record_contact
from cases.actions.return_referral import return_referral
from cases.actions.transfer_referral import transfer_referral
from cases.actions.withdraw_referral import withdraw_referral
from cases.errors import NotFound, StaleObject
from cases.models import Referral
from cases.queries.case_file import partners_of
from cases.web.access import acting, page
from cases.web.forms import OnCase
from cases.web.moves_forms import CHOICES, NewRoundForm, form_of, panel_name
from cases.web.views.case_file import case_or_404, show
from intake.errors import DomainError

_ANSWERS: Mapping[str, Callable[..., Any]] = {"accept": accept_referral, "decline": decline_referral}
_ACTS: Mapping[str, Callable[..., Any]] = {
    "contacted": record_contact,
    "progress": progress_referral,
    "complete": complete_referral,
    "return": return_referral,
    "withdraw": withdraw_referral,
}


@require_POST
@page("record_move")
def move(request: HttpRequest, reference: str, referral_id: UUID, move: str) -> HttpResponse:
    case = case_or_404(request, reference)
    referral = Referral.objects.filter(pk=referral_id, case=case).first()
    if referral is None or move not in CHOICES:
        raise Http404
    form = form_of(move, referral, partners_of(case), request.POST)

    def act(given: dict[str, Any]) -> None:
        who: dict[str, Any] = {"referral_id": referral.pk, "by": acting(request), "now": timezone.now()}
        if move == "transfer":
            transfer_referral(partner_id=UUID(given["partner"]), reason=given["reason"], **who)
        elif move in _ANSWERS:
            _ANSWERS[move](partner_id=referral.partner_id, **given, **who)
        else:
            _ACTS[move](**given, **who)

    return _carry_out(request, case, panel_name(move, referral), form, act, _("It is recorded."))


@require_POST
@page("offer")
def begin_round(request: HttpRequest, reference: str) -> HttpResponse:
    case = case_or_404(request, reference)

    def act(given: dict[str, Any]) -> None:
        new_round(case_id=case.pk, reason=given["reason"], by=acting(request), now=timezone.now())

    form = NewRoundForm(request.POST)
    return _carry_out(request, case, "round", form, act, _("A new round has begun. A partner is being looked for."))


def _carry_out(
    request: HttpRequest, case: Any, panel: str, form: OnCase, act: Callable[[dict[str, Any]], None], done: str
) -> HttpResponse:
    if not form.is_valid():
        return show(request, case, forms={panel: form}, panel=panel, status=422)
    given = dict(form.cleaned_data)
    try:
        if given.pop("seen") != case.updated_at.isoformat():
            raise StaleObject()
        act(given)
    except NotFound:
        raise
    except DomainError as error:
        _show_again(form, error, case)
        return show(request, case_or_404(request, case.reference), forms={panel: form}, error=error, panel=panel)
    messages.success(request, done)
    return redirect("console:case", reference=case.reference)


def _show_again(form: OnCase, error: DomainError, case: Any) -> None:
    """Each reason at its field; after a clash the form has the new state."""
    form.refuse(error.fields)
    if isinstance(error, StaleObject):
        form.data = form.data.copy()  # type: ignore[attr-defined]
        form.data["seen"] = case.updated_at.isoformat()  # type: ignore[index]
