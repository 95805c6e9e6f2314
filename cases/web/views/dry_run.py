"""Try a change on past cases: ask for it, see how far it is, read which cases would move. Nothing is changed by it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from cases.actions.ask_job import ask_dry_run, cancel_job, permission_to_try
from cases.errors import MoveNotAllowed, OneJobAtATime
from cases.models import Job
from cases.permissions import may
from cases.queries.directory import agreement_states, directory
from cases.queries.jobs import job_of, newest_jobs, partner_labels, within_reach
from cases.web import job_words
from cases.web.access import acting, page, staff
from cases.web.job_forms import FORMS, TryForm
from cases.web.job_words import KINDS
from intake.errors import InvalidInput

AGAIN = 3  # seconds until the page of a running job is fetched again, without any script


@dataclass(frozen=True, slots=True)
class Group:
    title: str
    cases: Sequence[Mapping[str, Any]]
    number: int


@require_GET
@page("try_change")
def dry_runs(request: HttpRequest) -> HttpResponse:
    return _forms_page(request)


@require_POST
@page("try_change")
def ask(request: HttpRequest) -> HttpResponse:
    kind = FORMS.get(request.POST.get("kind", ""))
    if kind is None:
        return _forms_page(request, status=422)
    form = kind(request.POST, **_choices(request))
    if not form.is_valid():
        return _forms_page(request, form, status=422)
    try:
        job = ask_dry_run(change=form.change(), days=form.cleaned_data["days"], by=acting(request), now=timezone.now())
    except InvalidInput as error:
        form.refuse(error.fields)
        return _forms_page(request, form, status=error.status)
    except OneJobAtATime as error:
        form.refuse({"": [error.message]})
        return _forms_page(request, form, status=error.status)
    return redirect("console:dry_run", job_id=job.pk)


@require_GET
@page("try_routing")
def dry_run(request: HttpRequest, job_id: UUID) -> HttpResponse:
    """Whoever only administers sees those of settings, with how many cases would move and not which."""
    job = job_of(job_id, side=staff(request).side)
    if job is None or not may(staff(request), permission_to_try(job.params["change"])):
        raise Http404
    context = {
        "now": timezone.now(),
        "job": job,
        "said": job_words.change_in_words(job.params["change"]),
        "failed": job_words.ERRORS.get(job.error, job_words.FAULT),
        "again": AGAIN,
        "opens": may(staff(request), "open_case"),
        "is_settings": job.params["change"]["kind"] == "settings",
        "tries": may(staff(request), "try_change"),
        "groups": _groups(request, job),
    }
    response = render(request, "console/dry_run.html", context)
    if job.is_open:
        response.headers["Refresh"] = str(AGAIN)
    return response


@require_POST
@page("try_routing")
def stop(request: HttpRequest, job_id: UUID) -> HttpResponse:
    try:
        cancel_job(job_id=job_id, by=acting(request), now=timezone.now())
        messages.success(request, _("Stopped."))
    except MoveNotAllowed:
        messages.warning(request, _("It had ended already."))
    return redirect("console:dry_run", job_id=job_id)


def _groups(request: HttpRequest, job: Job) -> list[Group]:
    """What the reader may reach of what moved. A case of somebody they know stays out, also in another's job."""
    if job.state != Job.State.DONE:
        return []
    rows = job.result["cases"]
    if not may(staff(request), "try_change"):
        return [Group(str(title), [], sum(row["kind"] == kind for row in rows)) for kind, title in KINDS.items()]
    seen = within_reach(staff(request), [row["reference"] for row in rows])
    named = {pk for row in rows for one in (*row["why"], row["before"], row["after"]) for pk in _partners(one)}
    labels = partner_labels(named)
    groups = []
    for kind, title in KINDS.items():
        cases = [
            job_words.case_in_words(row, labels) for row in rows if row["kind"] == kind and row["reference"] in seen
        ]
        groups.append(Group(str(title), cases, len(cases)))
    return groups


def _partners(part: Mapping[str, Any]) -> Sequence[str]:
    return [part["partner"]] if "partner" in part else part["chosen"]


def _choices(request: HttpRequest) -> dict[str, Any]:
    now, side = timezone.now(), staff(request).side
    in_force = [one for one in agreement_states(now) if one.state in {"valid", "ending"}]
    own = [one for one in in_force if one.agreement.side in {side, ""}]
    return {
        "partners": [(one.partner.slug, one.partner.name()) for one in directory(side=side, now=now)],
        "agreements": [(one.agreement.slug, str(one.version)) for one in own],
    }


def _forms_page(request: HttpRequest, bound: TryForm | None = None, *, status: int = 200) -> HttpResponse:
    choices = _choices(request)
    forms = [bound if bound is not None and bound.kind == kind else form(**choices) for kind, form in FORMS.items()]
    jobs = newest_jobs(side=staff(request).side, kind="dry_run")
    context = {
        "now": timezone.now(),
        "forms": forms,
        "bound": bound,
        "jobs": [(job, job_words.change_in_words(job.params["change"])) for job in jobs],
    }
    return render(request, "console/dry_runs.html", context, status=status)
