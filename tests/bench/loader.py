"""A bounded load from one process on loopback: so many requests by so many clients, times in seconds."""

import http.client
import statistics
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

Send = Callable[[http.client.HTTPConnection, int], int]


@dataclass
class Load:
    """What one run showed. `rate` is requests a second over the whole run, up to `done_at` where that is later."""

    times: list[float] = field(default_factory=list)
    statuses: dict[int, int] = field(default_factory=dict)
    seconds: float = 0.0

    @property
    def rate(self) -> float:
        return len(self.times) / self.seconds

    @property
    def p95(self) -> float:
        return statistics.quantiles(self.times, n=20)[18]


def run(base: str, send: Send, *, requests: int, clients: int, until: Callable[[], None] | None = None) -> Load:
    """Sends `requests` in all; `until` returns when their effect is complete, and counts into the time."""
    place = urlsplit(base)
    if place.hostname not in {"127.0.0.1", "::1", "localhost"}:
        raise ValueError("The loader sends to this machine only.")
    load, lock, numbers = Load(), threading.Lock(), iter(range(requests))

    def client() -> None:
        connection = http.client.HTTPConnection(str(place.hostname), place.port, timeout=30)
        while True:
            with lock:
                number = next(numbers, None)
            if number is None:
                break
            begun = time.perf_counter()
            status = send(connection, number)
            taken = time.perf_counter() - begun
            with lock:
                load.times.append(taken)
                load.statuses[status] = load.statuses.get(status, 0) + 1
        connection.close()

    threads = [threading.Thread(target=client) for _ in range(clients)]
    begun = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if until is not None:
        until()
    load.seconds = time.perf_counter() - begun
    return load


def pairs(
    floor: Callable[[], Load], ours: Callable[[], Load], *, count: int = 5
) -> tuple[list[Load], list[Load], float]:
    """A B A B …, at least `count` pairs; also the spread of the floor (slowest / quickest rate)."""
    floors, own = [], []
    for _ in range(count):
        floors.append(floor())
        own.append(ours())
    rates = [load.rate for load in floors]
    return floors, own, max(rates) / min(rates)
