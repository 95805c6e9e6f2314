"""Each act of a reporter is taken up exactly once, in order, in few statements, whoever comes first."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases.actions import take_up
from cases.actions.record import verify_chain
from cases.actions.take_up import take_up_report_events, take_up_waiting, waiting_reports
from cases.models import Case, DutyAlert, OutboxMessage, TimelineEvent
from intake.actions.change_consent import stop_sharing
from intake.models import IntakeEvent, Report, ReportKey
from intake.queries import reference_data
from intake.signals import intake_event
from intake.vocabulary import IntakeEventKind
from tests.cases.arrange import NOT_SHARED, at_once, intake_act, on_duty, opened, staff, submitted

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]


def warmed_up(now: datetime) -> None:
    """Reference data is read once a minute, not once a report."""
    reference_data()
    opened(now)


def statements(run: Callable[[], Any]) -> list[str]:
    """What was sent, without BEGIN, COMMIT and the savepoints of the test's own transaction."""
    with CaptureQueriesContext(connection) as seen:
        run()
    frame = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE")
    return [query["sql"] for query in seen.captured_queries if not query["sql"].startswith(frame)]


def test_a_report_is_taken_up_once(now: datetime) -> None:
    report_id = submitted(now)
    assert take_up_report_events(report_id=report_id, now=now) == 1
    assert take_up_report_events(report_id=report_id, now=now) == 0
    assert Case.objects.filter(report_id=report_id).count() == 1
    assert IntakeEvent.objects.get().taken_up_at == now


def test_an_ordinary_report_takes_five_statements(now: datetime) -> None:
    warmed_up(now)
    report_id = submitted(now)
    assert len(statements(lambda: take_up_report_events(report_id=report_id, now=now))) == 5


def test_an_urgent_report_with_its_alarm_takes_eight(now: datetime) -> None:
    warmed_up(now)
    for _ in range(5):
        on_duty(staff(), now)
    report_id = submitted(now, category="DET", subcode="POLICE", answers={"held": "yes"}, story="x" * 9000)
    assert len(statements(lambda: take_up_report_events(report_id=report_id, now=now))) == 8
    assert DutyAlert.objects.count() == OutboxMessage.objects.count() == 5


def test_what_a_person_wrote_is_not_even_fetched(now: datetime) -> None:
    warmed_up(now)
    report_id = submitted(now, story="x", identity={"name": "y"})
    sent = "\n".join(statements(lambda: take_up_report_events(report_id=report_id, now=now)))
    assert '"story"' not in sent and '"identity"' not in sent


def test_the_hint_about_consent_is_the_newest_general_answer(now: datetime) -> None:
    assert opened(now, consent=NOT_SHARED).share == "none"
    assert opened(now).share == "any"


def test_who_changes_their_mind_before_take_up_is_never_routed(now: datetime) -> None:
    report_id = submitted(now, category="SAF", subcode="DOMESTIC")
    stop_sharing(report_id=report_id, now=now + timedelta(seconds=1))
    assert take_up_report_events(report_id=report_id, now=now + timedelta(seconds=2)) == 2
    case = Case.objects.get()
    assert (case.state, case.share) == ("triage", "none")
    assert not TimelineEvent.objects.filter(code="routing_requested").exists()


def test_acts_are_taken_up_in_order(now: datetime) -> None:
    case = opened(now)
    for kind in ("message", "file", "corrected", "complaint"):
        intake_act(case, kind, now, subject=uuid4())
    assert take_up_report_events(report_id=case.report_id, now=now) == 4
    codes = TimelineEvent.objects.filter(case=case, sequence__gt=4).order_by("sequence").values_list("code", flat=True)
    assert list(codes) == ["message_received", "file_added", "report_corrected", "complaint_received"]
    assert verify_chain(case.pk)


def test_every_kind_of_act_has_a_step() -> None:
    assert set(take_up._STEPS) == set(IntakeEventKind)


def test_an_act_that_cannot_be_taken_up_waits_longer_each_time(now: datetime) -> None:
    event = intake_act(opened(now), "nonsense", now)
    for attempt, pause in enumerate((1, 2, 4), start=1):
        with pytest.raises(KeyError):
            take_up_report_events(report_id=event.report_id, now=now)
        event.refresh_from_db()
        assert (event.attempts, event.not_before) == (attempt, now + timedelta(seconds=pause))
        now = event.not_before


