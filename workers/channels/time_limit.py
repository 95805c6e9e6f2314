"""Cuts a connection whose exchange takes too long as a whole.

A socket's time-out counts from one byte to the next: a receiver that sends a byte every nine seconds would keep us for
ever. One thread per process looks at all of them.
"""

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

TICK = 0.25  # seconds


@dataclass(eq=False, slots=True)
class Limit:
    until: float  # monotonic
    find_socket: Callable[[], socket.socket | None]
    is_over: bool = False


_running: set[Limit] = set()
_changed = threading.Condition()
_watcher: threading.Thread | None = None


@contextlib.contextmanager
def time_limit(seconds: float, find_socket: Callable[[], socket.socket | None]) -> Iterator[Limit]:
    """Shuts the socket down when the block is not left within `seconds`: whoever reads from it gets an error."""
    limit = Limit(time.monotonic() + seconds, find_socket)
    with _changed:
        _watch()
        _running.add(limit)
        _changed.notify()
    try:
        yield limit
    finally:
        with _changed:
            _running.discard(limit)


def _watch() -> None:
    """Starts the thread at its first use, also again in a process that was forked from one that had it."""
    global _watcher
    if _watcher is None or not _watcher.is_alive():
        _watcher = threading.Thread(target=_cut_late_ones, name="time-limit", daemon=True)
        _watcher.start()


def _cut_late_ones() -> None:
    while True:
        with _changed:
            while not _running:
                _changed.wait()
            now = time.monotonic()
            for limit in _running:
                if limit.until <= now:
                    limit.is_over = True
                    _cut(limit.find_socket())
        time.sleep(TICK)


def _cut(found: socket.socket | None) -> None:
    if found is not None:
        with contextlib.suppress(OSError):
            # Not found.shutdown: a TLS socket would forget its TLS first, under the hands of the thread that reads.
            socket.socket.shutdown(found, socket.SHUT_RDWR)
