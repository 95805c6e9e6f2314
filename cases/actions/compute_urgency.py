"""From a report to its urgency with the reasons, by the rules in force. Reads reference data only from memory."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from cases.models import Case
from cases.queries.rules import rule_book
from cases.urgency import Assessment, Facts, assess
from intake.models import ProblemCategory, ProblemSubcode, Report
from intake.queries import reference_data
from intake.queries.same_person import earlier_reports

REPEAT_WITHIN = timedelta(days=30)  # domain.md §3, rule `repeat`


def compute_urgency(
    report: Report,
    answers: Mapping[str, Any],
    now: datetime,
    *,
    category: str = "",
    subcode: str | None = None,
    is_indexed: bool = True,
    case: Case | None = None,
) -> Assessment:
    """Assesses the report, with another category and subcode where a caseworker corrected them, and with what its
    case adds: clocks missed and dates set by law.

    One statement, for earlier reports of the same person; none when the caller knows that the report has no blind
    index (`is_indexed` False). Only their number is used: whose they are is neither read nor kept.
    """
    category = category or report.category_id
    subcode = report.subcode if subcode is None else subcode
    facts = Facts(
        category=category,
        subcode=subcode,
        category_level=_category_level(category),
        subcode_level=_subcode_level(category, subcode),
        answers=answers,
        age_band=report.age_band or None,
        today=_today_of(report, now),
        earlier_reports_30d=earlier_reports(report, within=REPEAT_WITHIN) if is_indexed else 0,
        clocks_missed=case.clocks_missed if case else 0,
        dates=[(one["kind"], date.fromisoformat(one["date"])) for one in case.dates] if case else (),
    )
    return assess(facts, rule_book().rules)


def reasons(assessment: Assessment) -> list[dict[str, Any]]:
    """The firings as they are stored with the case."""
    return [asdict(firing) for firing in assessment.firings]


def _category_level(code: str) -> int:
    """A category that was retired since the report came still has its level."""
    known = reference_data().categories.get(code) or ProblemCategory.objects.get(pk=code)
    return known.default_urgency


def _subcode_level(category: str, code: str) -> int | None:
    if not code:
        return None
    known = reference_data().subcodes.get((category, code))
    known = known or ProblemSubcode.objects.filter(category=category, code=code).first()
    return known.urgency if known else None


def _today_of(report: Report, now: datetime) -> date:
    """The date where the person is: "in three days" is counted there."""
    zone = reference_data().timezone_of(country=report.country_id, region=report.region_id)
    return now.astimezone(ZoneInfo(zone or "UTC")).date()
