"""The scheduler: Celery's own, which survives a computer whose clock is set back and a broker that is away."""

import logging
import time
from typing import Any

from celery.beat import PersistentScheduler, ScheduleEntry

logger = logging.getLogger(__name__)

JUMP = 2.0  # seconds by which the clock may drift between two looks before we call it a jump
QUIET = 60.0  # seconds between two lines about a broker that is away


class Clock(PersistentScheduler):
    _offset: float | None = None
    _told_at: float | None = None

    def tick(self, *args: Any, **kwargs: Any) -> Any:
        """Celery counts from the wall-clock time of the last run: set back by an hour, it would rest for that hour."""
        offset = time.time() - time.monotonic()
        if self._offset is None or abs(offset - self._offset) > JUMP:
            self._offset = offset
            self._forget_the_future()
        return super().tick(*args, **kwargs)

    def apply_entry(self, entry: ScheduleEntry, producer: Any = None) -> None:
        """Celery's own writes two stacks for each of five jobs a second. The next tick comes by itself."""
        try:
            self.apply_async(entry, producer=producer, advance=False)
        except Exception as error:  # noqa: BLE001 (whatever the broker's client raises)
            if self._told_at is None or time.monotonic() - self._told_at > QUIET:
                self._told_at = time.monotonic()
                logger.warning("%s was not sent: %s", entry.task, type(error.__cause__ or error).__name__)

    def _forget_the_future(self) -> None:
        now = self.app.now()
        for entry in self.schedule.values():
            if entry.last_run_at > now:
                entry.last_run_at = now
        self._heap = None  # made anew from the entries by the next tick
