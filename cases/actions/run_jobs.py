"""Does the long work that waits: claims one job at a time by a lease, goes on where the last worker stopped."""

import logging
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import Q

from cases.actions.ask_job import permission_to_try
from cases.actions.dry_run import DryRun
from cases.errors import NotAllowed
from cases.models import Job, JobRule, User
from cases.permissions import may
from intake.errors import DomainError

logger = logging.getLogger(__name__)
LEASE = timedelta(seconds=120)  # a worker that has written nothing for so long is gone
SLICE = 20.0  # seconds of one go: after that other tasks of this worker have their turn
BATCH = 10  # done between two writes
GIVE_UP = 5  # claims without coming further
_State = Job.State
_WORK = {JobRule.Kind.DRY_RUN.value: DryRun}


def run_jobs(*, now_fn: Callable[[], datetime], clock: Callable[[], float] = time.monotonic) -> int:
    """Works on what waits, the oldest first, until nothing does or the slice is over; returns how many were claimed.

    Several workers may run at once. A job that fails is put to `failed` with a code: neither row nor log holds the
    words of an exception.
    """
    ends, claimed = clock() + SLICE, 0
    while clock() < ends and (job := claim(now_fn())) is not None:
        claimed += 1
        _run(job, now_fn, lambda: clock() >= ends)
    return claimed


def claim(now: datetime) -> Job | None:
    """The oldest job that waits, or whose worker did not come back. Of two workers one gets it."""
    free = Job.objects.filter(Q(state=_State.WAITING) | Q(state=_State.RUNNING, lease_until__lte=now))
    if not free.exists():  # most often: then SQLite's one write lock is not asked for
        return None
    with transaction.atomic(durable=True):
        job = free.select_for_update(skip_locked=True, no_key=True).order_by("asked_at", "pk").first()
        if job is None:
            return None
        job.state, job.lease, job.lease_until = _State.RUNNING, uuid4(), now + LEASE
        job.attempts, job.started_at = job.attempts + 1, job.started_at or now
        job.save(update_fields=["state", "lease", "lease_until", "attempts", "started_at"])
    return job


def _run(job: Job, now_fn: Callable[[], datetime], is_over: Callable[[], bool]) -> None:
    try:
        if job.attempts > GIVE_UP:
            _end(job, now_fn(), _State.FAILED, error="gave_up")
            return
        _work_on(job, now_fn, is_over)
    except DomainError as error:
        _end(job, now_fn(), _State.FAILED, error=error.code)
    except Exception as error:  # noqa: BLE001 whatever is wrong with this job must not stop the others
        logger.error("job %s failed: %s", job.pk, type(error).__name__)
        _end(job, now_fn(), _State.FAILED, error="fault")


def _work_on(job: Job, now_fn: Callable[[], datetime], is_over: Callable[[], bool]) -> None:
    asker = User.objects.get(pk=job.asked_by_id)
    if not may(asker, permission_to_try(job.params["change"]), side=job.side):
        raise NotAllowed()
    work = _WORK[job.kind](job, asker)
    if not job.result:
        job.todo, job.result = work.begin()
        job.total = len(job.todo)
        if not _keep(job, now_fn(), todo=job.todo, total=job.total, result=job.result):
            return
    while job.done < job.total:
        if is_over():
            _keep(job, now_fn(), lease_until=now_fn())
            return
        batch = [UUID(one) for one in job.todo[job.done : job.done + BATCH]]
        job.result = work.go_on(job.result, batch)
        job.done += len(batch)
        if not _keep(job, now_fn(), done=job.done, result=job.result, attempts=0):
            return
    _end(job, now_fn(), _State.DONE)


def _keep(job: Job, now: datetime, **columns: Any) -> bool:
    """False when the job is no longer ours: cancelled, or taken by another after our lease ran out."""
    return _ours(job).update(**{"lease_until": now + LEASE, **columns}) == 1


def _end(job: Job, now: datetime, state: str, error: str = "") -> None:
    _ours(job).update(state=state, error=error, finished_at=now, lease=None, lease_until=None)


def _ours(job: Job) -> Any:
    return Job.objects.filter(pk=job.pk, state=_State.RUNNING, lease=job.lease)
