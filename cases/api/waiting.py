"""Long polls: who may hold a thread of the site until something happens (partner-api.md, `/changes/`)."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from random import randint
from threading import BoundedSemaphore

from django.conf import settings
from django.core.cache import cache

logger = logging.getLogger(__name__)

LONGEST = 30  # seconds
LOOK_EVERY = 1.0  # seconds between two looks at the database
COME_BACK = (5, 10)  # seconds after which somebody without a place tries again: not all in the same one
_places = BoundedSemaphore(settings.API_WAITERS)  # of this process: one for each four of its threads


@contextmanager
def place_to_wait(client_id: int, seconds: int) -> Iterator[bool]:
    """Whether this client may wait: where a place is free, and each client once. Reports need the other threads."""
    if not _places.acquire(blocking=False):
        yield False
        return
    try:
        name = f"api:waiting:{client_id}"
        is_first = _take(name, seconds)
        try:
            yield is_first
        finally:
            if is_first:
                _give_back(name)
    finally:
        _places.release()


def come_back_after() -> int:
    return randint(*COME_BACK)  # noqa: S311 - spreads the load, guards nothing


def _take(name: str, seconds: int) -> bool:
    """A cache that is down forbids nothing: there are few places in any case."""
    try:
        return bool(cache.add(name, 1, timeout=seconds + COME_BACK[0]))
    except Exception as error:  # noqa: BLE001 - each cache backend has errors of its own; none may stop a partner
        logger.warning("The cache is down (%s): a client may wait twice.", type(error).__name__)
        return True


def _give_back(name: str) -> None:
    try:
        cache.delete(name)
    except Exception as error:  # noqa: BLE001 - see above; it runs out by itself
        logger.warning("The cache is down (%s).", type(error).__name__)
