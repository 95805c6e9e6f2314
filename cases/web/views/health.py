"""Two kinds of health: of this process, for whatever watches it; of the work, for supervisors and administrators."""

from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from cases.permissions import may
from cases.queries.health import health
from cases.routing.coverage_now import coverage_now
from cases.web.access import page, staff


@never_cache
def healthz(request: HttpRequest) -> HttpResponse:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return HttpResponse("database", status=503, content_type="text/plain", headers={"Retry-After": "5"})
    return HttpResponse("ok", content_type="text/plain")


@require_GET
@page("see_health")
def page_of_health(request: HttpRequest) -> HttpResponse:
    """The console's health page: what is wrong or about to be, on the own side."""
    now = timezone.now()
    user = staff(request)
    context = {
        "now": now,
        "health": health(user.side, now, user),
        "coverage_holes": coverage_now(user.side, now).holes(),
        "sees_coverage": may(user, "see_partners"),
        "sees_erasures": may(user, "see_erasures"),
        "sees_complaints": may(user, "answer_complaint"),
        "sees_vital": may(user, "approve_vital_interest"),
    }
    return render(request, "console/health.html", context)
