"""A visit to the reporter's page. Leaving ends it on the server, not in the cookie alone."""

import logging
import secrets

from django.core.cache import cache

from intake.encryption import keyed_hash

logger = logging.getLogger(__name__)


def new_visit() -> str:
    return secrets.token_urlsafe(9)


def end_visit(visit: str, *, seconds: int) -> None:
    """A cookie of this visit that somebody has copied opens nothing any more. `seconds`: as long as it would have."""
    try:
        cache.set(_key(visit), 1, timeout=seconds)
    except Exception as error:  # noqa: BLE001 - each cache backend has errors of its own; leaving must never fail
        logger.warning("A visit could not be ended (%s).", type(error).__name__)


def has_ended(visit: str) -> bool:
    """Not when the cache cannot say: nobody is kept from their page because a cache is down."""
    try:
        return cache.get(_key(visit)) is not None
    except Exception as error:  # noqa: BLE001 - as above
        logger.warning("Ended visits cannot be asked for (%s).", type(error).__name__)
        return False


def _key(visit: str) -> str:
    return f"visit:{keyed_hash(visit, purpose='visit').hex()[:32]}"
