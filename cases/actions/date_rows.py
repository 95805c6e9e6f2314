"""The rows of dates set by law, and their copy on the case for lists. Steps: the caller holds the case's lock."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from cases.deadlines import date_moments, end_of_day
from cases.models import Case, CaseDate, User
from cases.queries.rules import rule_book
from cases.urgency import PAST_DAYS
from cases.workflow import DateKind
from intake.queries import reference_data


def dates_from_answers_step(case: Case, answers: Mapping[str, Any], now: datetime) -> None:
    """The date that the person gave in the questions, so that its coming nearer is noticed. Of a case that is new."""
    kind, on = answers.get("date_kind"), _day(answers.get("date_on"))
    if answers.get("date_near", "yes") != "yes" or kind not in DateKind.values or on is None:
        return
    if is_possible(on, now.astimezone(zone_of(case)).date()) and not is_known(case, str(kind), on):
        enter_date_step(case, str(kind), on, now, None)


def enter_date_step(case: Case, kind: str, on: date, now: datetime, user: User | None) -> CaseDate:
    """`user` is None where the person said it. Saves no case."""
    zone = zone_of(case)
    row = CaseDate(case=case, kind=kind, date=on, ends_at=end_of_day(on, zone), entered_at=now, entered_by=user)
    row.next_at = next_moment(row, zone, now)
    row.save(force_insert=True)
    line = {"id": str(row.pk), "kind": kind, "date": on.isoformat(), "ends_at": row.ends_at.isoformat()}
    case.dates = sorted([*case.dates, line | ({"passed": True} if row.ends_at <= now else {})], key=_by_day)
    return row


def next_moment(row: CaseDate, zone: ZoneInfo, now: datetime) -> datetime | None:
    """When it is looked at again: at a reminder, where a rule may name another level, at its end; None after that."""
    book = rule_book()
    grades = [grade for rule in book.rules if rule.code == "removal_soon" for grade in rule.levels or ()]
    raised = [days for grade in grades if isinstance(days := grade.get("within_days"), int)]
    moments = date_moments(row.date, zone, reminded=book.steps("date_days"), raised=raised)
    return next((moment for moment in moments if moment > now), None)


def forget_dates_step(case: Case, *, is_erased: bool, now: datetime) -> None:
    """The report was taken back; with an erasure nothing is kept. Saves no case."""
    rows = CaseDate.objects.filter(case=case)
    if case.dates:
        if is_erased:
            rows.delete()
        else:
            rows.filter(withdrawn_at__isnull=True).update(withdrawn_at=now, next_at=None)
    case.dates = []


def zone_of(case: Case) -> ZoneInfo:
    """A date ends where the person is."""
    return ZoneInfo(reference_data().timezone_of(country=case.country_id, region=case.region_id) or "UTC")


def is_possible(on: date, today: date) -> bool:
    """At most as many days ahead as the limit says: what lies further is a slip of the pen."""
    days, most = (on - today).days, rule_book().limit("date_ahead_days")
    return days >= -PAST_DAYS and (most is None or days <= most)


def is_known(case: Case, kind: str, on: date) -> bool:
    return any((one["kind"], one["date"]) == (kind, on.isoformat()) for one in case.dates)


def _day(value: Any) -> date | None:
    try:
        return date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None


def _by_day(one: Mapping[str, str]) -> tuple[str, str]:
    return one["date"], one["kind"]
