"""Judges the shipped settings on seeds 101–120: the table of all policies, and a row for each figure asked for."""

import json
import os
from pathlib import Path

from tests.bench.rows import Row

from . import table

SETTINGS = Path(__file__).resolve().parents[3] / "seeds" / "data" / "routing_settings.json"
NUMBER = "ROUT"


def measure() -> list[Row]:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cases.conf.settings")
    os.environ.setdefault("KORPU_TESTING", "1")
    import django

    django.setup()  # production's modules are imported by the policies; no database is used
    from cases.routing.terms import terms_of

    from .policies import BestScore, Korpu, LeastLoaded, Random

    terms = terms_of(json.loads(SETTINGS.read_text(encoding="utf-8")))
    policies = {
        "random": Random,
        "least-loaded": LeastLoaded,
        "best-score": BestScore,
        "Körpü": lambda world: Korpu(world, terms),
    }
    rows: list[Row] = []
    for load in table.LOADS:
        means = {name: table.row(make, load, list(table.JUDGED_ON)) for name, make in policies.items()}
        _print(load, means)
        rows += _rows(load, means["Körpü"], means["best-score"])
    return rows


def _print(load: float, means: dict[str, table.Means]) -> None:
    print(f"\nload {load:.2f}, seeds {table.JUDGED_ON[0]}–{table.JUDGED_ON[-1]}, means")
    print(f"{'':14}{'% of bound':>11}{'spread':>8}{'urgent same day':>17}{'ordinary':>10}{'offers':>8}{'Gini':>7}")
    for name, one in means.items():
        print(
            f"{name:14}{100 * one.of_bound:11.1f}{100 * one.spread:8.1f}{100 * one.urgent_same_day:17.1f}"
            f"{100 * one.ordinary_placed:10.1f}{one.offers_per_accepted:8.2f}{one.gini:7.2f}"
        )


def _rows(load: float, ours: table.Means, best_score: table.Means) -> list[Row]:
    wanted, ordinary = table.WANTED[load], best_score.ordinary_placed - 0.06
    at_least = (
        ("value, of the bound", wanted, ours.of_bound),
        ("urgent placed on the day of arrival", wanted, ours.urgent_same_day),
        ("ordinary placed, best-score − 6", ordinary, ours.ordinary_placed),
    )
    at_most = (("offers per accepted case", 1.25, ours.offers_per_accepted), ("Gini of load", 0.22, ours.gini))
    return [
        *(
            Row(NUMBER, f"{load:.2f}: {what}", f">= {100 * least:.1f} %", f"{100 * got:.1f} %", got >= least)
            for what, least, got in at_least
        ),
        *(Row(NUMBER, f"{load:.2f}: {what}", f"<= {most}", f"{got:.2f}", got <= most) for what, most, got in at_most),
    ]
