"""Ends the work on a case: resolved, and closed with an outcome. Where policy asks, closing waits for a supervisor."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from cases.actions import notify
from cases.actions.add_note import add_note_step, checked_note
from cases.actions.case_row import move
from cases.actions.follow_ups import end_follow_ups_step
from cases.actions.reached_case import reached_case
from cases.actions.record import Actor, Event, record_events
from cases.actions.withdraw_referrals import withdraw_referrals_step, withdrawn_events
from cases.models import Case, ClosingProposal, Note, User
from cases.queries.attempts import attempts_of
from cases.queries.life_rules import life_rules
from cases.workflow import (
    CLOSING_OUTCOMES,
    RESOLVING_OUTCOMES,
    CaseState,
    Outcome,
    WithdrawalReason,
    check_case_move,
    public_code,
)
from intake.actions.change_consent import close_consent_requests
from intake.actions.publish_status import publish_status
from intake.errors import InvalidInput
from intake.queries import current_contact


@transaction.atomic(durable=True)
def resolve_case(*, case_id: UUID, outcome: str, words: str = "", by: Actor, now: datetime) -> Case:
    """The work is finished; the person reads how, and can say that it is not. Closing comes later.

    Referrals still open are withdrawn (case_closed) and every clock ends. From `triage` this confirms what was found.
    Timeline: note_added, referral_withdrawn, case_resolved. Feed and outbox: partners; the reporter, who opted in.
    Raises NotFound, NotAllowed, MoveNotAllowed, InvalidInput (outcome, words), ReportErased.
    """
    case, user = reached_case(case_id, by, "close_case")
    check_case_move(case.state, CaseState.RESOLVED)
    _check_outcome(case, outcome, RESOLVING_OUTCOMES, now)
    note = note_of(case, user, words, now)
    if case.state == CaseState.TRIAGE and case.triaged_at is None:
        case.triaged_at = now
    _end_step(case, CaseState.RESOLVED, outcome, [*_noted(note), Event("case_resolved", {"outcome": outcome})], by, now)
    return case


@transaction.atomic(durable=True)
def close_case(*, case_id: UUID, outcome: str, words: str = "", by: Actor, now: datetime) -> ClosingProposal | None:
    """Closes it. Where policy asks for a supervisor it is only proposed, and the proposal is what comes back.

    Closing ends follow-ups and clocks, withdraws open referrals (case_closed) and starts the time of retention.
    Timeline: note_added, then referral_withdrawn and case_closed, or closing_proposed. Outbox: partners and the
    reporter, or the supervisors of the side. Raises NotFound, NotAllowed, MoveNotAllowed, InvalidInput (outcome, words;
    also: a proposal is waiting already), ReportErased.
    """
    case, user = reached_case(case_id, by, "close_case")
    check_may_close(case, outcome, now)
    if ClosingProposal.objects.waiting().filter(case=case).exists():  # the case's lock keeps a twin out
        raise InvalidInput(fields={"outcome": [_("Closing is proposed already and waits for a supervisor.")]})
    note = note_of(case, user, words, now)
    if not life_rules().needs_supervisor(case.category_id, outcome):
        close_step(case, outcome, _noted(note), by, now)
        return None
    proposal = ClosingProposal.objects.create(case=case, outcome=outcome, note=note, proposed_by=user, proposed_at=now)
    proposed = Event("closing_proposed", {"proposal": proposal.pk, "outcome": outcome})
    record_events(case, [*_noted(note), proposed], by=by, now=now)
    case.save()
    notify.write_outbox(notify.closing_proposed(case, user.pk, now))
    return proposal


def check_may_close(case: Case, outcome: str, now: datetime) -> None:
    """Raises MoveNotAllowed, InvalidInput (outcome). Asked again when a supervisor approves."""
    check_case_move(case.state, CaseState.CLOSED)
    _check_outcome(case, outcome, CLOSING_OUTCOMES[case.state], now)


def close_step(case: Case, outcome: str, events: list[Event], by: Actor, now: datetime, **details: str) -> None:
    """Closes a case whose lock is held and for which `check_may_close` has passed. Saves it."""
    case.closed_at = now
    end_follow_ups_step(case, now)
    _end_step(
        case, CaseState.CLOSED, outcome, [*events, Event("case_closed", {"outcome": outcome, **details})], by, now
    )


def note_of(case: Case, user: User, words: str, now: datetime) -> Note | None:
    """The words as an internal note; they may be left out. Raises InvalidInput on `words`, ReportErased."""
    if not words.strip():
        return None
    return add_note_step(case=case, text=checked_note(words, "words"), author=user, now=now)


def _noted(note: Note | None) -> list[Event]:
    return [Event("note_added", {"note": note.pk})] if note else []


def _check_outcome(case: Case, outcome: str, fitting: Collection[str], now: datetime) -> None:
    if outcome not in Outcome:
        raise InvalidInput(fields={"outcome": [_("Please choose one of these.")]})
    if outcome not in fitting:
        raise InvalidInput(fields={"outcome": [_("This outcome does not fit the state of the case.")]})
    if outcome != Outcome.LOST_CONTACT:
        return
    tried = attempts_of(case, current_contact(case.report_id), now)
    if tried.missing:
        message = format_lazy(
            _("Contact is not lost yet. Safe attempts still missing: {n} (so far {done} of {wanted}, on {days} days)."),
            n=tried.missing,
            done=tried.counted,
            wanted=tried.wanted,
            days=tried.days,
        )
        raise InvalidInput(fields={"outcome": [message]})


def _end_step(case: Case, state: str, outcome: str, events: list[Event], by: Actor, now: datetime) -> None:
    withdrawn = withdraw_referrals_step(case, WithdrawalReason.CASE_CLOSED, now=now)
    close_consent_requests(report_id=case.report_id, body_id=None, now=now)
    before = case.state
    move(case, state)
    case.outcome, case.routing_wanted_at, case.routing_attempts, case.wrote_again_at = outcome, None, 0, None
    case.due_at, case.due_kind = None, ""  # no clock runs on a case that ended, triage's included
    record_events(case, [*withdrawn_events(withdrawn), *events], by=by, now=now)
    case.save()
    rows = notify.referrals_withdrawn(withdrawn, now)
    if before not in _SPEAK_FOR_THEMSELVES:
        publish_status(report_id=case.report_id, code=public_code(case.state, case.outcome), now=now)
        rows += notify.status_changed(case, now)
    notify.write_outbox(rows)


# What these read on their page stays: that they took it back, or how the case stands to which theirs was joined.
_SPEAK_FOR_THEMSELVES = frozenset({CaseState.WITHDRAWN, CaseState.DUPLICATE})
