"""Weights, prices and reserve: an administrator enters a new version, which holds from then on."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from cases.actions.authorise import authorise
from cases.actions.record import Actor
from cases.actions.wake_unrouted import wake_for_settings
from cases.errors import StaleObject
from cases.models import RoutingSetting
from cases.queries.routing_settings import newest_version
from cases.routing.situation import terms_in_force
from cases.routing.terms import Terms, faults_of, terms_of
from intake.errors import InvalidInput


def set_routing(
    *, definition: Mapping[str, Any], based_on: int, reason: str, by: Actor, now: datetime
) -> RoutingSetting:
    """Adds a version and edits none. Prices for it are made within a quarter of an hour; until then there are none.

    Unrouted cases are tried again as soon as every worker has read it. Writes to no timeline, feed or outbox. Raises
    NotAllowed; InvalidInput at the field that makes no sense; StaleObject when somebody entered another version after
    `based_on`.
    """
    try:
        with transaction.atomic(durable=True):
            made = _set_routing_step(definition, based_on, reason, by, now)
    except IntegrityError:  # two at once: the number of a version is its key
        raise StaleObject() from None
    terms_in_force.forget()
    return made


def tried_terms(definition: Mapping[str, Any]) -> Terms:
    """As if these were in force, to show what they would do. Raises InvalidInput."""
    if faults := faults_of(definition):
        raise InvalidInput(fields={fault.at: [_(fault.what)] for fault in faults})
    return terms_of(definition)


def _set_routing_step(
    definition: Mapping[str, Any], based_on: int, reason: str, by: Actor, now: datetime
) -> RoutingSetting:
    user = authorise(by, "edit_routing")
    tried_terms(definition)
    newest = newest_version()
    if newest != based_on:
        raise StaleObject()
    made = RoutingSetting.objects.create(
        version=newest + 1, definition=definition, created_at=now, created_by=user, reason=reason
    )
    wake_for_settings(now=now)
    return made
