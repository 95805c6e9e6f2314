"""The cases assigned to the partner: those whose offer it accepted."""

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from cases.api.authentication import client_of
from cases.api.pagination import LIMIT, after_row
from cases.api.parsing import Parameter, one_of
from cases.api.v1 import shapes
from cases.api.v1.referrals import CATEGORY, UPDATED_AFTER, URGENCY, list_answer, single_answer
from cases.api.views import ApiView
from cases.errors import NotFound
from cases.queries import referrals
from cases.queries.referrals import Filters
from cases.workflow import ASSIGNED, ReferralState
from intake.queries import reference_data
from intake.references import normalise_reference

KIND = "cases"
STATES = [state for state in ReferralState.values if state in ASSIGNED or state == ReferralState.COMPLETED]


def read_language(text: str) -> str:
    return one_of(reference_data().languages)(text)


class CaseList(ApiView):
    scopes = {"GET": "cases:read"}
    parameters = (
        Parameter("state", one_of(STATES), {"type": "string", "enum": STATES}, _("Only those in this state.")),
        URGENCY,
        CATEGORY,
        Parameter("language", read_language, {"type": "string"}, _("A code of /reference/languages/.")),
        UPDATED_AFTER,
        after_row(KIND),
        LIMIT,
    )

    @extend_schema(
        operation_id="listCases",
        tags=["cases"],
        summary=_("Cases assigned to you"),
        description=_(
            "Every case whose offer you accepted, until it ends; completed ones for 30 days more. A list never holds "
            "personal data: read the single case."
        ),
        responses=shapes.paged("CasePage", shapes.Referral),
    )
    def get(self, request: Request) -> Response:
        client, query = client_of(request), self.query
        filters = Filters(
            state=query["state"] or "",
            urgency=query["urgency"],
            category=query["category"] or "",
            language=query["language"] or "",
            updated_after=query["updated_after"],
        )
        rows = referrals.assigned_cases(
            client.partner_id,
            filters,
            after=query["after"],
            limit=query["limit"],
            now=self.now,
            is_practice=client.is_practice,
        )
        return list_answer(self, request, rows, KIND)


class SingleCase(ApiView):
    scopes = {"GET": "cases:read"}

    @extend_schema(
        operation_id="readCase",
        tags=["cases"],
        summary=_("One case"),
        description=_(
            "What the person consented to, as consent stands at this moment. Contact always comes with its safety "
            "rules: follow them. Each reading of personal data is recorded and the person can see it."
        ),
        parameters=[OpenApiParameter("reference", str, "path", description=_("The case reference."))],
        responses=shapes.ReferralDetail,
    )
    def get(self, request: Request, reference: str) -> Response:
        client, canonical = client_of(request), normalise_reference(reference)
        referral = referrals.assigned_case(
            client.partner_id, canonical or "", now=self.now, is_practice=client.is_practice
        )
        if referral is None:
            raise NotFound()
        return single_answer(self, request, referral)
