"""What other settings would have done with past decisions, from what is stored of them. Pure.

Of a decision its partners, their parts and the prices of that day are known; they are ranked again. What a new worth
would do to the prices themselves shows only when these are made anew.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from cases.deadlines import ROUND_THE_CLOCK
from cases.routing.ranking import DIGITS
from cases.routing.terms import Terms


@dataclass(frozen=True, slots=True)
class Effect:
    looked_at: int = 0
    another: int = 0  # somebody else would have come first
    held: int = 0  # nobody would have been offered it yet, and somebody was
    released: int = 0  # the other way round


def effect(past: Sequence[tuple[list[dict[str, Any]], int, datetime, datetime]], now: Terms, then: Terms) -> Effect:
    """`past`: what was ranked, urgency, when the case came in, when it was decided."""
    found = {"another": 0, "held": 0, "released": 0}
    for ranked, urgency, received_at, at in past:
        before, after = (_first(ranked, urgency, at - received_at, terms) for terms in (now, then))
        if before != after:
            found["held" if after is None else "released" if before is None else "another"] += 1
    return Effect(len(past), **found)


def _first(ranked: Sequence[Mapping[str, Any]], urgency: int, waited: timedelta, terms: Terms) -> str | None:
    weighing, worth = terms.weights, terms.pricing.worth[urgency]
    best: tuple[bool, float, str] | None = None
    for one in ranked:
        fit = sum(getattr(weighing, name, 0.0) * part for name, part in one["parts"].items())
        price = one.get("price", 0.0)
        if urgency not in ROUND_THE_CLOCK and _is_too_dear(worth * fit, price, urgency, waited, terms):
            continue
        closed = urgency in ROUND_THE_CLOCK and bool(one.get("closed"))
        standing = (closed, -round(fit - price / worth, DIGITS), str(one["partner"]))
        best = standing if best is None else min(best, standing)
    return best[2] if best else None


def _is_too_dear(gain: float, price: float, urgency: int, waited: timedelta, terms: Terms) -> bool:
    opens = timedelta(hours=terms.reserve.opens_after.get(urgency, 0))
    return waited < opens and gain * (1 - waited / opens) < terms.pricing.strength * price
