"""Keeps floods and guessing away without a third party and without puzzles. Knows networks, never people."""

import hashlib
import logging
from collections.abc import Callable, Mapping
from datetime import datetime
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.utils.translation import gettext_lazy as _

from intake.errors import InvalidInput, Throttled

logger = logging.getLogger(__name__)

# A whole dormitory or a mobile operator can stand behind one network: these stop machines, not crowds.
DRAFTS_PER_HOUR = 600
REPORTS_PER_HOUR = 120
GUESSES = 10
GUESS_SECONDS = 600
HOUR_SECONDS = 3600
IPV4_PREFIX, IPV6_PREFIX = 24, 48
HONEYPOT_FIELD = "comment_more"  # no browser fills in a name like this by itself
UNKNOWN_NETWORK = "unknown"


def client_network(meta: Mapping[str, Any], proxy_count: int) -> str:
    """The network (/24 or /48) of `client_address`."""
    address = client_address(meta, proxy_count)
    if address is None:
        return UNKNOWN_NETWORK
    return str(ip_network(f"{address}/{IPV4_PREFIX if address.version == 4 else IPV6_PREFIX}", strict=False))


def client_address(meta: Mapping[str, Any], proxy_count: int) -> IPv4Address | IPv6Address | None:
    """The caller's address. With proxies: the one that the outermost of ours has seen. None: it says nothing."""
    seen = [part.strip() for part in str(meta.get("HTTP_X_FORWARDED_FOR", "")).split(",") if part.strip()]
    if proxy_count and len(seen) >= proxy_count:
        return _address(seen[-proxy_count])
    return _address(str(meta.get("REMOTE_ADDR", "")))


def admit_draft(network: str, now: datetime) -> None:
    """Counts a new draft. Raises Throttled."""
    _admit("draft", network, now, limit=DRAFTS_PER_HOUR, seconds=HOUR_SECONDS)


def admit_report(network: str, now: datetime) -> None:
    """Counts a report that is about to be sent. Raises Throttled."""
    _admit("report", network, now, limit=REPORTS_PER_HOUR, seconds=HOUR_SECONDS)


def admit_guess(network: str, now: datetime) -> None:
    """Call before a receipt code is evaluated: counts it as a failure. Raises Throttled after ten in ten minutes.

    Counted first and given back by `guess_was_right`, so that many tries at once do not slip through together.
    """
    _admit("guess", network, now, limit=GUESSES, seconds=GUESS_SECONDS)


def guess_was_right(network: str, now: datetime) -> None:
    """Gives the try back: who has the code may come as often as they like."""
    key = _counter("guess", network, now, GUESS_SECONDS)
    _ask_cache(lambda: cache.decr(key))


def wrong_codes_now(now: datetime) -> int | None:
    """Counts one more wrong code, of whatever network, and says how many there were in these ten minutes. Stops nobody.

    None: the counters are down.
    """
    return _ask_cache(_count(_counter("wrong", "every network", now, GUESS_SECONDS), GUESS_SECONDS))


def check_honeypot(posted: Mapping[str, Any]) -> None:
    """A field that no person sees. Raises InvalidInput, so that a person whose browser filled it in can go on."""
    if posted.get(HONEYPOT_FIELD):
        raise InvalidInput(fields={HONEYPOT_FIELD: [_("Please leave this field empty.")]})


def _admit(kind: str, network: str, now: datetime, *, limit: int, seconds: int) -> None:
    counted = _ask_cache(_count(_counter(kind, network, now, seconds), seconds))
    if counted is not None and counted > limit:
        raise Throttled(retry_after=seconds - int(now.timestamp()) % seconds)


def _count(key: str, seconds: int) -> Callable[[], int]:
    def count() -> int:
        cache.add(key, 0, timeout=seconds)
        return int(cache.incr(key))

    return count


def _ask_cache(act: Callable[[], int]) -> int | None:
    """None when the cache cannot say: a report must never fail because a counter is down."""
    try:
        return act()
    except ValueError:  # the counter ran out between two calls
        return None
    except Exception as error:  # noqa: BLE001 - each cache backend has errors of its own
        logger.warning("Throttle counters are down (%s): everybody is let in.", type(error).__name__)
        return None


def _counter(kind: str, network: str, now: datetime, seconds: int) -> str:
    """One counter per network and window; the cache learns no address."""
    window = int(now.timestamp()) // seconds
    hidden = hashlib.blake2b(network.encode(), key=settings.KORPU_KEYS.lookup, digest_size=12, person=b"network")
    return f"screening:{kind}:{window}:{hidden.hexdigest()}"


def _address(typed: str) -> IPv4Address | IPv6Address | None:
    address = typed.strip()
    if address.startswith("["):
        address = address[1:].partition("]")[0]
    elif address.count(":") == 1:
        address = address.partition(":")[0]
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return None
    return (parsed.ipv4_mapped or parsed) if isinstance(parsed, IPv6Address) else parsed
