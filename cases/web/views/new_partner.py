"""A new partner organisation of this side is entered; then its sheet is filled in."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from cases.actions.add_partner import add_partner
from cases.web.access import acting, page
from cases.web.partner_forms import NewPartnerForm
from intake.errors import InvalidInput


@require_GET
@page("edit_partners")
def new(request: HttpRequest) -> HttpResponse:
    return render(request, "console/partner_new.html", {"form": NewPartnerForm()})


@require_POST
@page("edit_partners")
def add(request: HttpRequest) -> HttpResponse:
    form, status = NewPartnerForm(request.POST), 422
    if form.is_valid():
        try:
            partner = add_partner(new=form.new(), by=acting(request), now=timezone.now())
        except InvalidInput as error:
            form.refuse(error.fields)
            status = error.status
        else:
            messages.success(request, _("The partner is added. Fill in now what it does, where and for whom."))
            return redirect("console:edit_partner", slug=partner.slug)
    return render(request, "console/partner_new.html", {"form": form}, status=status)
