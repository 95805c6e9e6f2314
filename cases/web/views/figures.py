"""Figures for working-group members: counts only, small ones hidden, the same for both sides."""

from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from cases.queries.directions import categories_of
from cases.queries.figures import figures as table_of
from cases.statistics.tables import Quarter
from cases.web.access import page, staff
from intake.queries import reference_data

QUARTERS = 8


@require_GET
@page("see_figures")
def figures(request: HttpRequest) -> HttpResponse:
    known = reference_data()
    quarters = _last_quarters(Quarter.of(timezone.now().date()))
    countries = {country.code: country for country in known.stay_countries()}
    quarter = Quarter.parse(request.GET.get("quarter", "") or str(quarters[0]))
    country = request.GET.get("country", "") or _first_country(countries, staff(request).side)
    is_known = quarter is not None and country in countries
    context: dict[str, Any] = {
        "quarters": [str(one) for one in quarters],
        "countries": list(countries.values()),
        "quarter": str(quarter),
        "country": country,
        "refused": not is_known,
        "regions": known.regions,
        "categories": known.categories,
    }
    if quarter is not None and is_known:
        directions = staff(request).directions
        context["table"] = table_of(quarter=quarter, country=country, categories=categories_of(directions))
    return render(request, "console/figures.html", context, status=200 if is_known else 422)


def _first_country(countries: Iterable[str], side: str) -> str:
    """What a member looks at first: their citizens in the other country."""
    return min(countries, key=lambda code: code == side, default="")


def _last_quarters(newest: Quarter) -> list[Quarter]:
    quarters = [newest]
    while len(quarters) < QUARTERS:
        quarters.append(quarters[-1].previous)
    return quarters
