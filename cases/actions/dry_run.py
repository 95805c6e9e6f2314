"""The work of a dry run, in pieces: which cases, and what the change would have done to each. Writes no row itself."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import cached_property
from typing import Any
from uuid import UUID

from cases.actions.price_places import prices_under
from cases.models import Job, User
from cases.queries.jobs import cases_by_id, job_rules, places_taken, routed_cases
from cases.routing.change import Change, SettingsChange
from cases.routing.dry_run import KINDS, try_on
from cases.routing.known_world import known_world
from cases.routing.read_change import read_change
from cases.routing.world import World


class DryRun:
    """The moment is when the job began, also for a worker that goes on with it later."""

    def __init__(self, job: Job, asker: User) -> None:
        assert job.started_at is not None  # noqa: S101 a claimed job has begun
        self._job, self._asker, self._now = job, asker, job.started_at

    def begin(self) -> tuple[list[str], dict[str, Any]]:
        """The ids in their order, and a result to which they add. Raises InvalidInput: the change fits no more."""
        _change = self._change
        since = self._now - timedelta(days=self._job.params["days"])
        found, is_cut = routed_cases(self._asker, since=since, most=job_rules()[self._job.kind].most)
        return [str(pk) for pk in found], {"counts": dict.fromkeys(KINDS, 0), "is_cut": is_cut, "cases": []}

    def go_on(self, result: Mapping[str, Any], case_ids: Sequence[UUID]) -> dict[str, Any]:
        cases, taken = cases_by_id(case_ids), places_taken(case_ids)
        counts, moved = Counter(result["counts"]), list(result["cases"])
        for case_id in cases:
            case, places = cases[case_id], taken.get(case_id, frozenset())
            found = try_on(case, self._change, today=self._today, then=self._then, taken=places, now=self._now)
            counts[found.kind] += 1
            if found.is_listed:
                moved.append(found.stored(case.reference))
        return {**result, "counts": dict(counts), "cases": moved}

    @cached_property
    def _today(self) -> World:
        return known_world(self._now)

    @cached_property
    def _change(self) -> Change:
        change = read_change(self._job.params["change"], world=self._today, side=self._job.side, now=self._now)
        if isinstance(change, SettingsChange):
            prices = prices_under(change.tried, now=self._now)
            return replace(change, tried=replace(change.tried, prices=prices))
        return change

    @cached_property
    def _then(self) -> World:
        return self._change.apply(self._today)
