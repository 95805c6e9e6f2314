"""What caseworkers do in the demo, each by its real action. Supervisors' acts: supervisor_acts.py."""

from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from cases.actions.add_note import add_note
from cases.actions.answer_referral import decline_referral
from cases.actions.assign import take_case
from cases.actions.end_case import close_case, resolve_case
from cases.actions.follow_ups import add_follow_up, finish_follow_up
from cases.actions.keep_dates import enter_date
from cases.actions.log_attempt import log_attempt
from cases.actions.new_round import new_round
from cases.actions.offer import offer_case
from cases.actions.open_file import open_file
from cases.actions.pause_clocks import go_on, wait_for_reporter
from cases.actions.record import Actor
from cases.actions.reopen import reopen_case
from cases.actions.review import review_case
from cases.actions.transfer_referral import transfer_referral
from cases.actions.triage import confirm_triage
from cases.actions.write_to_reporter import read_messages, write_to_reporter
from cases.errors import NotFound
from cases.models import FollowUp, RoutingDecision, User
from cases.queries.calendars import side_calendar
from cases.workflow import CaseState
from intake.queries import current_contact

from .stage import Stage, partner_named

_OVER = frozenset({CaseState.WITHDRAWN, CaseState.CLOSED, CaseState.DUPLICATE})


def triage(stage: Stage, at: datetime, *, next_step: str = "") -> None:
    """Takes the case, reads it and confirms what it is about. Without `next_step` as the person allows."""
    case = stage.case
    if case.triaged_at or case.state in _OVER:
        return
    by = stage.worker
    if case.responsible_id is None:
        take_case(case_id=case.pk, user_id=stage.worker_id, by=by, now=at)
    case = stage.case
    open_file(case=case, by=by, now=at)
    confirm_triage(
        case_id=case.pk,
        category=case.category_id,
        subcode=case.subcode,
        urgency=case.urgency,
        next_step=next_step or ("in_progress" if case.share == "none" else "route"),
        by=by,
        now=at,
    )


def take(stage: Stage, at: datetime) -> None:
    take_case(case_id=stage.case_id, user_id=stage.worker_id, by=Actor("staff", stage.worker_id), now=at)


def offer(stage: Stage, at: datetime) -> None:
    """The first proposal is taken. Raises NotFound where there is none; does nothing where a partner was asked."""
    case = stage.case
    if case.state == CaseState.OFFERED:
        return
    decisions = RoutingDecision.objects.filter(case=case, round=case.round).order_by("-at")
    decision = next((row for row in decisions[:1] if row.chosen), None)
    if decision is None:
        raise NotFound()
    partner = UUID(str(decision.chosen[0]))
    offer_case(case_id=case.pk, partner_ids=[partner], decision_id=decision.pk, by=stage.worker, now=at)


def ask_another_round(stage: Stage, at: datetime, *, reason: str) -> None:
    new_round(case_id=stage.case_id, reason=reason, by=stage.worker, now=at)


def pass_to_another(stage: Stage, at: datetime, *, partner: str, reason: str) -> None:
    """The case is offered to another partner while the first goes on with it."""
    referral, other = stage.in_hand(), partner_named(partner)
    transfer_referral(referral_id=referral.pk, partner_id=other.pk, reason=reason, by=stage.worker, now=at)


def hear_refusal(stage: Stage, at: datetime, *, reason: str, note: str = "") -> None:
    """The partner refuses on the telephone, and the caseworker enters it."""
    referral = stage.offer()
    decline_referral(
        referral_id=referral.pk, partner_id=referral.partner_id, reason=reason, note=note, by=stage.worker, now=at
    )


def write(stage: Stage, at: datetime, *, text: str) -> None:
    read_messages(case_id=stage.case_id, until=at, by=stage.worker, now=at)
    write_to_reporter(case_id=stage.case_id, text=text, by=stage.worker, now=at)


def note(stage: Stage, at: datetime, *, text: str) -> None:
    add_note(case_id=stage.case_id, text=text, by=stage.worker, now=at)


def attempt(stage: Stage, at: datetime, *, result: str) -> None:
    """By the channel that the person chose. Whether it was safe, the action finds out."""
    contact = current_contact(stage.report_id)
    if contact is None:
        raise NotFound()
    log_attempt(case_id=stage.case_id, channel=contact.method, result=result, by=stage.worker, now=at)


def wait(stage: Stage, at: datetime, *, reason: str, days: int) -> None:
    until = at.astimezone(side_calendar(stage.case.side).zone).date() + timedelta(days=days)
    wait_for_reporter(case_id=stage.case_id, reason=reason, look_again_on=until, by=stage.worker, now=at)


def stop_waiting(stage: Stage, at: datetime) -> None:
    go_on(case_id=stage.case_id, by=stage.worker, now=at)


def review(stage: Stage, at: datetime) -> None:
    review_case(case_id=stage.case_id, by=stage.worker, now=at)


def date(stage: Stage, at: datetime, *, kind: str, days: int) -> None:
    on = at.date() + timedelta(days=days)
    enter_date(case_id=stage.case_id, kind=kind, on=on, by=stage.worker, now=at)


def follow_up(stage: Stage, at: datetime, *, text: str, hours: float) -> None:
    person = User.objects.get(pk=str(stage.worker.ref))
    local = (at + timedelta(hours=hours)).astimezone(ZoneInfo(person.timezone)).replace(tzinfo=None)
    full_hour = local.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    add_follow_up(case_id=stage.case_id, text=text, local=full_hour, by=stage.worker, now=at)


def followed_up(stage: Stage, at: datetime) -> None:
    row = FollowUp.objects.open().filter(case=stage.case_id).order_by("due_at").first()
    if row is None:
        raise NotFound()
    finish_follow_up(follow_up_id=row.pk, is_done=True, by=stage.worker, now=at)


def resolve(stage: Stage, at: datetime, *, outcome: str, words: str = "") -> None:
    resolve_case(case_id=stage.case_id, outcome=outcome, words=words, by=stage.worker, now=at)


def close(stage: Stage, at: datetime, *, outcome: str = "", words: str = "") -> None:
    """Without an outcome by the one with which the work ended. Where policy asks it is only proposed."""
    case = stage.case
    close_case(case_id=case.pk, outcome=outcome or case.outcome, words=words, by=stage.worker, now=at)


def reopen(stage: Stage, at: datetime, *, reason: str) -> None:
    reopen_case(case_id=stage.case_id, reason=reason, by=stage.worker, now=at)
