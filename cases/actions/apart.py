"""The steps of a sweep: each in a transaction of its own, and none stops the others."""

import logging
from collections.abc import Callable
from functools import partial, wraps
from typing import Concatenate, ParamSpec, TypeVar

from django.db.models import Model

from cases.actions.once import in_transaction

logger = logging.getLogger(__name__)

P = ParamSpec("P")
Key = TypeVar("Key")
Step = Callable[Concatenate[Key, P], int]


def apart(what: str) -> Callable[[Step[Key, P]], Step[Key, P]]:
    """The step runs in a transaction, again after a conflict; where it fails all the same it counts 0.

    `what` is the line of the log with one gap, for the row (its number) or the id that the step is given first. The
    line ends with the kind of error only: its text could hold what a person wrote.
    """

    def decorate(step: Step[Key, P]) -> Step[Key, P]:
        @wraps(step)
        def run(key: Key, /, *given: P.args, **named: P.kwargs) -> int:
            try:
                return in_transaction(partial(step, key, *given, **named))
            except Exception as error:  # noqa: BLE001 whatever is wrong with this one, the others must have their turn
                which = key.pk if isinstance(key, Model) else key
                logger.error(f"{what}: %s", which, type(error).__name__)
                return 0

        return run

    return decorate
