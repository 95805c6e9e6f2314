"""Which category, where and in which language, no partner of the own side could take now."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from cases.permissions import may
from cases.routing.coverage_now import coverage_now
from cases.routing.health import Coverage, Mark, Place
from cases.web.access import page, staff
from intake.queries import reference_data

NAMED = 3  # regions named in the head of a line; the others unfold


@dataclass(frozen=True, slots=True)
class Cell:
    """Codes of languages by mark; whichever is in none of them is covered."""

    nobody: tuple[str, ...]
    full: tuple[str, ...]
    partly: tuple[str, ...]
    is_nobody: bool = False  # in no language


@dataclass(frozen=True, slots=True)
class Line:
    """Places that look the same."""

    named: Sequence[Any]
    others: Sequence[Any]
    not_said: bool  # also where the region was not said
    cells: Mapping[str, Cell]


@require_GET
@page("see_partners")
def coverage(request: HttpRequest) -> HttpResponse:
    now, user, known = timezone.now(), staff(request), reference_data()
    found = coverage_now(user.side, now)
    countries = known.stay_countries()
    country = request.GET.get("country", "") or min((row.code for row in countries), key=lambda c: c == user.side)
    language = request.GET.get("language", "")
    is_known = country in {row.code for row in countries} and language in {"", *found.languages}
    shown = (language,) if language else tuple(found.languages)
    nowhere = _nowhere(found, country, shown) if is_known and not language else ()
    context: dict[str, Any] = {
        "now": now,
        "countries": countries,
        "country": country,
        "language": language,
        "languages": [known.languages[code] for code in found.languages],
        "nowhere": [known.languages[code] for code in nowhere],
        "categories": known.categories,
        "refused": not is_known,
        "lines": _lines(found, country, [one for one in shown if one not in nowhere]) if is_known else [],
        "tries": may(user, "try_change"),
    }
    return render(request, "console/coverage.html", context, status=200 if is_known else 422)


def _nowhere(found: Coverage, country: str, languages: Sequence[str]) -> tuple[str, ...]:
    """Languages in which nobody takes anything anywhere there: said once, not in every cell. Never all of them."""
    places = [place for place in found.places if place.country == country]
    cells = [(category, place) for category in found.categories for place in places]
    gone = tuple(one for one in languages if all(found.mark(*cell, one) == Mark.NOBODY for cell in cells))
    return gone if len(gone) < len(languages) else ()


def _lines(found: Coverage, country: str, languages: Sequence[str]) -> list[Line]:
    """The most common first."""
    same: dict[tuple[Cell, ...], list[Place]] = defaultdict(list)
    for place in found.places:
        if place.country == country:
            same[tuple(_cell(found, category, place, languages) for category in found.categories)].append(place)
    return [_line(found, cells, places) for cells, places in sorted(same.items(), key=lambda one: -len(one[1]))]


def _line(found: Coverage, cells: Sequence[Cell], places: Sequence[Place]) -> Line:
    regions = reference_data().regions
    rows = sorted((regions[place.region] for place in places if place.region is not None), key=str)
    not_said = any(place.region is None for place in places)
    return Line(rows[:NAMED], rows[NAMED:], not_said, dict(zip(found.categories, cells, strict=True)))


def _cell(found: Coverage, category: str, place: Place, languages: Sequence[str]) -> Cell:
    by_mark: dict[Mark, list[str]] = defaultdict(list)
    for language in languages:
        by_mark[found.mark(category, place, language)].append(language)
    nobody, full, partly = (tuple(by_mark[mark]) for mark in (Mark.NOBODY, Mark.FULL, Mark.PARTLY))
    return Cell(nobody, full, partly, len(nobody) == len(languages))
