"""One run of a job at a time in one process: the next one finds it running and returns at once."""

import functools
import threading
from collections.abc import Callable


def alone(job: Callable[[], object]) -> Callable[[], None]:
    """For sweeps that come each second. Two processes may still overlap: what a sweep does is claimed row by row."""
    running = threading.Lock()

    @functools.wraps(job)
    def run() -> None:
        if not running.acquire(blocking=False):
            return
        try:
            job()
        finally:
            running.release()

    return run
