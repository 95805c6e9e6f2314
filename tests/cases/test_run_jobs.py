"""Each job is done once, whatever happens to its worker; one that fails says a code and nothing else."""

import logging
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import count
from typing import Any

import pytest

from cases.actions import run_jobs as runner
from cases.actions.ask_job import cancel_job, forget_jobs
from cases.actions.dry_run import DryRun
from cases.actions.record import Actor
from cases.actions.run_jobs import GIVE_UP, LEASE, claim, run_jobs
from cases.errors import MoveNotAllowed, NotAllowed, NotFound
from cases.models import Job, JobRule, RoutingDecision, User
from tests.cases.arrange import at_once
from tests.cases.routing_world import NOW, make_case, make_partner, make_reference, make_staff

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def reference_rows(db: None) -> None:
    make_reference()
    JobRule.objects.create(kind="dry_run", most=50, look_back_days=365, keep_days=30)


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: Any) -> None:
    monkeypatch.setattr(runner, "BATCH", 1)


def waiting(cases: int = 3, *, user: User | None = None, **columns: Any) -> Job:
    for _ in range(cases):
        RoutingDecision.objects.create(case=make_case(), round=1, at=NOW, mode="automatic", rules_version="r")
    slug = make_partner().slug
    user = user or make_staff("supervisor")
    change = {"kind": "partner", "partner": slug, "capacity": 0}
    values: dict[str, Any] = {"kind": "dry_run", "side": user.side, "asked_by": user, "asked_at": NOW}
    return Job.objects.create(**values, **{"params": {"change": change, "days": 30}, **columns})


def run(at: datetime = NOW, clock: Callable[[], float] = lambda: 0.0) -> int:
    return run_jobs(now_fn=lambda: at, clock=clock)


class Killed(BaseException):
    """As when the process is killed: nothing of ours may catch it."""


def dies_after(pieces: int, monkeypatch: Any) -> list[int]:
    """The worker dies in the piece after so many; what it was asked for is written down."""
    went_on, worked = DryRun.go_on, []

    def go_on(self: DryRun, result: Any, case_ids: Any) -> Any:
        if len(worked) == pieces:
            raise Killed
        worked.extend(case_ids)
        return went_on(self, result, case_ids)

    monkeypatch.setattr(DryRun, "go_on", go_on)
    return worked


def test_a_job_is_done_from_beginning_to_end() -> None:
    job = waiting()
    assert run() == 1
    job.refresh_from_db()
    assert (job.state, job.done, job.total, job.lease, job.finished_at) == ("done", 3, 3, None, NOW)
    assert sum(job.result["counts"].values()) == 3
    assert run() == 0


def test_a_job_without_a_case_is_done_at_once() -> None:
    job = waiting(0)
    run()
    job.refresh_from_db()
    assert (job.state, job.total) == ("done", 0)


def test_another_worker_goes_on_where_the_first_died(monkeypatch: Any) -> None:
    job = waiting()
    with monkeypatch.context() as patch:
        first = dies_after(2, patch)
        with pytest.raises(Killed):
            run()
    job.refresh_from_db()
    assert (job.state, job.done) == ("running", 2)
    assert run(NOW + LEASE - timedelta(seconds=1)) == 0, "its lease still holds"
    with monkeypatch.context() as patch:
        second = dies_after(99, patch)
        assert run(NOW + LEASE) == 1
    job.refresh_from_db()
    assert (job.state, job.done, job.started_at) == ("done", 3, NOW)
    assert len(first) + len(second) == len({*first, *second}) == 3
    assert sum(job.result["counts"].values()) == 3


def test_a_job_that_kills_its_worker_each_time_is_given_up(monkeypatch: Any) -> None:
    job = waiting()
    dies_after(0, monkeypatch)
    for attempt in range(GIVE_UP):
        with pytest.raises(Killed):
            run(NOW + attempt * LEASE)
    run(NOW + GIVE_UP * LEASE)
    job.refresh_from_db()
    assert (job.state, job.error) == ("failed", "gave_up")


def test_a_slice_ends_and_the_next_goes_on() -> None:
    job, ticks = waiting(), count(step=15)
    assert run(clock=lambda: float(next(ticks))) == 1
    job.refresh_from_db()
    assert job.state == "running" and job.done < 3
    run()
    job.refresh_from_db()
    assert (job.state, job.done) == ("done", 3)


