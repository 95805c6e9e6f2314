"""Asks for long work, and takes it back. A worker does it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from cases.actions.authorise import authorise, staff_member
from cases.actions.record import Actor
from cases.errors import MoveNotAllowed, NotFound, OneJobAtATime
from cases.models import Job, JobRule
from cases.queries.jobs import job_rules
from cases.routing.known_world import known_world
from cases.routing.read_change import read_change
from intake.errors import InvalidInput

_State = Job.State
_OPEN = (_State.WAITING, _State.RUNNING)


def ask_dry_run(*, change: Any, days: Any, by: Actor, now: datetime) -> Job:
    """A dry run of `change` (JSON of codes) over the own side's cases of the last `days` days; it waits for a worker.

    Raises NotAllowed, InvalidInput with the wrong fields, and OneJobAtATime while an earlier one of the same person has
    not ended.
    """
    user = staff_member(by)
    authorise(by, permission_to_try(change), side=user.side)
    rule = job_rules().get(JobRule.Kind.DRY_RUN)
    longest = rule.look_back_days if rule else 0
    if type(days) is not int or not 1 <= days <= longest:
        said = str(_("Give a whole number from {least} to {most}.")).format(least=1, most=longest)
        raise InvalidInput(fields={"days": [said]})
    read_change(change, world=known_world(now), side=user.side, now=now)
    try:
        with transaction.atomic(durable=True):
            return Job.objects.create(
                kind=JobRule.Kind.DRY_RUN,
                side=user.side,
                asked_by=user,
                asked_at=now,
                params={"change": change, "days": days},
            )
    except IntegrityError:
        raise OneJobAtATime() from None


def permission_to_try(change: Any) -> str:
    """Settings are tried also by whoever enters them; what became of single cases the page does not show there."""
    is_settings = isinstance(change, Mapping) and change.get("kind") == "settings"
    return "try_routing" if is_settings else "try_change"


def cancel_job(*, job_id: UUID, by: Actor, now: datetime) -> Job:
    """Ends a job that waits or runs; its worker notices before it writes the next time. Raises NotFound, NotAllowed,
    and MoveNotAllowed when it has ended."""
    user = staff_member(by)
    ours = Job.objects.filter(pk=job_id, side=user.side)
    params = ours.values_list("params", flat=True).first()
    if params is None:
        raise NotFound()
    authorise(by, permission_to_try(params["change"]), side=user.side)
    with transaction.atomic(durable=True):
        ended = {"state": _State.CANCELLED, "finished_at": now, "lease": None, "lease_until": None}
        changed = ours.filter(state__in=_OPEN).update(**ended)
        job = ours.first()
    if job is None:  # deleted meanwhile
        raise NotFound()
    if not changed:
        raise MoveNotAllowed(state=job.state)
    return job


def forget_jobs(*, now: datetime) -> int:
    """Deletes what ended longer ago than the rule of its kind says; returns how many."""
    gone = 0
    for kind, rule in job_rules().items():
        old = Job.objects.filter(kind=kind, finished_at__lt=now - rule.kept)
        gone += old.delete()[0]
    return gone
