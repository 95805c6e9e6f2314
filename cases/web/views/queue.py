"""The queue page, and taking the most urgent free case."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from cases.actions.assign import take_next
from cases.queries.queue import TABS, Filters, QueuePage, stay_regions
from cases.queries.queue import queue as queue_page
from cases.web import words
from cases.web.access import page, staff
from intake.errors import InvalidInput
from intake.queries import reference_data

_TAB_WORDS = {
    "mine": gettext_lazy("my cases"),
    "triage": gettext_lazy("triage"),
    "unrouted": gettext_lazy("no partner found"),
    "overdue": gettext_lazy("overdue"),
    "waiting": gettext_lazy("waiting for reporter"),
    "again": gettext_lazy("wrote after the end"),
    "resolved": gettext_lazy("resolved, to be closed"),
    "open": gettext_lazy("all open"),
}


_HELD = gettext_lazy("places are kept for urgent cases")


@require_GET
@page("see_queue")
def queue(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    tab, after = request.GET.get("tab") or "mine", request.GET.get("after", "")
    filters = Filters(**{key: request.GET.get(key, "") for key in ("category", "urgency", "language", "region")})
    refused: list[str] = []
    try:
        found = queue_page(staff(request), tab=tab, filters=filters, after=after, now=now)
    except InvalidInput as error:
        found, refused = QueuePage([]), sorted(error.fields)
    for row in found.rows if tab == "unrouted" else ():
        row["why_said"] = _why(row["why"])
    context: dict[str, Any] = {
        "now": now,
        "tab": tab,
        "tabs": [(name, _TAB_WORDS[name], _address(name, filters)) for name in TABS],
        "filters": filters,
        "is_filtered": bool(filters.given()),
        "found": found,
        "refused": refused,
        "next_page": f"{_address(tab, filters)}&{urlencode({'after': found.after})}" if found.after else "",
        "is_first": not after,
        "known": reference_data(),
        "urgencies": [(str(level), word) for level, word in words.URGENCIES.items()],
        "regions": stay_regions(reference_data()),
    }
    return render(request, "console/queue.html", context, status=422 if refused else 200)


@require_POST
@page("see_queue")
def take_the_next(request: HttpRequest) -> HttpResponse:
    case = take_next(user_id=staff(request).pk, now=timezone.now())
    if case is None:
        messages.info(request, _("No free case waits in a language you read."))
        return redirect("console:queue")
    messages.success(request, _("This case is yours now."))
    return redirect("console:case", reference=case.reference)


def _why(reasons: Sequence[tuple[str, int]]) -> list[str]:
    """With how many partners each reason stands."""
    if not reasons:
        return [_("No decision could be made: look at the case.")]
    return [f"{_HELD if code == 'held' else words.REQUIREMENTS.get(code, code)} ({number})" for code, number in reasons]


def _address(tab: str, filters: Filters) -> str:
    return "?" + urlencode({"tab": tab, **filters.given()})
