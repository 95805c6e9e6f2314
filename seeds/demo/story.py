"""What happened in the last weeks, in the order of time: a queue of moments, each one act of somebody."""

import heapq
import itertools
import random
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Protocol
from uuid import UUID

from cases.actions.expire import expire_due
from cases.actions.route_case import route_case
from cases.actions.take_up import take_up_report_events
from cases.models import Case, Referral
from cases.workflow import ReferralState
from intake.actions.submit_report import submit_report
from intake.compiled import Rows

from .chance import Chance
from .entries import entry_of
from .script import Script
from .stage import Stage, caseworkers, tolerated
from .sweeps import sweeps_between

Act = Callable[[datetime], None]
# How many days ago: what is urgent is fresh, and much lies inside its clocks, so that a visitor finds cases that can
# still be in time. The rest lies further back and has mostly ended.
URGENT, GRAVE, OTHERS, EARLIER = (0.02, 0.3), (0.1, 1.3), (0.3, 5.0), (5.0, 74.0)
EARLIER_SHARE = 0.45
ROUTED_AFTER = timedelta(seconds=5)  # a worker's round
# Acts that ask partners, and acts after which no worker has anything to route.
OFFERING = frozenset({"offer", "pass_to_another"})
QUIET = frozenset(
    {"write", "note", "read", "file", "attempt", "follow_up", "followed_up", "hold", "progress", "contact", "review"}
    | {"group", "group_note", "link", "complaint", "complaint_answered", "ask_vital", "take", "close", "erased"}
)


class Course(Protocol):
    """Who decides what becomes of a report: chance, or what was written for it."""

    def begin(self, at: datetime) -> None: ...
    def offered(self, referral: Referral) -> None: ...
    def routed(self, at: datetime) -> None: ...


class Story:
    def __init__(self, *, now: datetime, code: str) -> None:
        self.now, self.code = now, code
        self.rng = random.Random(2013)  # the same demo each time
        self.stages: dict[str, Stage] = {}  # the hand-written reports that others speak of, by their key
        self.scripts: list[Script] = []
        self.refused: list[str] = []  # acts of the scripts that could not happen, and why
        self._acts: list[tuple[datetime, int, Act]] = []
        self._order = itertools.count()
        self._watched: set[UUID] = set()
        self._staff = caseworkers()

    def plan_reports(self, rows: Iterable[dict[str, Any]]) -> None:
        for number, row in enumerate(rows):
            at = self.now - timedelta(days=self._days_ago(row))
            self.plan(at, partial(self._report, row, number))

    def plan_acts(self, acts: Iterable[tuple[datetime, Act]]) -> None:
        for at, act in acts:
            self.plan(at, act)

    def plan(self, at: datetime, act: Act) -> None:
        """What lies after now has not happened."""
        if at <= self.now:
            heapq.heappush(self._acts, (at, next(self._order), act))

    def later(self, at: datetime, *, hours: tuple[float, float], act: Act) -> None:
        self.plan(at + timedelta(hours=self.rng.uniform(*hours)), act)

    def tell(self) -> None:
        if self._acts:
            self.plan_acts(sweeps_between(self._acts[0][0], self.now))
        while self._acts:
            at, _order, act = heapq.heappop(self._acts)
            act(at)

    def unfinished(self) -> Sequence[str]:
        """Scripts that have not come to their end."""
        return [script.name for script in self.scripts if not script.is_over]

    def look(self, stage: Stage, course: Course, at: datetime, *, after: str) -> None:
        """After an act: whatever a worker would do now is done, and whoever was asked hears of it."""
        if after in QUIET:
            return
        if after in OFFERING:
            self._watch(stage, course)
        elif _wants_routing(stage):
            self.plan(at + ROUTED_AFTER, lambda at: self._route(stage, course, at))

    def _route(self, stage: Stage, course: Course, at: datetime) -> None:
        with tolerated():
            route_case(case_id=stage.case_id, now=at)
        self._watch(stage, course)
        course.routed(at)

    def _watch(self, stage: Stage, course: Course) -> None:
        """Each open offer gets its answer, or none, in its own time."""
        for referral in _open_offers(case=stage.case_id):
            if referral.pk in self._watched:
                continue
            self._watched.add(referral.pk)
            course.offered(referral)
            # The sweep ends it at its hour; then the next one is asked.
            self.plan(referral.answer_due_at + timedelta(minutes=2), lambda at: self._silent(stage, course, at))

    def _silent(self, stage: Stage, course: Course, at: datetime) -> None:
        expire_due(now=at)
        self.look(stage, course, at, after="silence")

    def _report(self, row: dict[str, Any], number: int, at: datetime) -> None:
        person = self._staff["RU" if row["handler"] == "RU" else "AZ"][0]
        code = self.code if number == 0 else None
        entry = entry_of(row, at=at, code=code, key=f"demo-{number}", taken_by=person)
        report_id = submit_report(entry=entry, now=at).report_id
        take_up_report_events(report_id=report_id, now=at + timedelta(seconds=1))
        case = Case.objects.get(report_id=report_id)
        worker_id = self._staff[case.side][number % 2]
        stage = Stage(case.pk, report_id, row["language"], case.side, worker_id, self.stages)
        if name := row.get("key", ""):
            self.stages[name] = stage
        course = self._course(row, stage)
        self.look(stage, course, at + timedelta(seconds=1), after="report")
        course.begin(at)

    def _course(self, row: dict[str, Any], stage: Stage) -> Course:
        if "life" not in row:
            return Chance(self, stage)
        script = Script(self, stage, name=row["key"], steps=row["life"])
        self.scripts.append(script)
        return script

    def _days_ago(self, row: dict[str, Any]) -> float:
        if row["days_ago"] is not None:
            return float(row["days_ago"])
        if self.rng.random() < EARLIER_SHARE:
            return self.rng.uniform(*EARLIER)
        answers = row["answers"]
        if answers.get("held") == "yes" or answers.get("harm_now") == "yes":
            return self.rng.uniform(*URGENT)
        return self.rng.uniform(*(GRAVE if row["category"] in {"DET", "EXP", "SAF"} else OTHERS))


def _wants_routing(stage: Stage) -> bool:
    return stage.case.routing_wanted_at is not None


_open_offers = Rows(
    lambda case: (
        Referral.objects.filter(case_id=case, state=ReferralState.OFFERED).select_related("partner").order_by("pk")
    ),
    case=(UUID(int=1), UUID(int=2)),
)
