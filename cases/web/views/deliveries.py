"""Notifications: waiting, not delivered, sent. Never their content."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from cases.actions.replay import replay
from cases.errors import MoveNotAllowed
from cases.permissions import may
from cases.queries.deliveries import DeliveriesPage
from cases.queries.deliveries import deliveries as deliveries_page
from cases.web.access import acting, page, staff
from intake.errors import InvalidInput

_TABS = {
    "due": gettext_lazy("waiting"),
    "dead": gettext_lazy("not delivered"),
    "sent": gettext_lazy("sent"),
    "cancelled": gettext_lazy("cancelled"),
}


@require_GET
@page("see_deliveries")
def deliveries(request: HttpRequest) -> HttpResponse:
    tab, refused = request.GET.get("tab") or "due", False
    try:
        found = deliveries_page(staff(request), tab=tab, after=request.GET.get("after", ""))
    except InvalidInput:
        found, refused = DeliveriesPage([]), True
    context: dict[str, Any] = {
        "now": timezone.now(),
        "tab": tab,
        "tabs": list(_TABS.items()),
        "found": found,
        "refused": refused,
        "next_page": "?" + urlencode({"tab": tab, "after": found.after}) if found.after else "",
        "may_replay": may(staff(request), "replay"),
    }
    return render(request, "console/deliveries.html", context, status=422 if refused else 200)


@require_POST
@page("replay")
def send_again(request: HttpRequest, message_id: UUID) -> HttpResponse:
    try:
        replay(message_id=message_id, by=acting(request), now=timezone.now())
        messages.success(request, _("It will be sent again now."))
    except MoveNotAllowed:
        messages.error(request, _("Somebody has already sent this again."))
    return redirect("/console/deliveries/?tab=dead")
