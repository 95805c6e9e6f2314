"""Whether a partner is offered anything at present: a pause with a reason, and its end."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from cases.actions.answer_referral import LONGEST_PAUSE_DAYS
from cases.actions.once import in_transaction
from cases.actions.partner_row import keep_edit, locked_partner
from cases.actions.record import Actor
from cases.actions.wake_unrouted import CHANGED, wake_unrouted_step
from cases.errors import StaleObject
from cases.models import PartnerOrganisation
from cases.models.partner import PartnerPause
from cases.queries.calendars import partner_calendar
from intake.errors import InvalidInput


def pause_partner(
    *, partner_id: UUID, until: date, because: str, seen_until: date | None, by: Actor, now: datetime
) -> PartnerOrganisation:
    """No new offers up to and with this day of the partner's own zone, at most 180 days ahead.

    `seen_until`: the pause that the person had before them; the partner may have set another one meanwhile. A shorter
    pause than before has unrouted cases tried again. Raises as `edit_partner` does.
    """

    def pause(partner: PartnerOrganisation) -> bool:
        _check_pause(partner, until, because, now)
        was, partner.paused_until = partner.paused_until, until
        partner.paused_because = because
        return was is not None and until < was

    return in_transaction(lambda: _pause_step(partner_id, "paused", pause, seen_until, by, now))


def resume_partner(*, partner_id: UUID, seen_until: date | None, by: Actor, now: datetime) -> PartnerOrganisation:
    """The pause ends now, and unrouted cases are tried at once. Raises as `pause_partner` does."""

    def resume(partner: PartnerOrganisation) -> bool:
        partner.paused_until, partner.paused_because = None, ""
        return True

    return in_transaction(lambda: _pause_step(partner_id, "resumed", resume, seen_until, by, now))


def _pause_step(
    partner_id: UUID,
    act: str,
    change: Callable[[PartnerOrganisation], bool],
    seen_until: date | None,
    by: Actor,
    now: datetime,
) -> PartnerOrganisation:
    partner, user = locked_partner(partner_id, by)
    if partner.paused_until != seen_until:
        raise StaleObject()
    if change(partner):
        wake_unrouted_step([partner.pk], now=now, limit=CHANGED)
    keep_edit(partner, user, act, ["paused_until"], now)
    return partner


def _check_pause(partner: PartnerOrganisation, until: date, because: str, now: datetime) -> None:
    faults: dict[str, list[Any]] = {}
    today = now.astimezone(partner_calendar(partner).zone).date()
    if not today <= until <= today + timedelta(days=LONGEST_PAUSE_DAYS):
        said = str(_("Please give a date in the next %(days)s days.")) % {"days": LONGEST_PAUSE_DAYS}
        faults["until"] = [said]
    if because not in PartnerPause.values:
        faults["because"] = [_("Please choose one of these.")]
    if faults:
        raise InvalidInput(fields=faults)
