"""Small random worlds of partners, for comparing one way of computing with another."""

from datetime import date, timedelta
from random import Random
from typing import Any

from cases.models import PartnerOrganisation, PriceList, RoutingSetting
from cases.queries.remembered import forget_reference
from cases.routing.situation import terms_in_force
from cases.routing.terms import Terms
from tests.cases.routing_world import GROUPS, NOW, fill, make_agreement, make_partner

REGIONS = ("RU-MOW", "RU-SPE", "RU-KAM", None)
LANGUAGES = ("az", "ru", "en", "lez")
CATEGORIES = ("DET", "WRK", "EDU")
WEIGHT_NAMES = ("specialised", "certain", "area", "language", "record", "free")
WEIGHTINGS = ((0.25, 0.25, 0.2, 0.15, 0.1, 0.05), (0.05, 0.05, 0.1, 0.6, 0.1, 0.1), (0.0, 0.0, 0.0, 0.0, 0.0, 1.0))


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
        closed_days=rng.choice([[], [], [["2026-11-20", "2026-12-04"]]]),
        related_bodies=rng.choice([[], ["Zorro Stroy"]]),
    )
    if rng.random() < 0.3:
        fill(made, 1)
    return made


def priced_settings(rng: Random, *, version: int = 7, **reserve: Any) -> Terms:
    """Settings in force with a price for each place of each partner, some of them dearer than a case is worth."""
    definition = {
        "weights": dict(zip(WEIGHT_NAMES, rng.choice(WEIGHTINGS), strict=True)),
        "prices": {"strength": rng.choice([0.5, 1.0]), "surge": 1.0, "worth": {"1": 8, "2": 4, "3": 2, "4": 1}},
        "reserve": {
            "share": 0.4,
            "scarce_from": rng.choice([0.5, 2.0]),
            "opens_after": {"3": 240, "4": 480},
            "again_after": 24,
            **reserve,
        },
    }
    RoutingSetting.objects.create(version=version, definition=definition)
    ids = [str(pk) for pk in PartnerOrganisation.objects.order_by("pk").values_list("pk", flat=True)]
    PriceList.objects.create(
        at=NOW,
        settings_version=version,
        prices={one: [rng.uniform(0, 2), rng.uniform(0, 1), 0.1] for one in ids},
        surges={one: rng.uniform(0, 1) for one in ids[::2]},
        surged_at=NOW,
    )
    forget_reference()
    return terms_in_force()


def random_world(rng: Random, number: int = 8) -> list[PartnerOrganisation]:
    if rng.random() < 0.7:
        make_agreement(
            None, categories=some(rng, CATEGORIES), valid_until=rng.choice([date(2027, 1, 1), date(2026, 2, 1)])
        )
    return [random_partner(rng) for _ in range(number)]
