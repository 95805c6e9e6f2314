"""Works out what a place with each partner is worth to the cases still to come (cases/routing/prices.py)."""

from datetime import datetime

from django.db import transaction

from cases.models import PriceList
from cases.queries.network import CaseKind, expected_cases, network
from cases.routing.prices import Kind, expected_worth, pools, price_list
from cases.routing.situation import terms_in_force

KEPT = 60  # lists: every decision stores the prices that it went by


def price_places(*, now: datetime) -> PriceList | None:
    """Stores today's price list; None while no settings are stored. Reads without locks; nobody waits for it."""
    terms_in_force.forget()
    terms = terms_in_force()
    if not terms:
        return None
    partners, expected = network(), expected_cases(now)
    counted = {(_kind(kind), urgency): number for (kind, urgency), number in expected.items()}
    worth = expected_worth(counted, terms.pricing)
    takers = {_kind(kind): partners.takers(kind) for kind, _urgency in expected}
    prices = price_list(pools(worth, takers), partners.free, terms.pricing)
    with transaction.atomic(durable=True):
        made = PriceList.objects.create(
            at=now,
            settings_version=terms.version,
            prices={str(partner): [price.amount, price.free] for partner, price in prices.items() if price.amount},
        )
        old = PriceList.objects.order_by("-pk").values_list("pk", flat=True)[KEPT : KEPT + 1]
        PriceList.objects.filter(pk__lte=max(old, default=0)).delete()
    terms_in_force.forget()
    return made


def _kind(kind: CaseKind) -> Kind:
    return Kind(kind.category, f"{kind.country} {kind.region or ''}", kind.language)
