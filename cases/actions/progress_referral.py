"""The partner says how it goes on: what it does (for caseworkers), and what happens next (for the reporter)."""

from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.utils.translation import gettext_lazy as _

from cases.actions import notify
from cases.actions.add_note import checked_note
from cases.actions.case_row import save_case
from cases.actions.once import in_transaction
from cases.actions.record import Actor, record_changes, record_events
from cases.actions.record_contact import begin_work
from cases.actions.referral_row import keep_words, locked_referral, moved, organisation_shown, set_partner_clocks
from cases.errors import MoveNotAllowed
from cases.models import Referral, ReferralUpdate
from cases.workflow import MAY_PROGRESS, CaseState, ReferralState, check_referral_move
from intake.actions.messages import checked_words
from intake.actions.publish_status import publish_status
from intake.errors import InvalidInput

NEXT_STEP_LENGTH = 500  # characters: one or two sentences that a person in distress can read
FURTHEST = timedelta(days=366)


def progress_referral(
    *, referral_id: UUID, note: str = "", next_step: str = "", expected_by: date | None = None, by: Actor, now: datetime
) -> Referral:
    """As `progress_referral_step`, in a transaction of its own."""
    return in_transaction(
        lambda: progress_referral_step(
            referral_id=referral_id, note=note, next_step=next_step, expected_by=expected_by, by=by, now=now
        )
    )


def progress_referral_step(
    *, referral_id: UUID, note: str = "", next_step: str = "", expected_by: date | None = None, by: Actor, now: datetime
) -> Referral:
    """The person is being helped: the referral is `in_service` (and stays so when it is said again), the case goes on.

    `next_step` stands on the reporter's page as the partner's own words, until `expected_by` (a moment, or a day that
    counts to its end where the partner is); `note` is for caseworkers. Both are sealed under the report's key. While
    the person must not know of this partner (vital interest, not told yet), nothing of it reaches the page. Timeline:
    referral_progressed. Feed: the partner, when the state changed. Outbox: the reporter who opted in. Raises NotFound,
    NotAllowed, MoveNotAllowed (no contact yet, or ended), InvalidInput, ReportErased.
    """
    said = checked_note(note, "note") if note.strip() else ""
    ahead = checked_words(next_step, limit=NEXT_STEP_LENGTH, name="next_step") if next_step.strip() else ""
    if not (said or ahead):
        raise InvalidInput(fields={"next_step": [_("Please write something.")]})
    case, referral = locked_referral(referral_id, by)
    if referral.state not in MAY_PROGRESS:
        raise MoveNotAllowed(state=referral.state)
    until = _until(referral, expected_by, now)
    update = keep_words(
        referral, ReferralUpdate.Kind.PROGRESS, note=said, next_step=ahead, expected_by=until, by=by, now=now
    )
    if referral.state != ReferralState.IN_SERVICE:
        check_referral_move(referral.state, ReferralState.IN_SERVICE)
        referral.state, referral.updated_at = ReferralState.IN_SERVICE, now
        referral.save(update_fields=["state", "updated_at"])
        record_changes([referral], now=now)
    record_events(case, [moved("referral_progressed", referral, update=update.pk)], by=by, now=now)
    if referral.takes_over_from_id is None:
        begin_work(case)
        set_partner_clocks(case)
        _publish(referral, ahead, until, now)
    save_case(case)
    return referral


def _publish(referral: Referral, ahead: str, until: datetime | None, now: datetime) -> None:
    """An open question to the person stays what their page says first."""
    case = referral.case
    if not ahead or case.state != CaseState.IN_PROGRESS:
        return
    organisation = organisation_shown(referral)
    publish_status(
        report_id=case.report_id,
        code=case.state,
        expected_by=until if organisation else None,
        organisation_id=organisation,
        next_step=ahead if organisation else "",
        now=now,
    )
    if organisation:
        notify.write_outbox(notify.status_changed(case, now))


def _until(referral: Referral, expected_by: date | None, now: datetime) -> datetime | None:
    if expected_by is None:
        return None
    until = expected_by
    if not isinstance(until, datetime):
        until = datetime.combine(until, time(23, 59), tzinfo=ZoneInfo(referral.partner.timezone))
    if not now < until <= now + FURTHEST:
        raise InvalidInput(fields={"expected_by": [_("Please give a time in the next 12 months.")]})
    return until
