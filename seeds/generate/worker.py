"""A further process of a run. Imports nothing of Django before it is set up there."""

import pickle
from collections.abc import Callable

_make: Callable[[int, int], int] | None = None


def start(payload: bytes) -> None:
    """`payload`: the pickled Maker of this very run, from the process that started this one."""
    import django

    django.setup()
    global _make
    _make = pickle.loads(payload)  # noqa: S301


def work(first: int, count: int) -> int:
    if _make is None:
        raise RuntimeError("this process was not started")
    return _make(first, count)
