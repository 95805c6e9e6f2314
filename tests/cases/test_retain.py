"""Retention: what is past its time is erased at night, by rules that are data; a legal hold suspends it."""

from datetime import datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command

from cases.actions import retain
from cases.actions.legal_hold import lift_legal_hold, set_legal_hold
from cases.actions.retain import count_due, erase_due
from cases.actions.take_up import take_up_report_events
from cases.errors import MoveNotAllowed, NotAllowed, NotFound, ReasonRequired
from cases.models import Case, Merge, TimelineEvent
from intake.actions.erase_report import erase_report
from intake.errors import InvalidInput, ReportErased
from intake.models import AccessRecord, LegalHold, Message, Report, ReportKey, RetentionRule
from seeds.reference import load_reference
from tests.cases.arrange import acting, opened, staff

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]
DAY = timedelta(days=1)


def ended(now: datetime, *, days: int, state: str = "closed", **changes: Any) -> Case:
    case, at = opened(now), now - days * DAY
    closed_at = at if state == "closed" else None
    outcome = "advice_given" if closed_at else ""
    Case.objects.filter(pk=case.pk).update(state=state, outcome=outcome, closed_at=closed_at, updated_at=at, **changes)
    case.refresh_from_db()
    return case


def is_erased(case: Case) -> bool:
    return Report.objects.filter(pk=case.report_id, erased_because="retention").exists()


@pytest.mark.parametrize(
    ("state", "days", "goes"),
    [
        ("closed", 1096, True),
        ("closed", 1094, False),
        ("withdrawn", 1096, True),
        ("duplicate", 1096, True),
        ("out_of_scope", 366, True),
        ("out_of_scope", 364, False),
        ("resolved", 4000, False),
        ("in_progress", 4000, False),
        ("triage", 4000, False),
        ("unrouted", 4000, False),
        ("waiting_for_reporter", 4000, False),
    ],
)
def test_each_rule_at_its_day(state: str, days: int, goes: bool, now: datetime) -> None:
    case = ended(now, days=days, state=state)
    assert count_due(now=now).reports == goes
    assert erase_due(now=now).reports == goes
    assert is_erased(case) is goes and ReportKey.objects.exists() is not goes


def test_an_answered_out_of_scope_report_is_kept_like_a_closed_one(now: datetime) -> None:
    case = ended(now, days=400, state="out_of_scope")
    Message.objects.create(report_id=case.report_id, voice="caseworker", sent_at=now)
    assert erase_due(now=now).reports == 0
    assert erase_due(now=now + 700 * DAY).reports == 1


def test_something_that_happened_since_begins_the_time_anew(now: datetime) -> None:
    case = ended(now, days=1200)
    Case.objects.filter(pk=case.pk).update(updated_at=now - DAY)
    assert erase_due(now=now).reports == 0


@pytest.mark.parametrize(
    ("state", "days", "goes"), [("in_progress", 1200, False), ("closed", 30, False), ("closed", 1200, True)]
)
def test_a_joined_report_stays_as_long_as_the_case_it_was_joined_to(
    state: str, days: int, goes: bool, now: datetime
) -> None:
    joined, other = ended(now, days=1200, state="duplicate"), ended(now, days=days, state=state)
    merge = Merge.objects.create(case=joined, into=other, merged_by=staff(), merged_at=now - 1200 * DAY)
    erase_due(now=now)
    assert is_erased(joined) is goes
    Merge.objects.filter(pk=merge.pk).update(ended_at=now)
    erase_due(now=now)
    assert is_erased(joined)


def test_the_case_says_that_retention_did_it_and_stays_countable(now: datetime) -> None:
    case = ended(now, days=1200)
    erase_due(now=now)
    take_up_report_events(report_id=case.report_id, now=now)
    case.refresh_from_db()
    assert case.state == "closed" and TimelineEvent.objects.get(case=case, code="report_erased").actor == "system"


def test_what_the_operator_set_is_the_rule_and_loading_again_leaves_it(now: datetime) -> None:
    ended(now, days=1200)
    RetentionRule.objects.filter(code="closed").update(days=2000)
    load_reference()
    assert erase_due(now=now).reports == 0
    for off in ({"is_active": False, "days": 1}, {"is_active": True, "days": None}):
        RetentionRule.objects.filter(code="closed").update(**off)
        assert erase_due(now=now).reports == 0
    RetentionRule.objects.filter(code="closed").update(days=1000)
    assert erase_due(now=now).reports == 1


def test_a_limit_is_kept_and_the_next_run_goes_on(now: datetime) -> None:
    for _ in range(3):
        ended(now, days=1200)
    assert [erase_due(now=now, limit=2).reports for _ in range(3)] == [2, 1, 0]


