"""Works out what a place with each partner is worth to the cases still to come (cases/routing/prices.py)."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import transaction

from cases.models import PriceList
from cases.queries.network import CaseKind, Network, expected_cases, free_places, network, recent_cases
from cases.queries.routing_settings import newest_prices
from cases.routing.opportunity import Demand, place_prices
from cases.routing.prices import Kind, Price
from cases.routing.ranking import language_part, nearness, usual_fit
from cases.routing.situation import prices_of, terms_in_force
from cases.routing.surge import surge_prices
from cases.routing.terms import Terms

KEPT = 60  # lists: every decision stores the prices that it went by


def price_places(*, now: datetime) -> PriceList | None:
    """Stores tonight's price list; None while no settings are stored. Reads without locks; nobody waits for it."""
    terms_in_force.forget()
    terms = terms_in_force()
    if not terms:
        return None
    prices, surges = _prices(terms, now)
    with transaction.atomic(durable=True):
        made = PriceList.objects.create(
            at=now,
            settings_version=terms.version,
            prices=prices,
            surges=surges,
            surged_at=now,
        )
        old = PriceList.objects.order_by("-pk").values_list("pk", flat=True)[KEPT : KEPT + 1]
        PriceList.objects.filter(pk__lte=max(old, default=0)).delete()
    terms_in_force.forget()
    return made


def prices_under(terms: Terms, *, now: datetime) -> dict[UUID, Price]:
    """What places would cost if these settings held, from what is expected today. Stores nothing; for a dry run."""
    return prices_of(*_prices(terms, now))


def price_surges(*, now: datetime) -> None:
    """Writes what waves add to the newest price list of the settings in force. Without one there is nothing to add to.

    New settings begin without a list: then one is made at once."""
    terms_in_force.forget()
    terms = terms_in_force()
    if not terms:
        return
    newest = newest_prices(terms.version)
    if newest is None:
        price_places(now=now)
        return
    surges = _surges(network(), expected_cases(now), terms, now)
    PriceList.objects.filter(pk=newest.pk).update(surges=surges, surged_at=now)
    terms_in_force.forget()


def _prices(terms: Terms, now: datetime) -> tuple[dict[str, list[float]], dict[str, float]]:
    """As a price list stores them."""
    partners, expected = network(), expected_cases(now)
    prices = place_prices(_demand(partners, expected, terms), partners.capacity)
    stored = {str(partner): list(price) for partner, price in prices.items()}
    return stored, _surges(partners, expected, terms, now)


def _demand(partners: Network, expected: dict[tuple[CaseKind, int], float], terms: Terms) -> Iterable[Demand]:
    fits = {kind: _fits(partners, kind, terms) for kind, _urgency in expected}
    for (kind, urgency), number in expected.items():
        worth = terms.pricing.worth[urgency]
        yield Demand(number, tuple((one, worth * fit) for one, fit in sorted(fits[kind].items())))


def _surges(
    partners: Network, expected: dict[tuple[CaseKind, int], float], terms: Terms, now: datetime
) -> dict[str, float]:
    urgencies: dict[str, dict[int, float]] = defaultdict(lambda: defaultdict(float))
    for (kind, urgency), number in expected.items():
        urgencies[kind.category][urgency] += number
    recent = recent_cases(now)
    takers = {_kind(kind): _fits(partners, kind, terms) for kind in recent}
    numbers = {_kind(kind): number for kind, number in recent.items()}
    found = surge_prices(numbers, takers, urgencies, free_places(partners), terms.pricing)
    return {str(partner): price for partner, price in sorted(found.items())}


def _fits(partners: Network, kind: CaseKind, terms: Terms) -> dict[UUID, float]:
    return {
        partner: usual_fit(
            terms.weights,
            specialised=match.is_specialised,
            near=nearness(is_remote=match.is_remote, by_name=match.by_name),
            language=language_part(by_interpreter=match.by_interpreter),
        )
        for partner, match in partners.takers(kind).items()
    }


def _kind(kind: CaseKind) -> Kind:
    return Kind(kind.category, f"{kind.country} {kind.region or ''}", kind.language)