def test_it_never_waits_longer_than_an_hour(now: datetime) -> None:
    event = intake_act(opened(now), "nonsense", now)
    IntakeEvent.objects.filter(pk=event.pk).update(attempts=30_000)
    take_up_waiting(now=now)
    event.refresh_from_db()
    assert event.not_before == now + timedelta(hours=1)


def test_later_acts_of_the_same_report_do_not_overtake_it(now: datetime) -> None:
    case = opened(now)
    intake_act(case, "nonsense", now)
    later = intake_act(case, "message", now)
    take_up_waiting(now=now)
    assert take_up_report_events(report_id=case.report_id, now=now) == 0
    later.refresh_from_db()
    assert later.taken_up_at is None


def test_other_reports_are_not_held_up_by_it(now: datetime) -> None:
    intake_act(opened(now), "nonsense", now)
    report_id = submitted(now)
    assert take_up_waiting(now=now) == 1
    assert Case.objects.filter(report_id=report_id).exists()


def test_the_sweep_looks_only_at_what_can_be_taken_up_now(now: datetime) -> None:
    case = opened(now)
    intake_act(case, "nonsense", now)
    intake_act(case, "message", now)
    take_up_waiting(now=now)
    assert waiting_reports(now=now) == []
    assert waiting_reports(now=now + timedelta(seconds=1)) == [case.report_id]


def test_a_failure_leaves_no_half_case(now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    report_id = submitted(now, category="DET")
    staff("supervisor")
    monkeypatch.setattr(take_up, "_answers", lambda event: {}["gone"])
    take_up_waiting(now=now)
    assert not Case.objects.exists() and not TimelineEvent.objects.exists() and not OutboxMessage.objects.exists()
    monkeypatch.undo()
    assert take_up_waiting(now=now + timedelta(seconds=1)) == 1
    assert Case.objects.get().report_id == report_id


def test_a_case_that_is_there_already_is_not_made_again(now: datetime) -> None:
    case = opened(now)
    IntakeEvent.objects.update(taken_up_at=None)
    assert take_up_waiting(now=now) == 0
    assert take_up_waiting(now=now + timedelta(seconds=1)) == 1
    assert Case.objects.get().pk == case.pk


def test_a_report_erased_before_anybody_saw_it_is_counted_and_nothing_more(now: datetime) -> None:
    staff("supervisor")
    report_id = submitted(now, category="DET", subcode="POLICE")
    ReportKey.objects.filter(report_id=report_id).delete()
    Report.objects.filter(pk=report_id).update(erased_at=now)
    IntakeEvent.objects.create(report_id=report_id, kind="erased", at=now)
    assert take_up_waiting(now=now) == 2
    case = Case.objects.get()
    assert (case.state, case.routing_wanted_at, case.due_at) == ("withdrawn", None, None)
    assert not OutboxMessage.objects.exists()


def test_a_failure_is_logged_without_a_word_of_the_person(
    now: datetime, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(event: Any) -> None:
        raise ValueError("Canary words of the person")

    report_id = submitted(now)
    monkeypatch.setattr(take_up, "_answers", fail)
    take_up_waiting(now=now)
    assert str(report_id) in caplog.text and "ValueError" in caplog.text
    assert "Canary" not in caplog.text


# --- with real transactions -------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_two_that_come_at_once_take_it_up_once(now: datetime, without_receiver: None) -> None:
    report_id = submitted(now, category="DET", subcode="POLICE")
    taken = at_once(4, lambda: take_up_report_events(report_id=report_id, now=now))
    assert sorted(taken) == [0, 0, 0, 1]
    assert Case.objects.count() == 1 and not IntakeEvent.objects.filter(attempts__gt=0).exists()


@pytest.mark.django_db(transaction=True)
def test_after_a_kill_between_report_and_case_two_sweeps_take_all_up_once(
    now: datetime, without_receiver: None
) -> None:
    """The signal was never sent: that is what a kill right after the report's commit looks like."""
    reports = [submitted(now) for _ in range(12)]
    for report_id in reports[::3]:
        IntakeEvent.objects.create(report_id=report_id, kind="message", subject=uuid4(), at=now)
    at_once(2, lambda: take_up_waiting(now=now))
    take_up_waiting(now=now)
    assert not IntakeEvent.objects.filter(taken_up_at__isnull=True).exists()
    assert not IntakeEvent.objects.filter(attempts__gt=0).exists()
    assert sorted(Case.objects.values_list("report_id", flat=True)) == sorted(reports)
    assert TimelineEvent.objects.filter(code="message_received").count() == 4
    assert all(verify_chain(case.pk) for case in Case.objects.all())


@pytest.fixture
def without_receiver(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intake_event, "receivers", [])
