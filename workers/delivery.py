"""Sends what is due. `drain` is all that a task calls; one run of it is in run.py."""

import contextlib
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from random import Random, SystemRandom

from django.utils import timezone

from workers.channels import open_channels
from workers.run import SLOTS, Run

_running = threading.Lock()
_asked = threading.Event()
_stopping = threading.Event()


def drain(*, now_fn: Callable[[], datetime] = timezone.now, limit: int | None = None, rng: Random | None = None) -> int:
    """Sends until nothing is due, or `limit` messages; returns how many attempts and refusals were recorded.

    One run at a time in a process: called while another is at it, it returns at once, and the other looks once more.
    Raises OperationalError when the database is away; what was on its way is then finished and recorded if possible.
    """
    _asked.set()
    handled = 0
    while _asked.is_set() and not _stopping.is_set() and (limit is None or handled < limit):
        if not _running.acquire(blocking=False):
            break
        try:
            handled += _run(now_fn, None if limit is None else limit - handled, rng or SystemRandom())
        finally:
            _running.release()
    return handled


def stop() -> None:
    """The process is to end: nothing new is begun, what was claimed goes back, what is on its way is finished."""
    _stopping.set()


def _run(now_fn: Callable[[], datetime], limit: int | None, rng: Random) -> int:
    channels = open_channels()
    with contextlib.ExitStack() as at_the_end:
        for channel in channels.values():
            at_the_end.callback(channel.close)
        pool = at_the_end.enter_context(ThreadPoolExecutor(SLOTS, thread_name_prefix="send"))
        return Run(channels, pool, asked=_asked, stopping=_stopping, now_fn=now_fn, limit=limit, rng=rng).go()
