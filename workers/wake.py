"""The one thread that turns the flag "outbox written" into a wake-up for the workers: no broker call in a request.

A lost wake-up costs a second: the sweep finds what is due anyway.
"""

import logging
import os
import threading
import time
from collections.abc import Callable
from typing import Any

from cases.signals import outbox_written

logger = logging.getLogger(__name__)

PAUSE = 0.02  # seconds between two wake-ups at least: what is written meanwhile shares one
PAUSE_AFTER_FAILURE = 1.0  # seconds; the sweep is no slower


class Waker:
    def __init__(self, publish: Callable[[], None]) -> None:
        self._publish = publish
        self._wanted = threading.Event()
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None
        self.failures = 0

    def want(self, **_: Any) -> None:
        """Sets a flag and nothing else, but for the first time in a process: then it starts the thread."""
        self._wanted.set()
        if self._thread is None:
            with self._starting:
                if self._thread is None:
                    self._thread = threading.Thread(target=self._run, name="wake", daemon=True)
                    self._thread.start()

    def _run(self) -> None:
        while True:
            self._wanted.wait()
            self._wanted.clear()
            time.sleep(PAUSE if self._try() else PAUSE_AFTER_FAILURE)

    def _try(self) -> bool:
        try:
            self._publish()
        except Exception as error:  # noqa: BLE001 (whatever the broker's client raises: it is dropped)
            self.failures += 1
            logger.warning("wake-up number %s was dropped: %s", self.failures, type(error).__name__)
            return False
        return True


class Publisher:
    """Keeps one connection to the broker; throws it away when it failed."""

    def __init__(self) -> None:
        self._connection: Any = None

    def __call__(self) -> None:
        from workers.celery import PUBLISH_TIMEOUT, app  # here: most commands of manage.py never wake anybody

        if self._connection is None:
            self._connection = app.connection_for_write(
                connect_timeout=PUBLISH_TIMEOUT, transport_options={"socket_timeout": PUBLISH_TIMEOUT}
            )
        try:
            app.send_task("korpu.send_outbox", connection=self._connection, retry=False, expires=1)
        except BaseException:
            broken, self._connection = self._connection, None
            broken.release()
            raise


_waker = Waker(Publisher())


def connect() -> None:
    outbox_written.connect(_wake, dispatch_uid="workers.wake")


def _wake(**_: Any) -> None:
    _waker.want()


def _start_afresh() -> None:
    """A forked process has no thread, and locks in whatever state they were."""
    global _waker
    _waker = Waker(Publisher())


os.register_at_fork(after_in_child=_start_afresh)
