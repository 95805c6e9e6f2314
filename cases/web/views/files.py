"""The files of a case: their list, and one of them to be saved. Both by POST: reading leaves a record."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_POST

from cases.actions.open_files import open_case_file, open_case_files
from cases.web.access import acting, page
from cases.web.views.case_file import case_or_404
from intake.errors import ReportErased
from intake.queries.files import read_clean, safe_name
from intake.uploads.serving import file_response


@require_POST
@page("open_case")
def files(request: HttpRequest, reference: str) -> HttpResponse:
    case = case_or_404(request, reference)
    try:
        rows = open_case_files(case_id=case.pk, by=acting(request), now=timezone.now())
    except ReportErased as error:
        return render(request, "console/case_files.html", {"case": case, "error": error}, status=error.status)
    return render(request, "console/case_files.html", {"case": case, "files": rows})


@require_POST
@page("open_case")
def file(request: HttpRequest, reference: str, file_id: UUID) -> Any:
    case = case_or_404(request, reference)
    try:
        opened = open_case_file(case_id=case.pk, file_id=file_id, by=acting(request), now=timezone.now())
    except ReportErased as error:
        return render(request, "console/case_files.html", {"case": case, "error": error}, status=error.status)
    chunks = read_clean(opened.file, opened.key)
    one = opened.file
    return file_response(chunks, media_type=one.media_type, name=safe_name(one), size=one.clean_bytes)
