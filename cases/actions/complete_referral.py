"""The partner has finished; and, 30 days later, its access ends."""

from datetime import datetime
from functools import partial
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from cases.actions import notify
from cases.actions.add_note import checked_note
from cases.actions.case_row import lock_case, move, save_case, set_due
from cases.actions.once import in_transaction
from cases.actions.record import SYSTEM, Actor, record_changes, record_erasure_requests, record_events
from cases.actions.referral_row import keep_words, locked_referral, moved, organisation_shown
from cases.actions.wake_unrouted import wake_unrouted_step
from cases.actions.withdraw_referrals import withdraw_referrals_step, withdrawn_events
from cases.models import Case, Referral, ReferralUpdate
from cases.queries.attempts import attempts_of
from cases.queries.referrals import EARLIEST, access_ends, may_end_access
from cases.workflow import (
    PARTNER_OUTCOMES,
    CaseState,
    Outcome,
    ReferralState,
    WithdrawalReason,
    check_referral_move,
    public_code,
)
from intake.actions.change_consent import close_consent_requests
from intake.actions.partner_erasure import ask_partner_erasure_step
from intake.actions.publish_status import publish_status
from intake.errors import InvalidInput
from intake.models import PartnerErasure
from intake.queries import current_contact


def complete_referral(*, referral_id: UUID, outcome: str, summary: str, by: Actor, now: datetime) -> Referral:
    """As `complete_referral_step`, in a transaction of its own."""
    return in_transaction(
        lambda: complete_referral_step(referral_id=referral_id, outcome=outcome, summary=summary, by=by, now=now)
    )


def complete_referral_step(*, referral_id: UUID, outcome: str, summary: str = "", by: Actor, now: datetime) -> Referral:
    """The partner has done what it could: the case is `resolved`, and the responsible caseworker closes it.

    The partner reads the case for 30 days more. A transfer that was under way is withdrawn. The summary is sealed under
    the report's key. Timeline: referral_completed. Feed: the partner. Outbox: staff, the reporter who opted in. The
    place that became free is offered to unrouted cases. Contact is lost after the same safe attempts in vain that our
    own people need. Raises NotFound, NotAllowed, MoveNotAllowed, InvalidInput, ReportErased.
    """
    if outcome not in PARTNER_OUTCOMES:
        raise InvalidInput(fields={"outcome": [_("Please choose one of these.")]})
    text = checked_note(summary, "summary") if summary.strip() else ""
    case, referral = locked_referral(referral_id, by)
    check_referral_move(referral.state, ReferralState.COMPLETED)
    if outcome == Outcome.LOST_CONTACT:
        _check_lost(case, now)
    referral.state, referral.outcome = ReferralState.COMPLETED, outcome
    referral.ended_at = referral.updated_at = now
    referral.save(update_fields=["state", "outcome", "ended_at", "updated_at"])
    if text:
        keep_words(referral, ReferralUpdate.Kind.COMPLETED, note=text, by=by, now=now)
    record_changes([referral], now=now)
    others = withdraw_referrals_step(case, WithdrawalReason.CASE_CLOSED, now=now)
    close_consent_requests(report_id=case.report_id, body_id=None, now=now)
    events = [moved("referral_completed", referral, outcome=outcome), *withdrawn_events(others)]
    record_events(case, events, by=by, now=now)
    move(case, CaseState.RESOLVED)
    case.outcome = outcome
    set_due(case)
    case.save()
    code = public_code(case.state, outcome)
    publish_status(report_id=case.report_id, code=code, organisation_id=organisation_shown(referral), now=now)
    tell = [*notify.partner_moved(case, "completed", now), *notify.status_changed(case, now)]
    notify.write_outbox([*tell, *notify.referrals_withdrawn(others, now)])
    wake_unrouted_step([referral.partner_id], now=now)
    return referral


def _check_lost(case: Case, now: datetime) -> None:
    """Raises InvalidInput, which says neither how many attempts are missing nor which of them were safe."""
    if attempts_of(case, current_contact(case.report_id), now).missing:
        message = _(
            "Contact is not lost yet: that takes safe attempts on several days. Log each, or hand the case back."
        )
        raise InvalidInput(fields={"outcome": [message]})


def end_access(*, now: datetime, limit: int = 500) -> int:
    """The tombstones of cases that partners completed 30 days ago; returns how many. For the timetable.

    Disclosure counts the 30 days itself, at every reading: this only tells the partner to erase what it kept. Each is
    told once, and none that was told before for another reason. A case that is being worked on waits for the next
    night. `limit`: read at once. Timeline: access_ended. Feed: referral.erasure_requested, a tombstone. Outbox: the
    partner.
    """
    told, after = 0, EARLIEST
    while due := access_ends(now, limit, after=after):
        told += sum(in_transaction(partial(_end_access_step, pk, case_id, now)) for _ended, pk, case_id in due)
        after = due[-1][:2]
    return told


def _end_access_step(referral_id: UUID, case_id: UUID, now: datetime) -> int:
    case = lock_case(case_id, skip_locked=True)
    if case is None or not may_end_access(referral_id, now):
        return 0
    Referral.objects.filter(pk=referral_id).update(access_ended_at=now)
    if PartnerErasure.objects.filter(referral_ref=referral_id).exists():  # the person took something back meanwhile
        return 0
    referral = Referral.objects.select_related("partner").defer("partner__phone").get(pk=referral_id)
    referral.case = case
    ask_partner_erasure_step(report_id=case.report_id, bodies={referral.pk: referral.partner.body_id}, now=now)
    record_erasure_requests([referral], now=now)
    record_events(case, [moved("access_ended", referral)], by=SYSTEM, now=now)
    save_case(case)
    notify.write_outbox(notify.erasure_requested([referral], now))
    return 1
