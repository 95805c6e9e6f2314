"""What can be done on a case file: one call to an action each, whose refusal is shown at its form."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from cases.actions.add_note import add_note
from cases.actions.assign import take_case
from cases.actions.know_person import know_person
from cases.actions.offer import offer_case
from cases.actions.route_case import propose
from cases.actions.triage import confirm_triage
from cases.actions.write_to_reporter import write_to_reporter
from cases.errors import NotFound, StaleObject
from cases.models import Case
from cases.queries.case_file import partners_of
from cases.web.access import acting, page, staff
from cases.web.case_forms import WriteForm
from cases.web.forms import NoteForm, OfferForm, OnCase, TakeForm, TriageForm
from cases.web.views.case_file import case_or_404, show
from intake.errors import DomainError

Act = Callable[[Case, dict[str, Any]], Any]
# A note, a message, a question to a supervisor: kept whatever a colleague did meanwhile.
_OVERWRITES_NOTHING = frozenset({"note", "write", "vital", "transfer"})


@require_POST
@page("confirm_triage")
def triage(request: HttpRequest, reference: str) -> HttpResponse:
    def act(case: Case, given: dict[str, Any]) -> None:
        category, _dot, subcode = given["kind"].partition(".")
        confirm_triage(
            case_id=case.pk,
            category=category,
            subcode=subcode,
            urgency=given["urgency"],
            next_step=given["next_step"],
            reason=given["reason"],
            by=acting(request),
            now=timezone.now(),
        )

    return carry_out(request, reference, "triage", TriageForm(request.POST), act, _("Triage is confirmed."))


@require_POST
@page("take_case")
def take(request: HttpRequest, reference: str) -> HttpResponse:
    def act(case: Case, given: dict[str, Any]) -> None:
        take_case(case_id=case.pk, user_id=staff(request).pk, by=acting(request), now=timezone.now())

    return carry_out(request, reference, "take", TakeForm(request.POST), act, _("This case is yours now."))


@require_POST
@page("offer")
def offer(request: HttpRequest, reference: str) -> HttpResponse:
    def act(case: Case, given: dict[str, Any]) -> None:
        offer_case(
            case_id=case.pk,
            partner_ids=[UUID(one) for one in given["chosen"]],
            decision_id=given["decision"],
            reason=given["reason"],
            by=acting(request),
            now=timezone.now(),
        )

    partners = partners_of(case_or_404(request, reference))
    form = OfferForm(request.POST, partners=partners)
    return carry_out(request, reference, "offer", form, act, _("The case is offered."))


@require_POST
@page("offer")
def propose_again(request: HttpRequest, reference: str) -> HttpResponse:
    def act(case: Case, given: dict[str, Any]) -> None:
        propose(case_id=case.pk, by=acting(request), now=timezone.now())

    return carry_out(request, reference, "propose", TakeForm(request.POST), act, _("There is a new proposal."))


@require_POST
@page("write_to_reporter")
def write(request: HttpRequest, reference: str) -> HttpResponse:
    def act(case: Case, given: dict[str, Any]) -> None:
        write_to_reporter(case_id=case.pk, text=given["text"], by=acting(request), now=timezone.now())

    form = WriteForm(request.POST)
    return carry_out(request, reference, "write", form, act, _("The message stands on the person's page."))


@require_POST
@page("know_person")
def known(request: HttpRequest, reference: str) -> HttpResponse:
    """No reason is asked and nothing else on the page matters, so a change in the meantime is no hindrance."""
    case = case_or_404(request, reference)
    know_person(case_id=case.pk, by=acting(request), now=timezone.now())
    messages.success(request, _("The case is out of your reach. Somebody else looks after it."))
    return redirect("console:queue")


@require_POST
@page("note")
def note(request: HttpRequest, reference: str) -> HttpResponse:
    def act(case: Case, given: dict[str, Any]) -> None:
        add_note(case_id=case.pk, text=given["text"], by=acting(request), now=timezone.now())

    return carry_out(request, reference, "note", NoteForm(request.POST), act, _("The note is kept."))


def carry_out(
    request: HttpRequest, reference: str, panel: str, form: OnCase, act: Act, done: str | Callable[[], str]
) -> HttpResponse:
    """One call to an action; `done` is what is said afterwards, or says it once the action was carried out."""
    case = case_or_404(request, reference)
    forms = {panel: form}
    if not form.is_valid():
        return show(request, case, forms=forms, panel=panel, status=422)
    try:
        if panel not in _OVERWRITES_NOTHING and form.cleaned_data["seen"] != case.updated_at.isoformat():
            raise StaleObject()
        act(case, form.cleaned_data)
    except NotFound:
        raise
    except DomainError as error:
        form.refuse(error.fields)
        return show(
            request, case_or_404(request, reference), forms=_fresh(forms, error, case), error=error, panel=panel
        )
    messages.success(request, done() if callable(done) else done)
    return redirect("console:case", reference=case.reference)


def _fresh(forms: dict[str, OnCase], error: DomainError, case: Case) -> dict[str, Any]:
    """After a clash the form carries the new state: whoever has looked at it again may send it again."""
    if isinstance(error, StaleObject):
        for form in forms.values():
            form.data = form.data.copy()  # type: ignore[attr-defined]
            form.data["seen"] = case.updated_at.isoformat()  # type: ignore[index]
    return dict(forms)