def test_access_records_go_after_five_years(now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retain, "AT_ONCE", 2)
    case = opened(now)
    for days in (1826, 1900, 1999, 1824):
        AccessRecord.objects.create(
            report_id=case.report_id, voice="caseworker", purpose="story_read", at=now - days * DAY
        )
    assert count_due(now=now).access_records == 3
    assert erase_due(now=now).access_records == 3 and AccessRecord.objects.count() == 1


def test_the_command_counts_without_erasing(now: datetime) -> None:
    ended(now, days=1200)
    out = StringIO()
    call_command("retention", "--dry-run", stdout=out)
    assert "Reports to erase: 1" in out.getvalue() and ReportKey.objects.exists()
    call_command("retention", stdout=out)
    assert "Reports erased: 1" in out.getvalue() and not ReportKey.objects.exists()


# --- legal hold -------------------------------------------------------------------------------------------------------


def hold(case: Case, now: datetime, *, days: int = 30, **values: Any) -> LegalHold:
    by = values.pop("by", None) or acting(staff("supervisor", side=case.side))
    until = (now + days * DAY).date()
    return set_legal_hold(case_id=case.pk, reason=values.pop("reason", "Canary-court"), until=until, by=by, now=now)


def test_a_hold_suspends_until_its_last_day_and_no_longer(now: datetime) -> None:
    case = ended(now, days=1200)
    hold(case, now, days=30)
    Case.objects.filter(pk=case.pk).update(updated_at=now - 1200 * DAY)
    assert erase_due(now=now).reports == 0
    assert erase_due(now=now + 30 * DAY).reports == 0, "its last day counts"
    assert erase_due(now=now + 32 * DAY).reports == 1


def test_a_hold_that_is_lifted_suspends_no_more(now: datetime) -> None:
    case = ended(now, days=1200)
    hold(case, now)
    lift_legal_hold(case_id=case.pk, by=acting(staff("supervisor", side=case.side)), now=now)
    Case.objects.filter(pk=case.pk).update(updated_at=now - 1200 * DAY)
    assert erase_due(now=now).reports == 1
    codes = TimelineEvent.objects.filter(case=case, code__startswith="legal").order_by("sequence")
    assert list(codes.values_list("code", flat=True)) == ["legal_hold_set", "legal_hold_lifted"]


def test_a_hold_keeps_access_records_too(now: datetime) -> None:
    case = opened(now)
    AccessRecord.objects.create(report_id=case.report_id, voice="caseworker", purpose="story_read", at=now - 2000 * DAY)
    hold(case, now)
    assert erase_due(now=now).access_records == 0


def test_the_reason_is_sealed_and_a_later_hold_takes_the_place_of_the_first(now: datetime) -> None:
    case = opened(now)
    first, second = hold(case, now, days=30), hold(case, now, days=10)
    assert first.unseal(ReportKey.of(case.report_id), "reason") == "Canary-court"
    assert LegalHold.objects.get(lifted_at__isnull=True) == second
    assert "anary" not in str(list(TimelineEvent.objects.values_list("details", flat=True)))


@pytest.mark.parametrize("days", [-1, 3 * 365 + 1, 40_000])
def test_the_end_lies_in_the_next_three_years(days: int, now: datetime) -> None:
    with pytest.raises(InvalidInput):
        hold(opened(now), now, days=days)


@pytest.mark.parametrize("reason", ["", "   ", "\n"])
def test_a_hold_needs_a_reason(reason: str, now: datetime) -> None:
    with pytest.raises(ReasonRequired):
        hold(opened(now), now, reason=reason)
    assert not LegalHold.objects.exists()


def test_only_a_supervisor_of_the_side_may(now: datetime) -> None:
    case = opened(now)
    for role, side, error in (
        ("caseworker", case.side, NotAllowed),
        ("auditor", case.side, NotAllowed),
        ("administrator", case.side, NotAllowed),
        ("supervisor", "RU" if case.side == "AZ" else "AZ", NotFound),
    ):
        by = acting(staff(role, side=side))
        with pytest.raises(error):
            hold(case, now, by=by)
        with pytest.raises(error):
            lift_legal_hold(case_id=case.pk, by=by, now=now)
    assert not LegalHold.objects.exists()


def test_there_is_nothing_to_lift_or_to_hold(now: datetime) -> None:
    case = opened(now)
    by = acting(staff("supervisor", side=case.side))
    with pytest.raises(MoveNotAllowed):
        lift_legal_hold(case_id=case.pk, by=by, now=now)
    erase_report(report_id=case.report_id, because="reporter", now=now)
    with pytest.raises(ReportErased):
        hold(case, now, by=by)
