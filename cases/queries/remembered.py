"""Reference data kept in the process for a minute, so that a report costs no statement for it. For data that is small,
shared by every case, and changed by operators only."""

import threading
import time
from collections.abc import Callable
from typing import Any, Generic, TypeVar

LIFETIME = 60.0  # seconds until a change made in another process is seen

T = TypeVar("T")
_all: list["Remembered[Any]"] = []


class Remembered(Generic[T]):
    """Calls `read` at most once a minute. What is empty is not kept: a site before its first load, a test."""

    def __init__(self, read: Callable[[], T]) -> None:
        self._read = read
        self._lock = threading.Lock()
        self._kept: tuple[float, T] | None = None
        _all.append(self)

    def __call__(self) -> T:
        kept = self._kept
        if kept is not None and time.monotonic() - kept[0] < LIFETIME:
            return kept[1]
        with self._lock:
            if self._kept is None or self._kept is kept:
                value = self._read()
                self._kept = (time.monotonic(), value) if value else None
                return value
            return self._kept[1]

    def forget(self) -> None:
        with self._lock:
            self._kept = None


def forget_reference() -> None:
    """After reference data was changed in this process, and between tests."""
    for remembered in _all:
        remembered.forget()
