"""P14: what routing one case costs with many partners. Run as a program it is the process with the database."""

import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from typing import Any

from . import place
from .rows import Row

SIZES = (10, 500, 1000)
CASES = 25  # in one turn
PAIRS = 7


def measure() -> list[Row]:
    """Two sizes side by side, in turns; each turn routes fresh cases that differ in category, region and language."""
    with ExitStack() as stack:
        few, half, many = (stack.enter_context(_world(size)) for size in SIZES)
        for one in (few, half, many):
            _turn(one)
        turns = [(_turn(few), _turn(many), _turn(half)) for _ in range(PAIRS)]
    ratios = [statistics.median(b["routed"]) / statistics.median(a["routed"]) for a, b, _c in turns]
    ratio = statistics.median(ratios)
    decided = sorted(one for _a, _b, c in turns for one in c["decided"])
    p95 = decided[int(len(decided) * 0.95)]
    spread = max(statistics.median(a["routed"]) for a, _b, _c in turns) / min(
        statistics.median(a["routed"]) for a, _b, _c in turns
    )
    noise = f"spread of the smaller {spread:.2f}" + ("" if spread <= 1.5 else " (over 1.5: repeat)")
    return [
        Row("P14", "routing one case: 1,000 / 10 partners", "<= 1.5 x", f"{ratio:.2f} x", ratio <= 1.5, noise),
        Row("P14", "decision p95 with 500 partners", "<= 50 ms", f"{1000 * p95:.0f} ms", p95 <= 0.05),
    ]


def _turn(process: subprocess.Popen[str]) -> dict[str, list[float]]:
    assert process.stdin and process.stdout
    process.stdin.write("turn\n")
    process.stdin.flush()
    return dict(json.loads(process.stdout.readline()))


@contextmanager
def _world(size: int) -> Iterator[subprocess.Popen[str]]:
    with place.database(f"partners_{size}") as url, tempfile.TemporaryDirectory() as var:
        environment = {
            **os.environ,
            "DATABASE_URL": url,
            "KORPU_VAR": var,
            "KORPU_TESTING": "1",
            "DJANGO_SETTINGS_MODULE": "cases.conf.settings",
            "KORPU_LOG_LEVEL": "ERROR",
        }
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.bench.decisions", str(size)],
            cwd=place.ROOT,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            yield process
        finally:
            process.kill()
            process.wait(timeout=30)


# --- in the process with the database ---------------------------------------------------------------------------------
def serve(size: int) -> None:
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection

    from seeds.reference import load_reference

    call_command("migrate", interactive=False, verbosity=0)
    load_reference()
    chance = random.Random(f"partners {size}")
    make_partners(size, chance)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    for _line in sys.stdin:
        print(json.dumps(turn(chance)), flush=True)


def make_partners(size: int, chance: random.Random) -> None:
    """Each with a few services, regions, languages, an agreement, and a history of thirty answers."""
    from django.utils import timezone

    from cases.actions.price_places import price_places
    from cases.models import AgreementVersion, Referral, RoutingPolicy
    from intake.models import Language, ProblemCategory, Region
    from tests.cases.routing_world import make_case, make_partner

    codes = list(ProblemCategory.objects.order_by("order").values_list("code", flat=True))
    regions = list(Region.objects.filter(country="RU").order_by("code").values_list("code", flat=True))
    languages = list(Language.objects.order_by("code").values_list("code", flat=True))[:8]
    RoutingPolicy.objects.update(mode="automatic")
    past = [make_case(category="WRK", urgency=3, state="closed", routing_wanted_at=None) for _ in range(30)]
    for number in range(size):
        everywhere = number < 10  # so that in each world somebody can take every case
        partner = make_partner(
            f"Organisation {number}",
            categories=codes if everywhere else chance.sample(codes, 4),
            regions=[None] if everywhere else chance.sample(regions, 6),
            languages=languages if everywhere else chance.sample(languages, 3),
            capacity=10_000,
            around_the_clock=True,
        )
        version = AgreementVersion.objects.get(agreement__partner=partner)
        Referral.objects.bulk_create(_answer(case, partner, version, chance) for case in past)
    price_places(now=timezone.now())


def _answer(case: Any, partner: Any, version: Any, chance: random.Random) -> Any:
    from cases.models import Referral

    at = case.received_at - timedelta(days=chance.randrange(100))
    return Referral(
        case=case,
        partner=partner,
        state=chance.choice(["completed", "declined", "expired"]),
        agreement_version=version,
        round=1,
        urgency=3,
        category_id="WRK",
        offered_at=at,
        answer_due_at=at,
        updated_at=at,
    )


def turn(chance: random.Random) -> dict[str, list[float]]:
    from django.utils import timezone

    from cases.actions.route_case import route_case
    from cases.models import Case
    from cases.routing.situation import case_facts, decide
    from intake.models import ProblemCategory, Region
    from tests.cases.routing_world import make_case

    codes = list(ProblemCategory.objects.values_list("code", flat=True).order_by("order"))
    regions = list(Region.objects.filter(country="RU").order_by("code").values_list("code", flat=True))
    told: dict[str, list[float]] = {"decided": [], "routed": []}
    for _ in range(CASES):
        now = timezone.now()
        case = make_case(
            category=chance.choice(codes),
            urgency=chance.randint(1, 4),
            region_id=chance.choice(regions),
            received_at=now,
        )
        case = Case.objects.get(pk=case.pk)
        start = time.perf_counter()
        decide(case, case_facts(case, now), now)
        told["decided"].append(time.perf_counter() - start)
        start = time.perf_counter()
        decision = route_case(case_id=case.pk, now=now)
        told["routed"].append(time.perf_counter() - start)
        if decision is None or not decision.chosen:
            raise RuntimeError("a case of the bench found no partner")
    return told


if __name__ == "__main__":
    serve(int(sys.argv[1]))
