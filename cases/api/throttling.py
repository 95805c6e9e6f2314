"""How many requests a client or a network may make: one counter per window. A cache that is down lets all through."""

import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.cache import cache
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from cases.api.authentication import ApiClient
from intake.screening import client_network

logger = logging.getLogger(__name__)

CACHE_PAUSE = 5.0  # seconds during which a cache that failed is not asked again


@dataclass(frozen=True, slots=True)
class Limit:
    """`quota` requests in a window of `seconds`."""

    name: str
    quota: int
    seconds: int = 60


# Per client: ten a second for as long as it likes. Per network: enough for every tool behind one office's address.
CLIENT = Limit("client", settings.API_REQUESTS_PER_MINUTE)
ANYONE = Limit("anyone", 300)
TOKENS = Limit("tokens", 60)


class Overrun(Exception):
    """`retry_after` in seconds."""

    def __init__(self, retry_after: int) -> None:
        self.retry_after = retry_after
        super().__init__()


@dataclass(frozen=True, slots=True)
class Standing:
    """What is left of a limit in this window, and in how many seconds the next one begins."""

    limit: Limit
    left: int
    resets_in: int

    def headers(self) -> dict[str, str]:
        """draft-ietf-httpapi-ratelimit-headers."""
        return {
            "RateLimit-Policy": f'"{self.limit.name}";q={self.limit.quota};w={self.limit.seconds}',
            "RateLimit": f'"{self.limit.name}";r={max(self.left, 0)};t={self.resets_in}',
        }


class Throttle(BaseThrottle):
    """Counts by client where there is one, else by network. Leaves `standing` on the view for the headers."""

    standing: Standing | None = None

    def allow_request(self, request: Request, view: Any) -> bool:
        client = request.auth
        if isinstance(client, ApiClient):
            self.standing = count(CLIENT, str(client.id))
        else:
            self.standing = count(ANYONE, client_network(request.META, settings.PROXY_COUNT))
        view.standing = self.standing
        return self.standing is None or self.standing.left >= 0

    def wait(self) -> float | None:
        return float(self.standing.resets_in) if self.standing else None


def count_network(limit: Limit, meta: Mapping[str, Any]) -> None:
    """Counts a request of a network without a client. Raises Overrun."""
    standing = count(limit, client_network(meta, settings.PROXY_COUNT))
    if standing is not None and standing.left < 0:
        raise Overrun(standing.resets_in)


_silent_until = 0.0


def count(limit: Limit, who: str) -> Standing | None:
    """Counts one request and says what is left; None when the cache cannot say."""
    global _silent_until
    now = time.time()
    window, passed = divmod(int(now), limit.seconds)
    if now < _silent_until:
        return None
    try:
        used = _increase(f"api:{limit.name}:{window}:{who}", limit.seconds)
    except Exception as error:  # noqa: BLE001 - each cache backend has errors of its own; none may stop a report
        logger.warning("Throttle counters are down (%s): everybody is let in.", type(error).__name__)
        _silent_until = now + CACHE_PAUSE
        return None
    return Standing(limit, left=limit.quota - used, resets_in=limit.seconds - passed)


def _increase(key: str, seconds: int) -> int:
    """One cache call, but for the first of a window."""
    try:
        return int(cache.incr(key))
    except ValueError:  # not there yet
        if cache.add(key, 1, timeout=seconds):
            return 1
        return int(cache.incr(key))
