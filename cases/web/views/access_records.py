"""Access records for auditors: who read, when, for what, of which case. No personal data of reporters."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from cases.queries.access_records import AccessPage
from cases.queries.access_records import access_records as records_page
from cases.web.access import page, staff
from intake.errors import InvalidInput
from intake.vocabulary import AccessPurpose, DataGroup


@require_GET
@page("see_access")
def access_records(request: HttpRequest) -> HttpResponse:
    reference = request.GET.get("reference", "").strip()[:40]
    refused: Mapping[str, Any] = {}
    try:
        found = records_page(staff(request).side, reference=reference, after=request.GET.get("after", ""))
    except InvalidInput as error:
        found, refused = AccessPage([]), error.fields
    context: dict[str, Any] = {
        "now": timezone.now(),
        "found": found,
        "reference": reference,
        "refused": refused,
        "next_page": "?" + urlencode({"reference": reference, "after": found.after}) if found.after else "",
        "purposes": AccessPurpose.choices,
        "groups": DataGroup.choices,
    }
    return render(request, "console/access_records.html", context, status=422 if refused else 200)
