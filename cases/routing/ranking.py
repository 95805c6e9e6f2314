"""The order of the partners that pass every hard requirement (domain.md §8). Pure and deterministic.

Each part lies between 0 and 1. The score is their weighted sum, less the price of the place (prices.py) as a share of
what the case is worth: an urgent case hardly feels a price, an ordinary one goes where nobody will be missed.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import UUID

from cases.deadlines import ROUND_THE_CLOCK
from cases.routing.prices import NO_PRICE
from cases.routing.reserve import is_held
from cases.routing.snapshot import AnswerRecord, AreaFacts, CaseFacts, PartnerFacts, ServiceFacts
from cases.routing.terms import TERMS, Terms, Weights

DIGITS = 4  # of parts and scores: what is stored is what was compared
USUAL_RECORD = 0.8  # accepted, of what is asked

NO_RECORD = AnswerRecord()


@dataclass(frozen=True, slots=True)
class Ranked:
    partner_id: UUID
    score: float
    parts: Mapping[str, float]
    is_closed: bool = False  # nobody works there at this moment
    price: float = 0.0
    is_held: bool = False  # its free places are kept for urgent cases, for now


def rank(
    case: CaseFacts,
    partners: Iterable[PartnerFacts],
    now: datetime,
    *,
    records: Mapping[UUID, AnswerRecord],
    terms: Terms = TERMS,
) -> tuple[Ranked, ...]:
    """Best first; whose places are kept comes after all others. In a U1 or U2 case whoever is closed comes last; a tie
    goes to the smaller partner id."""
    weighing = asdict(terms.weights)
    ranked = (_ranked(case, partner, now, records.get(partner.id, NO_RECORD), terms, weighing) for partner in partners)
    urgent = case.urgency in ROUND_THE_CLOCK
    return tuple(sorted(ranked, key=lambda one: (one.is_held, urgent and one.is_closed, -one.score, one.partner_id)))


def usual_fit(weights: Weights, *, specialised: bool, near: float, language: float) -> float:
    """Of a partner and a kind of case, before the person and the day are known: the rest is taken as it usually is."""
    known = weights.specialised * specialised + weights.area * near + weights.language * language
    return known + weights.certain + weights.record * USUAL_RECORD + weights.free / 2


def nearness(*, is_remote: bool, by_name: bool) -> float:
    if is_remote:
        return 0.3
    return 1.0 if by_name else 0.7


def language_part(*, by_interpreter: bool) -> float:
    return 0.3 if by_interpreter else 1.0  # an interpreter: slower, and one more listener


def _ranked(
    case: CaseFacts,
    partner: PartnerFacts,
    now: datetime,
    record: AnswerRecord,
    terms: Terms,
    weighing: Mapping[str, float],
) -> Ranked:
    parts = _parts(case, partner, record)
    fit = sum(weight * parts[name] for name, weight in weighing.items())
    free, worth = partner.capacity - partner.load, terms.pricing.worth[case.urgency]
    price = terms.prices.get(partner.id, NO_PRICE).now(free)
    return Ranked(
        partner.id,
        score=round(fit - price / worth, DIGITS),
        parts=parts,
        is_closed=partner.opens_at is None or partner.opens_at > now,
        price=price,
        is_held=is_held(
            case.urgency,
            waiting_since=case.waiting_since,
            now=now,
            capacity=partner.capacity,
            free=free,
            price=terms.pricing.strength * price,
            gain=worth * fit,
            setting=terms.reserve,
        ),
    )


def _parts(case: CaseFacts, partner: PartnerFacts, record: AnswerRecord) -> dict[str, float]:
    return {
        "specialised": 1.0 if partner.service is not None and partner.service.is_specialised else 0.0,
        "certain": _certain(case, partner.service),
        "area": max((_nearness(area) for area in partner.areas if area.covers(case.country, case.region)), default=0.0),
        "language": language_part(by_interpreter=case.language not in partner.languages),
        "record": round((record.accepted + 1) / (record.asked + 2), DIGITS),  # Laplace: no record counts as one half
        "free": round(max(0, partner.capacity - partner.load) / max(1, partner.capacity), DIGITS),
    }


def _nearness(area: AreaFacts) -> float:
    return nearness(is_remote=area.is_remote, by_name=area.region is not None)


def _certain(case: CaseFacts, service: ServiceFacts | None) -> float:
    if service is None:
        return 0.0
    doubtful = (service.age_bands and not case.age_band) or (service.genders and not case.gender)
    return 0.0 if doubtful else 1.0
