"""The partner says whether it has reached the person. Only "yes" stops the contact clock."""

from datetime import datetime, timedelta
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from cases.actions import notify
from cases.actions.case_row import move, save_case
from cases.actions.log_attempt import partner_attempt_step
from cases.actions.once import in_transaction
from cases.actions.record import Actor, record_changes, record_events
from cases.actions.referral_row import (
    is_awaiting_consent,
    locked_referral,
    moved,
    organisation_shown,
    set_partner_clocks,
)
from cases.errors import MoveNotAllowed, NotAllowed
from cases.models import Case, Referral
from cases.workflow import (
    MAY_CONTACT,
    CaseState,
    ContactChannel,
    Reached,
    ReferralState,
    check_referral_move,
)
from intake.actions.publish_status import publish_status
from intake.errors import InvalidInput

CLOCKS_DIFFER_BY = timedelta(minutes=5)  # the partner's and ours


def record_contact(
    *, referral_id: UUID, at: datetime, channel: str, reached: str, by: Actor, now: datetime
) -> Referral:
    """As `record_contact_step`, in a transaction of its own."""
    return in_transaction(
        lambda: record_contact_step(referral_id=referral_id, at=at, channel=channel, reached=reached, by=by, now=now)
    )


def record_contact_step(
    *, referral_id: UUID, at: datetime, channel: str, reached: str, by: Actor, now: datetime
) -> Referral:
    """Keeps an attempt to reach the person, `at` its time; the first "yes" makes the referral `contacted`.

    Then the case is in progress and its contact clock stops. "no" and "unsafe" change no state: they count towards lost
    contact where they were safe, and after "unsafe" a person of ours is told. What was said before changes nothing.
    Timeline: referral_contacted, or partner_attempted (attempt, safe, channel, reached, attempted_at). Feed: the
    partner, when the state changed. Outbox: staff after "unsafe"; the reporter who opted in. Raises NotFound,
    NotAllowed (also while the person is being asked about this partner), MoveNotAllowed, InvalidInput (a time to come,
    or before the acceptance).
    """
    _check_words(channel, reached)
    case, referral = locked_referral(referral_id, by)
    if referral.state not in MAY_CONTACT:
        raise MoveNotAllowed(state=referral.state)
    if is_awaiting_consent(referral):
        raise NotAllowed(reasons=["no_consent"])
    _check_time(referral, at, now)
    attempt = partner_attempt_step(referral, at=at, channel=channel, reached=reached, by=by)
    if attempt is None:
        return referral
    said = {
        "attempt": attempt.pk,
        "safe": attempt.was_safe,
        "channel": channel,
        "reached": reached,
        "attempted_at": at,
    }
    if reached == Reached.YES and referral.state == ReferralState.ACCEPTED:
        _first_contact_step(case, referral, at, said, by, now)
        return referral
    record_events(case, [moved("partner_attempted", referral, **said)], by=by, now=now)
    save_case(case)
    if reached == Reached.UNSAFE:
        notify.write_outbox(notify.partner_moved(case, "unsafe", now))
    return referral


def begin_work(case: Case) -> None:
    """A partner works on it. A question to the reporter that stands open goes on being one."""
    if case.state == CaseState.ACCEPTED:
        move(case, CaseState.IN_PROGRESS)


def _first_contact_step(
    case: Case, referral: Referral, at: datetime, said: dict[str, object], by: Actor, now: datetime
) -> None:
    check_referral_move(referral.state, ReferralState.CONTACTED)
    referral.state, referral.contacted_at, referral.updated_at = ReferralState.CONTACTED, at, now
    referral.save(update_fields=["state", "contacted_at", "updated_at"])
    record_changes([referral], now=now)
    record_events(case, [moved("referral_contacted", referral, **said)], by=by, now=now)
    if referral.takes_over_from_id is None:
        before = case.state
        begin_work(case)
        set_partner_clocks(case)
        if case.state != before:
            publish_status(
                report_id=case.report_id, code=case.state, organisation_id=organisation_shown(referral), now=now
            )
            notify.write_outbox(notify.status_changed(case, now))
    save_case(case)


def _check_words(channel: str, reached: str) -> None:
    fields: dict[str, list[object]] = {}
    if channel not in ContactChannel:
        fields["channel"] = [_("Please choose one of these.")]
    if reached not in Reached:
        fields["reached"] = [_("Please choose one of these.")]
    if fields:
        raise InvalidInput(fields=fields)


def _check_time(referral: Referral, at: datetime, now: datetime) -> None:
    if at > now + CLOCKS_DIFFER_BY:
        raise InvalidInput(fields={"at": [_("This time is still to come.")]})
    begun = referral.answered_at or referral.offered_at
    if at < begun - CLOCKS_DIFFER_BY:
        raise InvalidInput(fields={"at": [_("This is before the case was accepted.")]})
