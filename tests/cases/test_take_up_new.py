"""A report's own process opens its case from memory; whoever comes at the same moment, there is one case, in order."""

from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Event, Thread
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases import receivers
from cases.actions import take_up_new
from cases.actions.record import verify_chain
from cases.actions.take_up import take_up_report_events, take_up_waiting
from cases.actions.take_up_new import take_up_new_report
from cases.models import Case, TimelineEvent
from intake.actions.change_consent import stop_sharing
from intake.actions.hand_over import NewReport
from intake.models import IntakeEvent
from intake.signals import intake_event
from tests.cases.arrange import NOT_SHARED, OPTED_IN, at_once, opened, submitted

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]
Commit = Callable[..., Any]
MINUTE = timedelta(minutes=1)


@pytest.fixture
def handed(
    django_capture_on_commit_callbacks: Commit, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., dict[str, Any]]:
    """Submits and gives what the signal carried, without anybody acting on it."""

    def submit(now: datetime, **changes: Any) -> dict[str, Any]:
        sent: list[dict[str, Any]] = []
        monkeypatch.setattr(intake_event, "send", lambda **kwargs: sent.append(kwargs))
        with django_capture_on_commit_callbacks(execute=True):
            submitted(now, **changes)
        return sent[0]

    return submit


def take_up(handed: dict[str, Any], now: datetime) -> bool:
    return take_up_new_report(event_id=handed["event_id"], new=handed["new"], now=now)


def test_the_case_is_opened_and_nothing_is_read_back(handed: Callable[..., Any], now: datetime) -> None:
    opened(now)  # reference data is read once a minute
    sent = handed(now)
    with CaptureQueriesContext(connection) as seen:
        assert take_up(sent, now)
    sql = [query["sql"].split()[0] for query in seen.captured_queries]
    assert [word for word in sql if word not in ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE")] == [
        "UPDATE",
        "INSERT",
        "INSERT",
        "INSERT",
    ]
    assert IntakeEvent.objects.get(pk=sent["event_id"]).taken_up_at == now


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"consent": NOT_SHARED},
        {"category": "DET", "subcode": "POLICE", "answers": {"held": "yes", "held_since": "2026-11-20"}},
        {"category": "SAF", "subcode": "DOMESTIC", "contact": OPTED_IN},
        {"age_band": "14_17", "answers": {"forced": "yes", "forced_what": ["papers_taken", "threats"]}},
    ],
)
def test_it_is_the_same_case_as_when_the_rows_are_read(
    handed: Callable[..., Any], now: datetime, changes: dict[str, Any]
) -> None:
    take_up(first := handed(now, **changes), now)
    second = handed(now, **changes)
    assert take_up_report_events(report_id=second["report_id"], now=now) == 1
    assert told(first["report_id"]) == told(second["report_id"])


def told(report_id: UUID) -> list[Any]:
    case = Case.objects.get(report_id=report_id)
    own = {"id", "report_id", "reference", "chain_head"}
    columns = {name: value for name, value in Case.objects.filter(pk=case.pk).values().get().items() if name not in own}
    assert verify_chain(case.pk)
    return [columns, list(TimelineEvent.objects.filter(case=case).values_list("code", "actor", "details"))]


def test_what_a_sweep_took_up_is_not_ours(handed: Callable[..., Any], now: datetime) -> None:
    sent = handed(now)
    take_up_waiting(now=now)
    assert not take_up(sent, now)
    assert Case.objects.count() == 1


def test_what_a_sweep_put_off_is_not_ours(handed: Callable[..., Any], now: datetime) -> None:
    sent = handed(now)
    IntakeEvent.objects.update(attempts=1, not_before=now + MINUTE)
    assert not take_up(sent, now)
    assert not Case.objects.exists()


def test_after_a_change_of_mind_the_rows_are_read(handed: Callable[..., Any], now: datetime) -> None:
    sent = handed(now, category="SAF", subcode="DOMESTIC")
    stop_sharing(report_id=sent["report_id"], now=now)
    receivers.take_up_at_once(**{"sender": None, **sent})
    assert (Case.objects.get().state, Case.objects.get().share) == ("triage", "none")
    assert not TimelineEvent.objects.filter(code="routing_requested").exists()


def test_a_failure_puts_it_off_and_leaves_no_half_case(
    handed: Callable[..., Any], now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(**_: Any) -> None:
        raise RuntimeError("Canary")

    sent = handed(now)
    monkeypatch.setattr("cases.actions.open_case.publish_status", fail)
    with pytest.raises(RuntimeError):
        take_up(sent, now)
    event = IntakeEvent.objects.get()
    assert (event.taken_up_at, event.attempts, event.not_before) == (None, 1, now + timedelta(seconds=1))
    assert not Case.objects.exists() and not TimelineEvent.objects.exists()
    monkeypatch.undo()
    assert take_up_waiting(now=now + MINUTE) == 1


def test_printing_what_is_handed_over_shows_nothing(handed: Callable[..., Any], now: datetime) -> None:
    new = handed(now, answers={"held": "yes"})["new"]
    assert isinstance(new, NewReport) and "held" not in repr(new)


# --- with real transactions -----------------------------------------------------------------------------------------


@pytest.fixture
def committed(monkeypatch: pytest.MonkeyPatch, now: datetime) -> dict[str, Any]:
    sent: list[dict[str, Any]] = []
    monkeypatch.setattr(intake_event, "send", lambda **kwargs: sent.append(kwargs))
    submitted(now, category="DET", subcode="POLICE")
    return sent[0]


@pytest.mark.django_db(transaction=True)
def test_receiver_and_sweeps_at_once_open_one_case(committed: dict[str, Any], now: datetime) -> None:
    acts = iter([lambda: int(take_up(committed, now)), *[lambda: take_up_waiting(now=now)] * 3])
    taken = at_once(4, lambda: next(acts)())
    assert sorted(taken) == [0, 0, 0, 1]
    assert Case.objects.count() == 1 and not IntakeEvent.objects.filter(attempts__gt=0).exists()


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_while_it_is_at_work_nobody_takes_up_what_came_after(
    committed: dict[str, Any], now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    claimed, goes_on = Event(), Event()
    really_open = take_up_new.open_case_step

    def held_up(**values: Any) -> Case:
        claimed.set()
        goes_on.wait(5)
        return really_open(**values)

    def work() -> None:
        take_up(committed, now)
        connection.close()

    monkeypatch.setattr(take_up_new, "open_case_step", held_up)
    worker = Thread(target=work)
    worker.start()
    claimed.wait(5)
    IntakeEvent.objects.create(report_id=committed["report_id"], kind="message", at=now)
    assert take_up_report_events(report_id=committed["report_id"], now=now) == 0
    assert take_up_waiting(now=now) == 0
    goes_on.set()
    worker.join()
    assert not IntakeEvent.objects.filter(attempts__gt=0).exists()
    assert take_up_waiting(now=now) == 1
    assert verify_chain(Case.objects.get().pk)
