"""How far a life may be moved in time, and what else it could have been about, without any of its rows being untrue."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from cases.actions.compute_urgency import compute_urgency, reasons
from cases.models import Case, Referral
from cases.queries.life_rules import life_rules
from cases.queries.rules import rule_book
from cases.workflow import ReferralState
from intake.actions.submit_report import ReportEntry
from intake.models import PartnerErasure, Region, Report
from intake.queries import reference_data

from .acts import ENDLESS
from .calls import MOMENT
from .mould import Clock
from .stage import Stage

_REACH = timedelta(days=30)  # a completed case stays readable so long: then the partner is told to erase


def clocks_of(cases: Iterable[Case], referrals: Sequence[tuple[Referral, str, int]]) -> list[Clock]:
    """`referrals`: each with the side and the place of its partner in the family."""
    hours = rule_book().clocks
    found = [
        Clock(case.received_at, hours[case.computed_urgency].triage, case.computed_urgency, case.side, -1)
        for case in cases
    ]
    for row, side, member in referrals:
        found.append(Clock(row.offered_at, hours[row.urgency].answer, row.urgency, side, member))
        if row.answered_at:
            found.append(Clock(row.answered_at, hours[row.urgency].contact, row.urgency, side, member))
    return found


def slack_of(stage: Stage, referrals: Iterable[Referral], erasures: Iterable[PartnerErasure]) -> float:
    """Days by which everything may lie further back without any clock of it coming to its moment."""
    told = {row.referral_ref for row in erasures}
    coming = [call.at for call in stage.calls() if call.at > stage.until]
    coming += [
        row.ended_at + _REACH
        for row in referrals
        if row.state == ReferralState.COMPLETED and row.pk not in told and row.ended_at
    ]
    allowed = min(((moment - stage.until - 3 * MOMENT) / timedelta(days=1) for moment in coming), default=ENDLESS)
    return max(0.0, allowed)


def kinds_of(case: Case, entry: ReportEntry, at: datetime) -> list[tuple[str, str]]:
    """Problems for which the same rules fire at the same level, and policy asks for the same: by the real evaluator."""
    report = Report(
        pk=case.report_id,
        category_id=entry.category,
        subcode=entry.subcode,
        age_band=entry.age_band,
        country_id=entry.country,
        region_id=entry.region,
    )

    def told(category: str, subcode: str) -> Any:
        found = compute_urgency(report, entry.answers, at, category=category, subcode=subcode, is_indexed=False)
        policies = [rule_book().policy(category, level) for level in (found.level, case.urgency)]
        needs = life_rules().needs_supervisor(category, case.outcome) if case.outcome else None
        return found.level, found.default_level, reasons(found), policies, needs

    wanted = told(case.category_id, case.subcode)
    if wanted[2] != case.urgency_reasons:  # raised by what came later
        return [(case.category_id, case.subcode)]
    return [kind for kind in sorted(reference_data().subcodes) if told(*kind) == wanted]


def regions_of(case: Case) -> list[str]:
    """Of the same time zone, so that days and safe hours are the same."""
    zone = Region.objects.get(pk=case.region_id).timezone
    rows = Region.objects.filter(country=case.country_id, timezone=zone).order_by("code")
    return list(rows.values_list("code", flat=True))
