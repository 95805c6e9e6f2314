"""The files of an assigned case: which there are, and their cleaned bytes. Only what consent covers at this moment."""

from uuid import UUID

from django.http import HttpResponseBase
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from cases import disclosure
from cases.api.authentication import client_of
from cases.api.v1 import shapes
from cases.api.v1.wire import file_items, root_of
from cases.api.views import ApiView
from cases.errors import NotFound
from cases.models import Referral
from cases.queries import referrals
from intake.models import ReportKey
from intake.queries.files import read_clean, safe_name
from intake.references import normalise_reference
from intake.uploads.serving import file_response
from intake.vocabulary import FileUse

_REFERENCE = OpenApiParameter("reference", str, "path", description=_("The case reference."))


class CaseFiles(ApiView):
    scopes = {"GET": "cases:read"}

    @extend_schema(
        operation_id="listCaseFiles",
        tags=["cases"],
        summary=_("Files of a case"),
        description=_(
            "Documents and recordings of the story that the person consented to. Each has been checked, and hidden "
            "data such as the place was removed. The reading is recorded and the person can see it."
        ),
        parameters=[_REFERENCE],
        responses=shapes.paged("FilePage", shapes.CaseFile),
    )
    def get(self, request: Request, reference: str) -> Response:
        referral = _assigned(self, request, reference)
        shown = disclosure.disclosed_files(referral, now=self.now)
        disclosure.record_files(referral, shown, is_content=False, now=self.now)
        results = [
            {**item, "use": use}
            for use in FileUse.values
            for item in file_items(disclosure.file_views(shown.files, use), root_of(request), referral.case.reference)
        ]
        return self.answer(request, {"results": results, "next": None})


class FileContent(ApiView):
    scopes = {"GET": "cases:read"}

    @extend_schema(
        operation_id="readCaseFile",
        tags=["cases"],
        summary=_("One file"),
        description=_(
            "The cleaned file, to be saved: never show it inside a page of yours. Each reading is recorded and the "
            "person can see it."
        ),
        parameters=[_REFERENCE, OpenApiParameter("file_id", UUID, "path", description=_("From the list of files."))],
        responses={(200, "application/octet-stream"): OpenApiTypes.BINARY},
    )
    def get(self, request: Request, reference: str, file_id: UUID) -> HttpResponseBase:
        referral = _assigned(self, request, reference)
        shown = disclosure.disclosed_files(referral, now=self.now).only(file_id)
        if not shown.files:
            raise NotFound()
        file = shown.files[0]
        chunks = read_clean(file, ReportKey.of(referral.case.report_id))
        response = file_response(chunks, media_type=file.media_type, name=safe_name(file), size=file.clean_bytes)
        disclosure.record_files(referral, shown, is_content=True, now=self.now)
        return response


def _assigned(view: ApiView, request: Request, reference: str) -> Referral:
    """Raises NotFound for a case that was never the partner's as for one that it no longer has."""
    client = client_of(request)
    referral = referrals.assigned_case(
        client.partner_id, normalise_reference(reference) or "", now=view.now, is_practice=client.is_practice
    )
    if referral is None:
        raise NotFound()
    return referral
