"""Which receivers answer quickly, as this process last saw it. Slow and unknown ones must not hold up the others."""

from workers.claim import Destination

QUICK = 1.0  # seconds for one send
SLOW_AT_ONCE = 4  # sends on their way to all that are not quick
_AT_ONCE = {True: 8, False: 1}  # sends on their way to one
_HELD = {True: 64, False: 2}  # messages to one that a process claims ahead

_last: dict[Destination, float] = {}


def note(destination: Destination, seconds: float) -> None:
    _last[destination] = seconds


def is_quick(destination: Destination) -> bool:
    return _last.get(destination, QUICK) < QUICK


def at_once(destination: Destination) -> int:
    return _AT_ONCE[is_quick(destination)]


def held(destination: Destination) -> int:
    return _HELD[is_quick(destination)]


def forget() -> None:
    _last.clear()
