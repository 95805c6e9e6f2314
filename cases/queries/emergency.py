"""Numbers to call, by country of stay: for a caseworker to read out."""

from intake.models import EmergencyNumber

_FIRST = "any"  # the number that is right for everything


def emergency_numbers(language: str) -> list[tuple[str, list[tuple[str, str]]]]:
    """The country's name, then each number with its words in `language`. One statement."""
    rows = EmergencyNumber.objects.filter(country__is_stay=True).select_related("country").order_by("country", "number")
    found: dict[str, list[EmergencyNumber]] = {}
    for row in rows:
        found.setdefault(row.country.label(language), []).append(row)
    return [
        (name, [(row.number, row.label(language)) for row in sorted(numbers, key=lambda row: row.kind != _FIRST)])
        for name, numbers in found.items()
    ]
