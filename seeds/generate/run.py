"""The whole run: network, moulds, then batches in one process or several, each batch whole or not at all."""

import pickle
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime, timedelta
from multiprocessing import get_context
from random import Random

from django.conf import settings
from django.db import connection, connections

from cases.models import PartnerOrganisation, User
from cases.queries.calendars import partner_calendar, side_calendar
from cases.queries.partners import loads
from intake.models import ProblemCategory, Report
from intake.vocabulary import Side

from . import fast, worker
from .acts import Life, start_of
from .cast import Batch, Caster, submission_of
from .mould import Mould
from .network import FAMILY, Network, make_network
from .open_lives import LIVES
from .plan import Calendars, Plan
from .record import Recorder
from .stage import Stage, set_up
from .store import write

BATCH = 500  # cases in one transaction
BOTH_SIDES = 2000  # from so many cases on each life is played on both sides; below that they take turns
LONGEST_DAYS = 1000  # before retention would erase what was closed
_EVERY = 5.0  # seconds between two words about how far it is

Say = Callable[[str], None]
Played = tuple[list[Mould], Calendars]


class GenerateRefused(Exception):
    """Invented cases never stand beside real people's."""


@dataclass(frozen=True, slots=True)
class Wanted:
    cases: int
    partners: int
    seed: int
    days: int
    jobs: int
    until: datetime
    is_fast: bool = False  # see fast.py


@dataclass(frozen=True, slots=True)
class Told:
    """`made`: cases of this run; `there`: cases of batches that an earlier run with this seed had written."""

    made: int
    there: int
    seconds: float


def check_place() -> None:
    """Raises GenerateRefused outside demo mode and where there are real accounts."""
    if not settings.DEMO and not settings.TESTING:
        raise GenerateRefused("KORPU_DEMO is not set: this place is for real people.")
    if User.objects.filter(is_demo=False).exists():
        raise GenerateRefused("There are real accounts here already.")
    if not ProblemCategory.objects.exists():
        raise GenerateRefused("There is no reference data: python manage.py load_reference")


def generate(wanted: Wanted, *, say: Say, played: Played | None = None) -> Told:
    """Adds the cases. A batch that this seed has written before is passed over, so that a broken run can go on.

    `played`: the lives, where they were played for the same moment before. Raises GenerateRefused.
    """
    check_place()
    if wanted.is_fast and not fast.is_possible():
        raise GenerateRefused("The fast way needs PostgreSQL and a superuser of it.")
    fast.build_again(say, wanted.jobs)  # of a run that was killed
    begun = time.monotonic()
    batches = list(_missing(wanted))
    there = wanted.cases - sum(count for _start, count in batches)
    if not batches:
        return Told(0, there, time.monotonic() - begun)
    network = make_network(partners=wanted.partners, now=wanted.until)
    moulds, calendars = played or play_lives(wanted)
    say(f"{len(moulds)} lives played in {time.monotonic() - begun:.1f} s")
    make = Maker(wanted, network, moulds, calendars)
    with fast.without_indexes(say, wanted.jobs) if wanted.is_fast else nullcontext():
        made = _run_all(make, batches, wanted.jobs, say)
    _fit_capacity()
    return Told(made, there, time.monotonic() - begun)


def _run_all(make: "Maker", batches: Sequence[tuple[int, int]], jobs: int, say: Say) -> int:
    made, since, last = 0, time.monotonic(), time.monotonic()
    for count in _run(make, batches, jobs):
        made += count
        if time.monotonic() - last > _EVERY:
            last = time.monotonic()
            say(f"{made:,} cases, {made / (last - since):,.0f} a second")
    return made


def play_lives(wanted: Wanted, lives: Sequence[Life] = LIVES) -> Played:
    """Plays each life and keeps its mould; nothing of what was played stays."""
    with set_up(until=wanted.until) as stage:
        calendars = _calendars(stage)
        moulds = []
        for number, life in enumerate(lives):
            sides = Side.values if wanted.cases >= BOTH_SIDES else [Side.values[number % 3 == 2]]
            for side in sides:
                stage.begin(life.facts, side, start_of(life, wanted.until))
                life.play(stage)
                moulds.append(Recorder(stage, life).mould())
        return moulds, calendars


def _calendars(stage: Stage) -> Calendars:
    found: Calendars = {}
    for side, members in stage.network.families[0].items():
        found[side, -1] = side_calendar(side)
        for number, member in enumerate(members):
            found[side, number] = partner_calendar(PartnerOrganisation.objects.defer("phone").get(pk=member.id))
    return found


def _missing(wanted: Wanted) -> Iterator[tuple[int, int]]:
    starts = range(0, wanted.cases, BATCH)
    keys = {start: submission_of(wanted.seed, f"{start}.0") for start in starts}
    there: set[bytes] = set()
    some = list(keys.values())
    for first in range(0, len(some), 500):
        found = Report.objects.filter(submission_key__in=some[first : first + 500])
        there.update(bytes(key) for key in found.values_list("submission_key", flat=True) if key)
    for start in starts:
        if keys[start] not in there:
            yield start, min(BATCH, wanted.cases - start)


class Maker:
    """Makes and writes one batch after another. Goes to other processes as it is."""

    def __init__(self, wanted: Wanted, network: Network, moulds: Sequence[Mould], calendars: Calendars) -> None:
        self.wanted = wanted
        self._plan = Plan(moulds, calendars, wanted.until, wanted.cases, wanted.days)
        self._caster = Caster(network, seed=wanted.seed, is_copied=connection.vendor == "postgresql")

    def __call__(self, start: int, count: int) -> int:
        """`count` cases from number `start` on: the same ones in whichever process. Returns how many."""
        rng = Random(f"{self.wanted.seed}:{start}")
        batch = Batch()
        number = start
        while number < start + count:
            mould, shift = self._plan.life(number, rng)
            if mould.cases > start + count - number:
                continue
            self._caster.cast(mould, number, shift, rng, batch)
            number += mould.cases
        write(batch, is_fast=self.wanted.is_fast)
        return count


def _run(make: Maker, batches: Sequence[tuple[int, int]], jobs: int) -> Iterable[int]:
    if jobs == 1 or len(batches) < 2:
        yield from (make(start, count) for start, count in batches)
        return
    connections.close_all()
    payload = pickle.dumps(make)
    with ProcessPoolExecutor(jobs, get_context("spawn"), worker.start, (payload,)) as pool:
        running = [pool.submit(worker.work, start, count) for start, count in batches]
        try:
            for one in as_completed(running):
                yield one.result()
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _fit_capacity() -> None:
    """Each partner has places for what it has in hand, and a quarter more."""
    rows = list(PartnerOrganisation.objects.filter(slug__startswith="generated-").only("pk", "capacity"))
    load = loads([row.pk for row in rows])
    for row in rows:
        row.capacity = max(row.capacity, load.get(row.pk, 0) * 5 // 4 + 10)
    PartnerOrganisation.objects.bulk_update(rows, ["capacity"], batch_size=500)


def default_until(now: datetime) -> datetime:
    return now.replace(microsecond=0) - timedelta(minutes=now.minute % 10, seconds=now.second)


__all__ = ["FAMILY", "LONGEST_DAYS", "GenerateRefused", "Told", "Wanted", "check_place", "default_until", "generate"]
