"""Small random worlds of partners, for comparing one way of computing with another."""

from datetime import date, timedelta
from random import Random
from typing import Any

from cases.models import PartnerOrganisation
from tests.cases.routing_world import GROUPS, NOW, fill, make_agreement, make_partner

REGIONS = ("RU-MOW", "RU-SPE", "RU-KAM", None)
LANGUAGES = ("az", "ru", "en", "lez")
CATEGORIES = ("DET", "WRK", "EDU")


def some(rng: Random, choices: Any, least: int = 0) -> list[Any]:
    return rng.sample(list(choices), rng.randint(least, len(choices)))


def random_partner(rng: Random) -> PartnerOrganisation:
    spoken = some(rng, LANGUAGES)
    cut = rng.randint(0, len(spoken))
    agreement = {
        "categories": some(rng, CATEGORIES),
        "countries": rng.choice([[], [], ["RU"], ["AZ"]]),
        "under_memorandum": rng.random() < 0.3,
        "data_groups": rng.choice([GROUPS, GROUPS, ["identity"]]),
        "valid_until": rng.choice([date(2027, 12, 31), date(2027, 12, 31), date(2026, 11, 23)]),
    }
    made = make_partner(
        categories=some(rng, CATEGORIES, 1),
        regions=some(rng, REGIONS),
        languages=spoken[:cut],
        interpreters=spoken[cut:],
        agreement=rng.choice([agreement, agreement, agreement, None]),
        service={
            "subcodes": rng.choice([[], [], ["POLICE"]]),
            "age_bands": rng.choice([[], [], ["25_39"], ["60_plus"]]),
            "child_safeguarding": rng.random() < 0.5,
            "is_specialised": rng.random() < 0.5,
        },
        side=rng.choice(["AZ", "AZ", "AZ", "RU"]),
        capacity=rng.choice([0, 1, 2, 5]),
        is_active=rng.random() < 0.9,
        paused_until=rng.choice([None, None, None, NOW.date(), NOW.date() - timedelta(days=1)]),
        around_the_clock=rng.random() < 0.3,
        related_bodies=rng.choice([[], ["Zorro Stroy"]]),
    )
    if rng.random() < 0.3:
        fill(made, 1)
    return made


def random_world(rng: Random, number: int = 8) -> list[PartnerOrganisation]:
    if rng.random() < 0.7:
        make_agreement(
            None, categories=some(rng, CATEGORIES), valid_until=rng.choice([date(2027, 1, 1), date(2026, 2, 1)])
        )
    return [random_partner(rng) for _ in range(number)]
