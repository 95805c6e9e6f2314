"""The order of the partners that pass every hard requirement (domain.md §8). Pure and deterministic.

Each part lies between 0 and 1; the score is their weighted sum.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import UUID

from cases.deadlines import ROUND_THE_CLOCK
from cases.routing.snapshot import AnswerRecord, AreaFacts, CaseFacts, PartnerFacts, ServiceFacts

DIGITS = 4  # of parts and scores: what is stored is what was compared


@dataclass(frozen=True, slots=True)
class Weights:
    """Starting values. They sum to 1, so that a score reads as a share."""

    specialised: float = 0.20
    certain: float = 0.10  # takes this person for certain: no limit of age or gender that is not known to be met
    area: float = 0.20
    language: float = 0.15
    record: float = 0.20
    free: float = 0.15


WEIGHTS = Weights()
NO_RECORD = AnswerRecord()


@dataclass(frozen=True, slots=True)
class Ranked:
    partner_id: UUID
    score: float
    parts: Mapping[str, float]
    is_closed: bool = False  # nobody works there at this moment


def rank(
    case: CaseFacts,
    partners: Iterable[PartnerFacts],
    now: datetime,
    *,
    records: Mapping[UUID, AnswerRecord],
    weights: Weights = WEIGHTS,
) -> tuple[Ranked, ...]:
    """Best first. In a U1 or U2 case whoever is closed comes last; a tie goes to the smaller partner id."""
    weighing = asdict(weights)
    ranked = (_ranked(case, partner, now, records.get(partner.id, NO_RECORD), weighing) for partner in partners)
    urgent = case.urgency in ROUND_THE_CLOCK
    return tuple(sorted(ranked, key=lambda one: (urgent and one.is_closed, -one.score, one.partner_id)))


def _ranked(
    case: CaseFacts, partner: PartnerFacts, now: datetime, record: AnswerRecord, weights: Mapping[str, float]
) -> Ranked:
    parts = {
        "specialised": 1.0 if partner.service is not None and partner.service.is_specialised else 0.0,
        "certain": _certain(case, partner.service),
        "area": max((_nearness(area) for area in partner.areas if area.covers(case.country, case.region)), default=0.0),
        "language": 1.0 if case.language in partner.languages else 0.3,  # an interpreter: slower, and one more listener
        "record": round((record.accepted + 1) / (record.asked + 2), DIGITS),  # Laplace: no record counts as one half
        "free": round(max(0, partner.capacity - partner.load) / max(1, partner.capacity), DIGITS),
    }
    score = round(sum(weight * parts[name] for name, weight in weights.items()), DIGITS)
    return Ranked(partner.id, score, parts, is_closed=partner.opens_at is None or partner.opens_at > now)


def _nearness(area: AreaFacts) -> float:
    if area.is_remote:
        return 0.3
    return 0.7 if area.region is None else 1.0


def _certain(case: CaseFacts, service: ServiceFacts | None) -> float:
    if service is None:
        return 0.0
    doubtful = (service.age_bands and not case.age_band) or (service.genders and not case.gender)
    return 0.0 if doubtful else 1.0
