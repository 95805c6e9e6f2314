"""The table of the figures: each policy at each load, as means over seeds."""

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from .bound import upper_bound
from .play import Policy, play
from .scorer import Score, score
from .world import World, make_world

LOADS = (0.70, 0.95)
JUDGED_ON = range(101, 121)
WANTED = {0.70: 0.90, 0.95: 0.84}  # of the bound, and of the urgent cases on the day of arrival
KEPT = Path(__file__).resolve().parents[3] / "var" / "routing_bounds.json"  # ten minutes of work, by seed and load


@dataclass(frozen=True, slots=True)
class Means:
    of_bound: float
    urgent_same_day: float
    ordinary_placed: float
    offers_per_accepted: float
    gini: float
    spread: float  # of `of_bound`: between the worst and the best seed


def row(make: Callable[[World], Policy], load: float, seeds: Sequence[int]) -> Means:
    scores = [_played(make, seed, load) for seed in seeds]
    shares = [one.value / bound(seed, load) for one, seed in zip(scores, seeds, strict=True)]

    def mean(name: str) -> float:
        return sum(getattr(one, name) for one in scores) / len(scores)

    return Means(
        sum(shares) / len(shares),
        mean("urgent_same_day"),
        mean("ordinary_placed"),
        mean("offers_per_accepted"),
        mean("gini"),
        max(shares) - min(shares),
    )


def _played(make: Callable[[World], Policy], seed: int, load: float) -> Score:
    world = _world(seed, load)
    return score(play(world, make(world)))


@lru_cache(maxsize=80)
def _world(seed: int, load: float) -> World:
    return make_world(seed, load)


def bound(seed: int, load: float) -> float:
    """Worked out once and kept; the key says of which world, so that a changed world is worked out anew."""
    kept = json.loads(KEPT.read_text(encoding="utf-8")) if KEPT.exists() else {}
    key = _key(seed, load)
    if key not in kept:
        kept[key] = upper_bound(_world(seed, load))
        KEPT.parent.mkdir(parents=True, exist_ok=True)
        KEPT.write_text(json.dumps(kept, indent=1), encoding="utf-8")
    return float(kept[key])


@lru_cache(maxsize=200)
def _key(seed: int, load: float) -> str:
    world = _world(seed, load)
    partners = [
        (sorted(one.regions), one.is_remote, sorted(one.categories), sorted(one.specialised), sorted(one.languages),
         sorted(one.interpreted), one.capacity)
        for one in world.partners
    ]  # fmt: skip
    hidden = (world.hidden.days, [sorted(one.items()) for one in world.hidden.answers])
    return f"{seed} {load} {hashlib.sha256(repr((world.cases, partners, hidden)).encode()).hexdigest()[:16]}"
