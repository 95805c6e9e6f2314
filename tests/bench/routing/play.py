"""Plays a policy in a world, hour by hour, by the rules that routing keeps for every policy (domain.md §6, §8).

An offer holds a place from the moment it is made; an immediate case (U1) is offered to two at once and the first accept
wins; a refusal or a silence leads to the next; a case that nobody takes waits, and is tried again when a place comes
free with a partner that it fits, and every morning, the most urgent first. A policy sees what the system would see: the
case, what partners declare, their load, their answers so far. Never what is hidden.
"""

import heapq
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from .world import ACCEPTS, ANSWER_HOURS, HOURS, IS_SILENT, Arrival, Helper, World

PAIR = 2
MORNING = 6
_ENDS, _SILENT, _MORNING, _ARRIVES = range(4)  # what happens in the same hour happens in this order


@dataclass(slots=True)
class Standing:
    """A partner, as the system knows it at one moment."""

    partner: Helper
    load: int = 0  # open offers and cases in hand
    answers: list[bool] = field(default_factory=list)  # newest last: whether it accepted; silence counts as no

    @property
    def is_free(self) -> bool:
        return self.load < self.partner.capacity


class Policy(Protocol):
    def order(self, case: Arrival, free: Sequence[Standing], hour: int) -> Sequence[int]:
        """Numbers of the partners to be asked, best first; none: wait. `free`: who fits, has a place, was not asked."""


@dataclass(frozen=True, slots=True)
class Placement:
    case: int
    partner: int
    hour: int


@dataclass(frozen=True)
class Played:
    world: World
    placements: tuple[Placement, ...]
    offers: int
    busy: tuple[int, ...]  # by partner: hours for which its places were held, within the days of the world


def play(world: World, policy: Policy) -> Played:
    return _Play(world, policy).to_the_end()


@dataclass(slots=True)
class _Open:
    """A case without a partner, and what was tried."""

    case: Arrival
    asked: set[int] = field(default_factory=set)
    unanswered: int = 0  # silent offers that still run


class _Play:
    def __init__(self, world: World, policy: Policy) -> None:
        self.world, self.policy = world, policy
        self.end = world.size.days * HOURS
        self.standing = [Standing(partner) for partner in world.partners]
        self.open: dict[int, _Open] = {}
        self.events: list[tuple[int, int, int, int]] = []  # hour, what, case (-1: none), partner
        self.placements: list[Placement] = []
        self.busy = [0] * len(world.partners)
        self.offers = 0

    def to_the_end(self) -> Played:
        self.events = [(case.hour, _ARRIVES, case.number, -1) for case in self.world.cases]
        self.events += [(day * HOURS + MORNING, _MORNING, -1, -1) for day in range(self.world.size.days)]
        heapq.heapify(self.events)
        while self.events and self.events[0][0] < self.end:
            self._next(*heapq.heappop(self.events))
        return Played(self.world, tuple(self.placements), self.offers, tuple(self.busy))

    def _next(self, hour: int, what: int, number: int, partner: int) -> None:
        if what == _ARRIVES:
            self.open[number] = _Open(self.world.cases[number])
            self._route(self.open[number], hour)
        elif what == _MORNING:
            self.open = {pk: one for pk, one in self.open.items() if one.case.last_day >= hour // HOURS}
            self._try_again(hour, range(len(self.standing)))
        else:
            self.standing[partner].load -= 1
            if what == _SILENT:
                self._ran_out(hour, number, partner)
            self._try_again(hour, [partner])

    def _ran_out(self, hour: int, number: int, partner: int) -> None:
        self.standing[partner].answers.append(False)
        if (waits := self.open.get(number)) is not None:
            waits.unanswered -= 1
            self._route(waits, hour)

    def _try_again(self, hour: int, partners: Sequence[int]) -> None:
        """Whoever waits and fits one of these, the most urgent first, then the oldest."""
        for waits in sorted(self.open.values(), key=lambda one: (one.case.urgency, one.case.number)):
            fits = self.world.fitting[waits.case.number]
            if any(one in fits and one not in waits.asked and self.standing[one].is_free for one in partners):
                self._route(waits, hour)

    def _route(self, waits: _Open, hour: int) -> None:
        """Asks until somebody accepts, nobody is left whom the policy would ask, or an answer is awaited."""
        case = waits.case
        while not waits.unanswered and hour // HOURS <= case.last_day:
            fitting = (self.standing[number] for number in self.world.fitting[case.number])
            free = [one for one in fitting if one.is_free and one.partner.number not in waits.asked]
            chosen = self.policy.order(case, free, hour)[: PAIR if case.urgency == 1 else 1]
            if not chosen:
                return
            if self._ask(waits, chosen, hour):
                return

    def _ask(self, waits: _Open, chosen: Sequence[int], hour: int) -> bool:
        """Whether one of them accepted. Offers made at the same moment are answered in the order of the ranking."""
        number, answers = waits.case.number, self.world.hidden.answers[waits.case.number]
        waits.asked.update(chosen)
        self.offers += len(chosen)
        winner = next((partner for partner in chosen if answers[partner] == ACCEPTS), None)
        for partner in chosen:
            if partner == winner:
                self.standing[partner].answers.append(True)
                self.placements.append(Placement(number, partner, hour))
                self._hold(partner, number, hour, self.world.hidden.days[number] * HOURS, _ENDS)
                break  # what was offered beside it is withdrawn unanswered
            if answers[partner] != IS_SILENT:
                self.standing[partner].answers.append(False)
            elif winner is None:  # else the accept withdraws it in the same hour
                waits.unanswered += 1
                self._hold(partner, number, hour, ANSWER_HOURS[waits.case.urgency], _SILENT)
        if winner is not None:
            del self.open[number]
        return winner is not None

    def _hold(self, partner: int, number: int, hour: int, hours: int, then: int) -> None:
        self.standing[partner].load += 1
        self.busy[partner] += min(hours, self.end - hour)
        heapq.heappush(self.events, (hour + hours, then, number, partner))
