"""Copies at partners that nobody has confirmed to be gone: references and names of organisations only."""

from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from cases.queries.erasures import unconfirmed_erasures
from cases.web.access import page, staff

LATE_AFTER = timedelta(days=10)  # the second reminder has gone out by then


@require_GET
@page("see_erasures")
def erasures(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    rows = unconfirmed_erasures(reader=staff(request))
    return render(request, "console/erasures.html", {"now": now, "rows": rows, "late": now - LATE_AFTER})
