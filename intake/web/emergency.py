"""Numbers to call, by country, in the reader's words."""

from collections.abc import Iterable
from dataclasses import dataclass

from intake.models import EmergencyNumber

ANY = "any"  # the number that is right for everything stands first


@dataclass(frozen=True, slots=True)
class Number:
    number: str
    words: str


@dataclass(frozen=True, slots=True)
class CountryNumbers:
    code: str
    name: str
    numbers: list[Number]


def emergency_numbers(language: str) -> list[CountryNumbers]:
    """Of every country where people are staying, in one statement."""
    rows = EmergencyNumber.objects.filter(country__is_stay=True).select_related("country").order_by("country", "number")
    return [
        CountryNumbers(code, found[0].country.label(language), _words(found, language))
        for code, found in _by_country(rows)
    ]


def numbers_of(country: str, language: str) -> list[Number]:
    return _words(EmergencyNumber.objects.filter(country=country), language)


def _words(rows: Iterable[EmergencyNumber], language: str) -> list[Number]:
    ordered = sorted(rows, key=lambda row: (row.kind != ANY, row.number))
    return [Number(row.number, row.label(language)) for row in ordered]


def _by_country(rows: Iterable[EmergencyNumber]) -> list[tuple[str, list[EmergencyNumber]]]:
    grouped: dict[str, list[EmergencyNumber]] = {}
    for row in rows:
        grouped.setdefault(row.country_id, []).append(row)
    return list(grouped.items())
