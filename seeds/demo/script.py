"""Plays what was written for one report (`life` in reports.json): acts by name, each so many hours after the last."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from cases.errors import DomainError
from cases.models import Referral
from intake.queries import current_contact
from intake.queries.safe_contact import next_safe_moment

from . import pair_acts, partner_acts, reporter_acts, staff_acts, supervisor_acts
from .stage import Stage

if TYPE_CHECKING:
    from .story import Story

TRIES, AGAIN = 8, timedelta(minutes=40)  # a partner that is not there yet may come; then the act is given up
_ROOMS = (staff_acts, supervisor_acts, pair_acts, partner_acts, reporter_acts)
_OWN = {
    name: function
    for room in _ROOMS
    for name, function in vars(room).items()
    if callable(function) and getattr(function, "__module__", "") == room.__name__ and not name.startswith("_")
}
ACTS: Mapping[str, Callable[..., None]] = MappingProxyType(_OWN)


class Script:
    """`is_over`: the last act has happened, or was given up."""

    def __init__(self, story: "Story", stage: Stage, *, name: str, steps: Sequence[Mapping[str, Any]]) -> None:
        self.name, self.is_over = name, not steps
        self._story, self._stage, self._steps = story, stage, steps

    def begin(self, at: datetime) -> None:
        self._plan(0, at)

    def offered(self, referral: Referral) -> None:
        """The script answers, or nobody."""

    def routed(self, at: datetime) -> None:
        """The script goes on by the clock."""

    def _plan(self, place: int, at: datetime) -> None:
        if place == len(self._steps):
            self.is_over = True
            return
        moment = at + timedelta(hours=self._steps[place]["after"])
        self._story.plan(moment, partial(self._play, place, 1))

    def _play(self, place: int, tries: int, at: datetime) -> None:
        step = self._steps[place]
        if step["act"] == "attempt" and (safe := self._safe_moment(at)) > at:
            return self._story.plan(safe, partial(self._play, place, tries))
        try:
            ACTS[step["act"]](self._stage, at, **{name: step[name] for name in step if name not in {"after", "act"}})
        except DomainError as refusal:
            if tries < TRIES:
                return self._story.plan(at + AGAIN, partial(self._play, place, tries + 1))
            self._story.refused.append(f"{self.name}: {step['act']}: {refusal.code}")
        self._story.look(self._stage, self, at, after=step["act"])
        return self._plan(place + 1, at)

    def _safe_moment(self, at: datetime) -> datetime:
        """Nobody calls at an hour that the person did not allow."""
        contact = current_contact(self._stage.report_id)
        return (next_safe_moment(contact, at) if contact else None) or at
