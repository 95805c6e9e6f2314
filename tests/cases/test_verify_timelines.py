"""`verify_timelines` finds whatever somebody with all rights does to a timeline, and says what it is."""

from collections.abc import Callable
from datetime import datetime, timedelta
from io import StringIO
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from cases.actions import verify_timelines
from cases.actions.anchor_timelines import anchor_timelines
from cases.actions.record import SYSTEM, Event, chain_hash, record_events
from cases.actions.verify_timelines import Seen, broken_timelines
from cases.models import Case, TimelineAnchor, TimelineEvent
from tests.cases.arrange import opened
from tests.cases.owner import as_owner

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]
DAY = timedelta(days=1)


def verified(*arguments: str) -> tuple[int, str]:
    out = StringIO()
    try:
        call_command("verify_timelines", *arguments, stdout=out)
    except SystemExit as stopped:
        return int(stopped.code or 0), out.getvalue()
    return 0, out.getvalue()


@pytest.fixture
def case(now: datetime) -> Case:
    """Four events of taking up and two more, of two days ago; another case beside it; both days anchored."""
    case = opened(now - 2 * DAY)
    opened(now - 2 * DAY)
    record_events(case, [Event("assigned"), Event("note_added")], by=SYSTEM, now=now - 2 * DAY)
    case.save()
    anchor_timelines(now=now - DAY)
    opened(now - DAY)
    anchor_timelines(now=now)
    return case


def event(case: Case, sequence: int) -> TimelineEvent:
    return TimelineEvent.objects.get(case=case, sequence=sequence)


def changed(case: Case, **forgery: Any) -> None:
    TimelineEvent.objects.filter(case=case, sequence=3).update(**forgery)


def removed(case: Case, *sequences: int) -> None:
    TimelineEvent.objects.filter(case=case, sequence__in=sequences).delete()


def swapped(case: Case) -> None:
    second, third = event(case, 2), event(case, 3)
    TimelineEvent.objects.filter(pk=second.pk).update(sequence=99)
    TimelineEvent.objects.filter(pk=third.pk).update(sequence=2)
    TimelineEvent.objects.filter(pk=second.pk).update(sequence=3)


def inserted(case: Case) -> None:
    """Room is made after the third; the new event has its own right hash."""
    for later in reversed(range(4, 7)):
        TimelineEvent.objects.filter(case=case, sequence=later).update(sequence=later + 1)
    before = event(case, 3)
    row = TimelineEvent(case=case, sequence=4, code="note_added", actor="system", at=before.at)
    row.previous_hash = bytes(before.hash)
    row.hash = chain_hash(row)
    row.save()
    Case.objects.filter(pk=case.pk).update(event_count=7)


def wound_back(case: Case) -> None:
    """The newest two are cut off, and the case's row says that they never were."""
    removed(case, 5, 6)
    Case.objects.filter(pk=case.pk).update(event_count=4, chain_head=bytes(event(case, 4).hash))


def written_anew(case: Case) -> None:
    """A whole chain with other events, every hash right."""
    head = b""
    for row in TimelineEvent.objects.filter(case=case).order_by("sequence"):
        row.code, row.previous_hash = row.code.replace("assigned", "case_closed"), head
        row.hash = head = chain_hash(row)
        row.save()
    Case.objects.filter(pk=case.pk).update(chain_head=head)


@pytest.mark.parametrize(
    ("tampering", "says"),
    [
        (lambda case: changed(case, details={"urgency": 4}), "event 3 was changed"),
        (lambda case: changed(case, actor="staff"), "event 3 was changed"),
        (lambda case: changed(case, code="case_closed"), "event 3 was changed"),
        (lambda case: changed(case, at=case.received_at - DAY), "event 3 was changed"),
        (lambda case: changed(case, hash=b"x" * 32), "event 4 does not follow the one before it"),
        (lambda case: changed(case, previous_hash=b"x" * 32), "event 3 does not follow the one before it"),
        (lambda case: removed(case, 3), "event 3 is missing"),
        (lambda case: removed(case, 2, 3), "events 2 to 3 are missing"),
        (lambda case: removed(case, 6), "event 6 is missing at the end"),
        (lambda case: removed(case, 1, 2, 3, 4, 5, 6), "events 1 to 6 are missing at the end"),
        (swapped, "event 2 does not follow the one before it"),
        (inserted, "event 5 does not follow the one before it"),
        (lambda case: Case.objects.filter(pk=case.pk).update(event_count=5), "6 events, the case's row counts 5"),
        (lambda case: Case.objects.filter(pk=case.pk).update(chain_head=b""), "not the one that the case's row names"),
    ],
)
def test_a_tampered_chain_is_named_with_what_is_wrong(
    tampering: Callable[[Case], object], says: str, case: Case
) -> None:
    assert verified()[0] == 0
    with as_owner():
        tampering(case)
    code, out = verified()
    assert code == 1
    [line] = [line for line in out.splitlines() if line.startswith(f"BROKEN  {case.reference}")]
    assert says in line