def test_a_job_that_fails_says_a_code_and_no_words(monkeypatch: Any, caplog: Any) -> None:
    def fail(*args: Any) -> Any:
        raise ValueError("Aysel Canary")

    monkeypatch.setattr(DryRun, "go_on", fail)
    job, caplog_level = waiting(), logging.ERROR
    with caplog.at_level(caplog_level):
        run()
    job.refresh_from_db()
    assert (job.state, job.error, job.lease) == ("failed", "fault", None)
    assert "Canary" not in caplog.text + str(vars(job))


def test_one_that_fails_holds_up_no_other() -> None:
    bad = waiting(1, params={"change": {"kind": "partner", "partner": "gone"}, "days": 30})
    good = waiting(1)
    assert run() == 2
    for job in (bad, good):
        job.refresh_from_db()
    assert (bad.state, bad.error, good.state) == ("failed", "invalid_input", "done")


def test_who_may_no_longer_ask_gets_no_result() -> None:
    job = waiting()
    User.objects.update(is_active=False)
    run()
    job.refresh_from_db()
    assert (job.state, job.error, job.result) == ("failed", "not_allowed", {})


# --- stopping ---------------------------------------------------------------------------------------------------------
def test_a_stopped_job_is_not_begun_and_one_that_runs_writes_nothing_more(monkeypatch: Any) -> None:
    job = waiting()
    by = Actor("staff", job.asked_by_id)
    went_on = DryRun.go_on

    def stopped_meanwhile(self: DryRun, result: Any, case_ids: Any) -> Any:
        found = went_on(self, result, case_ids)
        cancel_job(job_id=job.pk, by=by, now=NOW)
        return found

    monkeypatch.setattr(DryRun, "go_on", stopped_meanwhile)
    run()
    job.refresh_from_db()
    assert (job.state, job.done, job.finished_at) == ("cancelled", 0, NOW)
    assert run() == 0
    with pytest.raises(MoveNotAllowed):
        cancel_job(job_id=job.pk, by=by, now=NOW)


def test_only_who_may_try_on_the_own_side_stops_it() -> None:
    job = waiting()
    with pytest.raises(NotFound):
        cancel_job(job_id=job.pk, by=Actor("staff", make_staff("supervisor", side="RU").pk), now=NOW)
    with pytest.raises(NotAllowed):
        cancel_job(job_id=job.pk, by=Actor("staff", make_staff("caseworker").pk), now=NOW)
    job.refresh_from_db()
    assert job.state == "waiting"


def test_a_worker_whose_lease_was_taken_over_writes_nothing() -> None:
    job = waiting()
    late = claim(NOW)
    assert late is not None and run(NOW + LEASE) == 1
    job.refresh_from_db()
    done = (job.state, job.result)
    runner._work_on(late, lambda: NOW, lambda: False)
    job.refresh_from_db()
    assert (job.state, job.result) == done


# --- clearing away ----------------------------------------------------------------------------------------------------
def test_what_ended_long_ago_is_deleted_and_what_has_not_ended_stays() -> None:
    old = waiting(0, state="done", finished_at=NOW - timedelta(days=31))
    kept = {waiting(0, state="done", finished_at=NOW - timedelta(days=29)).pk, waiting(0).pk}
    assert forget_jobs(now=NOW) == 1
    assert set(Job.objects.values_list("pk", flat=True)) == kept
    assert old.pk not in kept


# --- several workers --------------------------------------------------------------------------------------------------
def test_of_two_claims_one_gets_the_job() -> None:
    waiting()
    assert [claim(NOW) is None for _ in range(2)] == [False, True]


@pytest.mark.postgres
def test_several_workers_at_once_do_each_job_once(monkeypatch: Any) -> None:
    jobs = [waiting(2) for _ in range(6)]
    begun: list[Any] = []
    begin = DryRun.begin

    def noted(self: DryRun) -> Any:
        begun.append(self._job.pk)
        return begin(self)

    monkeypatch.setattr(DryRun, "begin", noted)
    assert sum(at_once(4, run)) == 6
    assert Counter(begun) == Counter(job.pk for job in jobs)
    assert set(Job.objects.values_list("state", flat=True)) == {"done"}
