"""The demo is made through the same actions as real cases and keeps every rule that they keep."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.models import Count, F, Q

from cases.actions.check_agreement import Terms
from cases.actions.suggest_links import compare_waiting
from cases.models import (
    Agreement,
    ApprovalRequest,
    Case,
    CaseDate,
    OutboxMessage,
    PartnerOrganisation,
    Referral,
    TimelineEvent,
    User,
    append_only,
)
from cases.models.user import Role
from cases.workflow import ASSIGNED, LOAD
from intake.actions.clean_file import clean_waiting
from intake.models import Message, Report, ReportKey
from intake.queries.files import files_of
from intake.queries.mailboxes import mailbox, report_by_code
from intake.vocabulary import FileState, Voice
from seeds.demo import DemoRefused, make_demo, move_forward
from seeds.demo.build import demo_code
from seeds.demo.source import SHOWCASE_PARTNER, read
from seeds.demo.variations import varied_reports
from seeds.reference import load_reference

from .demo_states import empty_pages, missing_states

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)


FEW = 10  # varied reports are made here: the 229 of the demo itself differ in number only, and take a minute


@pytest.mark.django_db(transaction=True)
def test_the_demo_keeps_the_rules() -> None:
    """One test, because making the demo takes seconds."""
    load_reference()
    story = make_demo(now=NOW, varied=FEW)
    assert story.refused == [], "an act of a hand-written report could not happen"
    assert story.unfinished() == []
    assert not OutboxMessage.objects.filter(state="due", created_at__lt=NOW - timedelta(days=1)).exists()

    work_for_a_minute(NOW)
    assert Report.objects.count() == Case.objects.count() == len(read("reports")) + FEW
    assert missing_states(NOW) == []
    assert empty_pages(NOW) == []
    call_command("verify_timelines")
    keeps_the_rules()
    the_first_report_shows_its_page()

    with pytest.raises(DemoRefused):
        make_demo(now=NOW)
    moves_forward()


def work_for_a_minute(now: datetime) -> None:
    """What the demo's workers do first."""
    while clean_waiting(now=now):
        pass
    while compare_waiting(now=now, limit=500):
        pass


def keeps_the_rules() -> None:
    overloaded = PartnerOrganisation.objects.annotate(
        load=Count("referrals", filter=Q(referrals__state__in=LOAD))
    ).filter(load__gt=F("capacity"))
    assert not overloaded.exists()
    assigned = Referral.objects.filter(partner__slug=SHOWCASE_PARTNER, state__in=ASSIGNED)
    assert assigned.count() >= 3  # the printed curl line shows them
    assert not Report.objects.filter(received_at__gt=NOW).exists()
    assert not TimelineEvent.objects.filter(at__gt=NOW + timedelta(seconds=5)).exists()
    for side in ("AZ", "RU"):
        roles = {role for user in User.objects.filter(side=side) for role in user.roles}
        assert roles == set(Role.values)
    assert not any(user.has_usable_password() for user in User.objects.all())
    memoranda = Agreement.objects.filter(kind="memorandum")
    assert sorted(memorandum.versions.get().is_valid(NOW) for memorandum in memoranda) == [False, True]


def the_first_report_shows_its_page() -> None:
    """The one whose code the start card prints: messages both ways, a file, what comes next and by when."""
    report = report_by_code(demo_code())
    assert report is not None
    page = mailbox(report.pk, NOW)
    assert page is not None
    assert page.status.next_step
    assert page.status.expected_by
    assert page.status.expected_by > NOW
    voices = set(Message.objects.filter(report=report).values_list("voice", flat=True))
    assert {Voice.REPORTER, Voice.CASEWORKER} <= voices
    assert [file.state for file in files_of(report.pk)] == [FileState.READY]


def moves_forward() -> None:
    later = NOW + timedelta(days=9, hours=3)
    due_before = dict(Case.objects.values_list("pk", "triage_due_at"))
    terms_before = {row.pk: Terms.stored(row.change) for row in ApprovalRequest.objects.filter(change__has_key="terms")}
    held_before = held_since()
    shift = move_forward(now=later)
    assert shift.days in (8, 9)
    assert all(case.triage_due_at - due_before[case.pk] == shift for case in Case.objects.all())
    days = timedelta(days=shift.days)
    for case in Case.objects.exclude(dates=[]):
        rows = CaseDate.objects.filter(case=case, withdrawn_at=None)
        assert {row["date"] for row in case.dates} <= {str(row.date) for row in rows}
    for pk, terms in terms_before.items():
        assert Terms.stored(ApprovalRequest.objects.get(pk=pk).change).valid_until == terms.valid_until + days
    assert held_since() == {pk: str(date.fromisoformat(day) + days) for pk, day in held_before.items()}
    call_command("verify_timelines")
    assert missing_states(later) == []
    assert empty_pages(later) == []
    assert move_forward(now=later) == timedelta(0)
    assert append_only.unguarded(connection) == [], "lifted for the move only"


def held_since() -> dict[UUID, str]:
    """What people answered, which is sealed."""
    found = {}
    for report in Report.objects.filter(erased_at=None):
        answers = report.unseal(ReportKey.of(report.pk), "answers") or {}
        if answers.get("held_since"):
            found[report.pk] = answers["held_since"]
    assert found
    return found


@pytest.mark.django_db
def test_timelines_are_not_moved_outside_the_demo(settings: Any) -> None:
    settings.TESTING = settings.DEMO = False
    with pytest.raises(DemoRefused):
        move_forward(now=NOW)


def test_no_two_invented_stories_are_alike() -> None:
    stories = [row["story"] for row in [*read("reports"), *varied_reports()]]
    assert max(Counter(stories).values()) == 1
    assert len(stories) == 300
    assert len(read("reports")) >= 60


def test_the_demo_addresses_nobody_real() -> None:
    for row in [*read("partners"), *read("staff")]:
        assert row["email"].endswith("@example.org")
    for row in [*read("reports"), *varied_reports()]:
        contact = row["contact"]
        if contact and contact["value"]:
            assert contact["value"].startswith(("+7 900 000-00-", "+994 50 000 00 ")) or contact["value"].endswith(
                "@example.org"
            )
