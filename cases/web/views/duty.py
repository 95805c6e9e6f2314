"""The duty rota of the own side: fourteen days, holes in red."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from cases.actions.edit_duty import add_shift, remove_shift
from cases.permissions import may
from cases.queries.rota import people_for_duty, rota
from cases.web.access import acting, page, staff
from cases.web.forms import ShiftForm
from intake.errors import InvalidInput


@require_GET
@page("see_duty")
def duty(request: HttpRequest) -> HttpResponse:
    return _show(request)


@require_POST
@page("edit_duty")
def add(request: HttpRequest) -> HttpResponse:
    side = staff(request).side
    form = ShiftForm(request.POST, people=people_for_duty(side))
    if not form.is_valid():
        return _show(request, form, status=422)
    given = form.cleaned_data
    try:
        add_shift(
            side=side,
            user_id=UUID(given["user"]),
            starts_at=given["starts_at"],
            ends_at=given["ends_at"],
            by=acting(request),
            now=timezone.now(),
        )
    except InvalidInput as error:
        form.refuse(error.fields)
        return _show(request, form, status=error.status)
    messages.success(request, _("The shift is on the rota."))
    return redirect("console:duty")


@require_POST
@page("edit_duty")
def remove(request: HttpRequest, shift_id: int) -> HttpResponse:
    remove_shift(shift_id=shift_id, by=acting(request))
    messages.success(request, _("The shift is off the rota."))
    return redirect("console:duty")


def _show(request: HttpRequest, form: ShiftForm | None = None, *, status: int = 200) -> HttpResponse:
    user, now = staff(request), timezone.now()
    edits = may(user, "edit_duty")
    context = {
        "now": now,
        "stretches": rota(user.side, now),
        "edits": edits,
        "form": (form or ShiftForm(people=people_for_duty(user.side))) if edits else None,
    }
    return render(request, "console/duty.html", context, status=status)
