"""The scheduler: Celery's own, which survives a computer whose clock is set back."""

import time
from typing import Any

from celery.beat import PersistentScheduler

JUMP = 2.0  # seconds by which the clock may drift between two looks before we call it a jump


class Clock(PersistentScheduler):
    """Celery counts from the wall-clock time of the last run: set back by an hour, it would rest for that hour."""

    _offset: float | None = None

    def tick(self, *args: Any, **kwargs: Any) -> Any:
        offset = time.time() - time.monotonic()
        if self._offset is None or abs(offset - self._offset) > JUMP:
            self._offset = offset
            self._forget_the_future()
        return super().tick(*args, **kwargs)

    def _forget_the_future(self) -> None:
        now = self.app.now()
        for entry in self.schedule.values():
            if entry.last_run_at > now:
                entry.last_run_at = now
        self._heap = None  # made anew from the entries by the next tick
