"""Dates set by law: they raise the urgency as they come near, are told before they end, and are seen by partners."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from cases.actions.keep_dates import enter_date, remove_date
from cases.actions.take_up import take_up_report_events
from cases.actions.triage import confirm_triage
from cases.actions.watch_clocks import watch_clocks
from cases.disclosure import offer_view
from cases.errors import MoveNotAllowed, NotFound
from cases.models import Case, CaseDate, OutboxMessage, PartnerChange, TimelineEvent
from intake.errors import InvalidInput
from intake.models import PublicStatus
from tests.cases.arrange import acting, in_state, intake_act, opened, partner, referral, staff

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]


def entered(now: datetime, days: int, kind: str = "appeal", **changes: Any) -> Case:
    case = opened(now, **changes)
    enter_date(case_id=case.pk, kind=kind, on=now.date() + timedelta(days=days), by=acting(staff()), now=now)
    case.refresh_from_db()
    return case


def codes(case: Case) -> list[str]:
    return list(TimelineEvent.objects.filter(case=case).values_list("code", flat=True))


@pytest.mark.parametrize(("days", "level"), [(3, 1), (4, 2), (10, 2), (11, 3), (-1, 1)])
def test_entering_a_date_raises_the_urgency(days: int, level: int, now: datetime) -> None:
    case = entered(now, days, category="SCM")
    assert case.urgency == level
    assert case.urgency_reasons[-1]["code"] == "removal_soon"


@pytest.mark.parametrize("kind", ["hearing", "other"])
def test_a_hearing_is_kept_and_raises_nothing(kind: str, now: datetime) -> None:
    case = entered(now, 2, kind, category="SCM")
    assert (case.urgency, case.dates[0]["kind"]) == (4, kind)


def test_it_ends_with_the_day_where_the_person_is(now: datetime) -> None:
    for region, zone in (("RU-MOW", "Europe/Moscow"), ("RU-KAM", "Asia/Kamchatka")):
        case = entered(now, 20, region=region)
        row = CaseDate.objects.get(case=case)
        assert row.ends_at == datetime(2026, 12, 15, tzinfo=ZoneInfo(zone))


def test_as_the_days_pass_the_urgency_rises_by_itself(now: datetime) -> None:
    case = entered(now, 40, category="SCM")
    seen = []
    for days in (0, 9, 10, 29, 30, 36, 37):
        watch_clocks(now=datetime(2026, 11, 24, 21, tzinfo=UTC) + timedelta(days=days - 1))  # midnight in Moscow
        seen.append(Case.objects.get(pk=case.pk).urgency)
    assert seen == [4, 4, 3, 3, 2, 2, 1]


def test_staff_are_told_7_3_and_1_days_before_and_at_the_end_each_once(now: datetime) -> None:
    case = entered(now, 20, "hearing")
    end = datetime(2026, 12, 15, tzinfo=ZoneInfo("Europe/Moscow"))
    for days in (8, 7, 6.9, 3, 1, 1, 0, -1):
        watch_clocks(now=end - timedelta(days=days))
    told = OutboxMessage.objects.filter(kind="date_near").order_by("created_at")
    days_left = [message.params["days"] for message in told]
    assert list(dict.fromkeys(days_left)) == [7, 3, 1, 0]
    assert codes(case).count("date_near") == 3 and codes(case).count("date_passed") == 1


def test_after_a_standstill_one_reminder_is_sent_and_not_three(now: datetime) -> None:
    case = entered(now, 20, "hearing")
    watch_clocks(now=datetime(2026, 12, 14, 12, tzinfo=UTC))
    assert codes(case).count("date_near") == 1


def test_the_date_is_due_when_nothing_comes_before_it(now: datetime) -> None:
    case = entered(now, 2, "hearing", category="SCM")
    assert (case.due_kind, case.due_at) == ("date", CaseDate.objects.get().ends_at)


def test_a_removed_date_no_longer_counts_and_lowers_nothing(now: datetime) -> None:
    case = entered(now, 2, category="SCM")
    remove_date(case_id=case.pk, date_id=CaseDate.objects.get().pk, by=acting(staff()), now=now)
    case.refresh_from_db()
    assert (case.urgency, case.dates, case.due_kind) == (1, [], "triage")
    assert codes(case)[-1] == "date_removed"


def test_what_the_person_said_in_the_questions_is_a_date_of_the_case(now: datetime) -> None:
    answers = {"date_near": "yes", "date_kind": "appeal", "date_on": "2026-12-20"}
    case = opened(now, category="SCM", answers=answers)
    assert [(one["kind"], one["date"]) for one in case.dates] == [("appeal", "2026-12-20")]
    assert CaseDate.objects.get().entered_by is None
    watch_clocks(now=datetime(2026, 12, 18, tzinfo=UTC))
    assert Case.objects.get(pk=case.pk).urgency == 1


def test_the_partner_sees_it_before_accepting_and_hears_of_a_change(now: datetime) -> None:
    case = opened(now)
    row = referral(case, partner(), now)
    enter_date(case_id=case.pk, kind="permit", on=date(2027, 1, 10), by=acting(staff()), now=now)
    row.refresh_from_db()
    [deadline] = offer_view(row, now=now)["deadlines"]
    assert (deadline["kind"], deadline["date"]) == ("permit", "2027-01-10") and "id" not in deadline
    assert PartnerChange.objects.filter(kind="referral.deadlines_changed").count() == 1


def test_after_the_report_is_erased_no_date_is_left(now: datetime) -> None:
    case = entered(now, 20)
    intake_act(case, "erased", now)
    take_up_report_events(report_id=case.report_id, now=now)
    case.refresh_from_db()
    assert (case.dates, CaseDate.objects.count()) == ([], 0)


@pytest.mark.parametrize(
    ("kind", "days"), [("appeal", 20), ("birthday", 5), ("appeal", -31), ("appeal", 4000)]
)  # the first is on the case already
def test_an_impossible_date_is_refused_with_the_reason(kind: str, days: int, now: datetime) -> None:
    case = entered(now, 20)
    with pytest.raises(InvalidInput) as refused:
        enter_date(case_id=case.pk, kind=kind, on=now.date() + timedelta(days=days), by=acting(staff()), now=now)
    assert refused.value.fields and CaseDate.objects.count() == 1


def test_another_side_an_ended_case_and_a_date_of_another_case_are_refused(now: datetime) -> None:
    case, other = entered(now, 20), entered(now, 25)
    with pytest.raises(NotFound):
        enter_date(case_id=case.pk, kind="permit", on=date(2027, 1, 1), by=acting(staff(side="RU")), now=now)
    with pytest.raises(NotFound):
        remove_date(case_id=other.pk, date_id=CaseDate.objects.get(case=case).pk, by=acting(staff()), now=now)
    in_state(case, "closed")
    with pytest.raises(MoveNotAllowed):
        enter_date(case_id=case.pk, kind="permit", on=date(2027, 1, 1), by=acting(staff()), now=now)


def test_the_timeline_says_the_kind_and_never_the_day(now: datetime) -> None:
    case = entered(now, 20)
    details = TimelineEvent.objects.get(case=case, code="date_entered").details
    assert details["date_kind"] == "appeal" and "2026" not in str({k: v for k, v in details.items() if k != "date"})


def test_where_policy_sends_it_on_the_person_reads_so(now: datetime) -> None:
    case = entered(now, 2, category="WRK")
    assert (case.urgency, case.state) == (1, "routing")
    assert PublicStatus.objects.get(report_id=case.report_id).code == "routing"


def test_a_date_does_not_run_on_a_case_that_turned_out_to_be_none_of_ours(now: datetime) -> None:
    """Found by R11, life 133: it stood among the overdue ones for ever."""
    case = entered(now, days=20)
    case.refresh_from_db()
    assert case.due_at is not None
    confirm_triage(
        case_id=case.pk,
        category=case.category_id,
        subcode=case.subcode,
        urgency=case.urgency,
        next_step="out_of_scope",
        by=acting(staff()),
        now=now,
    )
    case.refresh_from_db()
    assert (case.state, case.due_at, case.due_kind, len(case.dates)) == ("out_of_scope", None, "", 1)