@pytest.mark.parametrize(
    ("tampering", "says"),
    [
        (wound_back, "10 events were anchored, 8 are there"),
        (written_anew, "events that were anchored were changed"),
        (lambda case: TimelineEvent.objects.filter(case=case, sequence=6).update(id=10**6), "10 events were anchored"),
    ],
)
def test_a_chain_that_was_made_whole_again_does_not_give_its_days_anchor(
    tampering: Callable[[Case], object], says: str, case: Case, now: datetime
) -> None:
    with as_owner():
        tampering(case)
    assert not list(broken_timelines(Seen())), "the chains themselves are whole"
    code, out = verified()
    [line] = [line for line in out.splitlines() if line.startswith("BROKEN")]
    assert code == 1 and line.startswith(f"BROKEN  {(now - DAY).date()}: {says}")


def test_a_case_that_went_with_all_its_events_does_not_give_the_anchor(now: datetime) -> None:
    case = opened(now - DAY)
    anchor_timelines(now=now)
    with as_owner():
        removed(case, 1, 2, 3, 4)
        Case.objects.filter(pk=case.pk).update(event_count=0, chain_head=b"")
    assert f"BROKEN  {now.date()}: 4 events were anchored, 0 are there" in verified()[1]


def test_a_changed_or_removed_anchor_is_found(case: Case, now: datetime) -> None:
    with as_owner():
        TimelineAnchor.objects.filter(day=now.date()).update(events=99)
    assert "the anchor was changed" in verified()[1]
    with as_owner():
        TimelineAnchor.objects.filter(day=(now - DAY).date()).delete()
    assert "the anchor before it is missing or another one" in verified()[1]


def test_anchors_that_were_all_written_anew_are_found_with_a_copy_kept_elsewhere(case: Case, now: datetime) -> None:
    copy = verified()[1].splitlines()[-1].removeprefix("Newest anchor: ")
    assert verified(f"--anchor={copy}")[0] == 0
    with as_owner():
        wound_back(case)
        TimelineAnchor.objects.all().delete()
        anchor_timelines(now=now)
    assert verified()[0] == 0, "nothing inside the database shows it"
    code, out = verified(f"--anchor={copy}")
    assert code == 1 and f"BROKEN  {now.date()}: the anchor is not the one that the copy names" in out
    code, out = verified(f"--anchor=2026-11-01={'0' * 64}")
    assert code == 1 and "BROKEN  2026-11-01: there is a copy of this day's anchor, and no anchor" in out


def test_events_of_a_case_that_is_not_there_are_found(now: datetime) -> None:
    """References are checked at commit: until then one can see what it is like where nobody checks them."""
    with transaction.atomic():
        lost = TimelineEvent.objects.create(case_id=uuid4(), sequence=1, code="x", actor="system", at=now)
        code, out = verified()
        transaction.set_rollback(True)
    assert code == 1 and f"BROKEN  {lost.case_id}: 1 events of a case that is not there" in out


def test_one_case_and_the_last_days_are_verified_by_themselves(case: Case) -> None:
    """The anchors are of days of the tests' clock, the command's is the machine's: both are long past or to come."""
    other = Case.objects.exclude(pk=case.pk)[0]
    with as_owner():
        changed(case, code="forged")
    assert verified(f"--case={other.reference}") == (0, _newest("Cases: 1, events: 4, anchors: 0, broken: 0"))
    assert verified(f"--case={case.reference.lower()}")[0] == 1
    Case.objects.filter(pk=case.pk).update(last_event_at=timezone.now() - 3 * DAY)
    assert f"BROKEN  {case.reference}" not in verified("--since=2")[1]
    assert f"BROKEN  {case.reference}" in verified("--since=4")[1]


def _newest(line: str) -> str:
    anchor = TimelineAnchor.objects.latest("day")
    return f"{line}\nNewest anchor: {anchor.day}={bytes(anchor.hash).hex()}\n"


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("--case=AAAA-AAA-A", "no case"),
        ("--anchor=yesterday", "hexadecimal"),
        (f"--anchor=2026-13-01={'0' * 64}", "not a day"),
    ],
)
def test_what_was_typed_wrongly_is_said(typed: str, says: str) -> None:
    with pytest.raises(CommandError, match=says):
        verified(typed)


def test_many_cases_cost_as_many_statements_as_few(now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    counts = []
    for some in (1, 6):
        for _ in range(some):
            opened(now)
        with CaptureQueriesContext(connection) as queries:
            assert not list(broken_timelines(Seen()))
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 4
    monkeypatch.setattr(verify_timelines, "CASES_AT_ONCE", 3)
    seen = Seen()
    assert not list(broken_timelines(seen))
    assert (seen.cases, seen.events) == (7, 28), "also in several portions"


def test_an_event_that_is_written_meanwhile_is_no_finding(case: Case, now: datetime) -> None:
    """Case and events are read in one statement; what came after an anchor is the next one's."""
    fresh = Case.objects.get(pk=case.pk)
    record_events(fresh, [Event("note_added")], by=SYSTEM, now=now)
    fresh.save()
    assert verified()[0] == 0


@pytest.mark.parametrize("days", ["0", "-3", "99999999999", "x"])
def test_a_run_that_would_look_at_nothing_is_refused(days: str) -> None:
    with pytest.raises(CommandError, match="number of days"):
        verified(f"--since={days}")
