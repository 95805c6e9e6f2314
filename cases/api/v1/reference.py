"""The codes of the API with their words in three languages. Cacheable: it changes a few times a year."""

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import CharField, Serializer

from cases.api.v1 import shapes
from cases.api.views import ApiView
from cases.workflow import PARTNER_OUTCOMES, DeclineReason, Outcome
from intake.queries import reference_data

LANGUAGES = tuple(code for code, _name in settings.LANGUAGES)


class Subcode(Serializer):
    code = CharField()
    labels = shapes.Labels()
    urgency = shapes.code(shapes.URGENCIES, nullable=True)


class Category(Serializer):
    code = CharField()
    labels = shapes.Labels()
    urgency = shapes.code(shapes.URGENCIES)
    subcodes = Subcode(many=True)


class Region(Serializer):
    code = CharField()
    country = CharField()
    timezone = CharField()
    labels = shapes.Labels()


class Coded(Serializer):
    code = CharField()
    labels = shapes.Labels()


class Listing(ApiView):
    cache_control = "private, max-age=3600"

    def listing(self, request: Request, rows: Iterable[Mapping[str, Any]]) -> Response:
        return self.answer(request, {"results": list(rows)})


def _describe(name: str, item: type[Serializer], summary: Any) -> Any:
    page = type(f"{name}List", (Serializer,), {"results": item(many=True)})
    return extend_schema(operation_id=f"list{name}", tags=["reference"], summary=summary, responses=page())


class Categories(Listing):
    @_describe("Categories", Category, _("Problem categories and their subcodes"))
    def get(self, request: Request) -> Response:
        known = reference_data()
        return self.listing(
            request,
            (
                {
                    "code": row.code,
                    "labels": in_every_language(row.labels),
                    "urgency": f"U{row.default_urgency}",
                    "subcodes": [
                        {
                            "code": subcode.code,
                            "labels": in_every_language(subcode.labels),
                            "urgency": f"U{subcode.urgency}" if subcode.urgency else None,
                        }
                        for subcode in known.subcodes_of(row.code)
                    ],
                }
                for row in known.categories.values()
            ),
        )


class Regions(Listing):
    @_describe("Regions", Region, _("Regions"))
    def get(self, request: Request) -> Response:
        return self.listing(
            request,
            (
                {
                    "code": row.code,
                    "country": row.country_id,
                    "timezone": row.timezone,
                    "labels": in_every_language(row.labels),
                }
                for row in reference_data().regions.values()
            ),
        )


class Languages(Listing):
    @_describe("Languages", Coded, _("Languages"))
    def get(self, request: Request) -> Response:
        rows = reference_data().languages.values()
        return self.listing(request, ({"code": row.code, "labels": in_every_language(row.labels)} for row in rows))


class DeclineReasons(Listing):
    @_describe("DeclineReasons", Coded, _("Reasons to decline"))
    def get(self, request: Request) -> Response:
        return self.listing(request, _choices(tuple(DeclineReason)))


class Outcomes(Listing):
    @_describe("Outcomes", Coded, _("Outcomes that a partner may report"))
    def get(self, request: Request) -> Response:
        return self.listing(request, _choices(tuple(outcome for outcome in Outcome if outcome in PARTNER_OUTCOMES)))


def in_every_language(labels: Mapping[str, str]) -> dict[str, str]:
    return {language: labels.get(language, "") for language in LANGUAGES}


@cache
def _choices(choices: tuple[Any, ...]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = [{"code": str(choice.value), "labels": {}} for choice in choices]
    for language in LANGUAGES:
        with override(language):
            for entry, choice in zip(found, choices, strict=True):
                entry["labels"][language] = str(choice.label)
    return found
