"""Dates that the law or an authority has set on a case: entered, removed, looked at as they come near."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from cases.actions import notify
from cases.actions.authorise import authorise
from cases.actions.case_row import choose_due, locked_case, running_clocks
from cases.actions.date_rows import enter_date_step, is_known, is_possible, next_moment, zone_of
from cases.actions.record import Actor, Event, record_changes, record_events
from cases.actions.urgency_raised import reassess_step
from cases.deadlines import end_of_day
from cases.errors import MoveNotAllowed, NotFound
from cases.models import Case, CaseDate, OutboxMessage, Referral, User
from cases.queries.reach import knows_person
from cases.queries.rules import rule_book
from cases.workflow import ENDED_CASES, LOAD, DateKind
from intake.actions.publish_status import publish_status
from intake.errors import InvalidInput


@transaction.atomic(durable=True)
def enter_date(*, case_id: UUID, kind: str, on: date, by: Actor, now: datetime) -> CaseDate:
    """A caseworker enters a date; it may lie up to 30 days back, because a date just missed is the worst case.

    The urgency is computed again and can only rise. Timeline: date_entered, urgency_raised, routing_requested,
    alert_sent. Publishes the public status, where policy sends the case on. Feed: partners
    that were asked or have the case. Raises InvalidInput, NotFound, NotAllowed, MoveNotAllowed (the case has ended).
    """
    case, user = _locked(case_id, by)
    zone = zone_of(case)
    _check(case, kind, on, now.astimezone(zone).date())
    row = enter_date_step(case, kind, on, now, user)
    event = Event("date_entered", {"date_kind": kind, "date": row.pk})
    _changed(case, [event], by, now)
    return row


@transaction.atomic(durable=True)
def remove_date(*, case_id: UUID, date_id: UUID, by: Actor, now: datetime) -> None:
    """The date no longer counts; the urgency it led to stays, for machines never lower. Timeline: date_removed. Feed:
    partners. Raises NotFound, NotAllowed, MoveNotAllowed."""
    case, user = _locked(case_id, by)
    row = CaseDate.objects.filter(pk=date_id, case=case, withdrawn_at__isnull=True).first()
    if row is None:
        raise NotFound()
    row.withdrawn_at, row.withdrawn_by, row.next_at = now, user, None
    row.save(update_fields=["withdrawn_at", "withdrawn_by", "next_at"])
    _refresh(case)
    _changed(case, [Event("date_removed", {"date_kind": row.kind, "date": row.pk})], by, now)


def look_at_date_step(case: Case, row: CaseDate, now: datetime) -> tuple[list[Event], list[OutboxMessage], int | None]:
    """A moment of this date has come: at most one reminder, however many a standing clock slept through, and the
    urgency anew. The third value are the days left of which staff are to be told. Saves the date, not the case."""
    zone, before = zone_of(case), row.next_at or now
    days = [step for step in rule_book().steps("date_days") if before <= _days_before(row, step, zone) <= now]
    is_over = row.ends_at <= now
    row.next_at = next_moment(row, zone, now)
    if days or is_over:
        row.told_at = now
    row.save(update_fields=["next_at", "told_at"])
    events, rows = reassess_step(case=case, now=now)
    left = max(0, -(-(row.ends_at - now) // timedelta(days=1)))
    if days or is_over:
        code = "date_passed" if is_over else "date_near"
        events = [Event(code, {"date_kind": row.kind, "date": row.pk, "days": left}), *events]
    if is_over:
        case.dates = [{**one, "passed": True} if one["id"] == str(row.pk) else one for one in case.dates]
    choose_due(case, running_clocks(case))
    return events, rows, left if days or is_over else None


def _locked(case_id: UUID, by: Actor) -> tuple[Case, User]:
    case = locked_case(case_id)
    user = authorise(by, "keep_dates", side=case.side)
    if knows_person(user.pk, case.pk):
        raise NotFound()
    if case.state in ENDED_CASES:
        raise MoveNotAllowed(state=str(case.state))
    return case, user


def _check(case: Case, kind: str, on: date, today: date) -> None:
    fields, most = {}, rule_book().limit("dates_on_case")
    if kind not in DateKind.values:
        fields["kind"] = [_("Please choose one of these.")]
    if not is_possible(on, today):
        fields["date"] = [_("This date is too far back or too far ahead.")]
    elif is_known(case, kind, on):
        fields["date"] = [_("This date is on the case already.")]
    elif most is not None and len(case.dates) >= most:
        fields["date"] = [_("There are too many dates on this case. Remove one first.")]
    if fields:
        raise InvalidInput(fields=fields)


def _refresh(case: Case) -> None:
    in_force = set(map(str, CaseDate.objects.filter(case=case, withdrawn_at__isnull=True).values_list("pk", flat=True)))
    case.dates = [one for one in case.dates if one["id"] in in_force]


def _days_before(row: CaseDate, days: int, zone: ZoneInfo) -> datetime:
    return end_of_day(row.date - timedelta(days=days), zone)


def _changed(case: Case, events: Sequence[Event], by: Actor, now: datetime) -> None:
    """Partners see the dates before they accept, so they hear that something changed."""
    before = case.state
    raised, rows = reassess_step(case=case, now=now)
    choose_due(case, running_clocks(case))
    record_events(case, [*events, *raised], by=by, now=now)
    case.save()
    if case.state != before:  # urgent enough now for policy to look for a partner
        publish_status(report_id=case.report_id, code=case.state, expected_by=case.due_at, now=now)
    referrals = list(Referral.objects.filter(case=case, state__in=LOAD))
    Referral.objects.filter(pk__in=[row.pk for row in referrals]).update(updated_at=now)
    for referral in referrals:
        referral.case = case
    record_changes(referrals, "referral.deadlines_changed", now=now)
    notify.write_outbox(rows)
