"""Whoever acts on a case has its row first: while somebody else holds it, the action waits and nothing is decided."""

import inspect
from datetime import datetime
from threading import Event, Thread

import pytest
from django.db import OperationalError, connection, transaction

from cases.actions import record as timeline
from cases.actions import suggest_links
from cases.actions.group_cases import group_cases, write_group_note
from cases.actions.record import Actor, record_events, verify_chain
from cases.actions.take_up import take_up_report_events
from cases.models import Case, CaseLink, GroupNote, Referral, TimelineEvent
from intake.errors import DomainError
from tests.cases.arrange import acting, in_state, intake_act, opened, partner, referral, staff
from tests.cases.held_rows import held, impatient
from tests.cases.links_arrange import PHONE, two
from tests.cases.test_who_may_act import ACTS, GIVEN

READING = {"open_personal_data", "open_case_files", "open_case_file"}  # they change nothing of the case
pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("reference")]


def tried(name: str, row: Referral, other: Case, by: Actor, now: datetime) -> str:
    asked = inspect.signature(ACTS[name]).parameters
    values = {"case_id": row.case_id, "referral_id": row.pk, "other_id": other.pk, "into_id": other.pk, "at": now}
    given = {key: value for key, value in values.items() if key in asked} | GIVEN[name]
    try:
        ACTS[name](**given, by=by, now=now)
    except OperationalError as error:
        return "waits" if "lock timeout" in str(error) else str(error)
    except DomainError as error:
        return error.code
    return "done"


def test_it_waits(now: datetime, is_postgres: bool) -> None:
    assert is_postgres
    case, other = opened(now), opened(now)
    row = referral(case, partner("AZ"), now)
    in_state(case, "triage")  # a proposal asks for that before it has the row, and once more when it has
    by = acting(staff(roles=["caseworker", "supervisor"]))
    with impatient("30ms"), held(case):
        found = {name: tried(name, row, other, by, now) for name in set(GIVEN) - READING}
    assert {name: said for name, said in found.items() if said != "waits"} == {}


def test_so_do_a_groups_note_and_the_comparison_with_other_cases(now: datetime, is_postgres: bool) -> None:
    """What an erasure takes away must not be written a moment later."""
    assert is_postgres
    one, other = two(now, contact=PHONE)
    by = acting(staff())
    group = group_cases(case_id=one.pk, other_id=other.pk, by=by, now=now)
    with impatient("30ms"), held(other):
        with pytest.raises(OperationalError, match="lock timeout"):
            write_group_note(group_id=group.pk, text="x", by=by, now=now)
        with pytest.raises(OperationalError, match="lock timeout"), transaction.atomic():
            suggest_links._compare_step(one.pk, now)
    assert not GroupNote.objects.exists() and not CaseLink.objects.exists()


def test_what_a_reporter_does_is_taken_up_behind_an_act_that_is_not_over(now: datetime, is_postgres: bool) -> None:
    """Read before the other's change is there, the case would lose it, or its timeline would have one number twice."""
    assert is_postgres
    case = opened(now)
    has_it, release, taken_up = Event(), Event(), Event()

    def act() -> None:
        with transaction.atomic():
            row = Case.objects.select_for_update(no_key=True).get(pk=case.pk)
            record_events(row, [timeline.Event("note_added", {})], by=acting(staff()), now=now)
            row.save()
            has_it.set()
            release.wait(60)
        connection.close()

    def take_up() -> None:
        take_up_report_events(report_id=case.report_id, now=now)
        taken_up.set()
        connection.close()

    threads = [Thread(target=act), Thread(target=take_up)]
    threads[0].start()
    assert has_it.wait(30)
    intake_act(case, "file", now)
    threads[1].start()
    assert not taken_up.wait(0.3)
    release.set()
    for thread in threads:
        thread.join()
    codes = TimelineEvent.objects.filter(case=case).order_by("sequence").values_list("code", flat=True)
    assert list(codes)[-2:] == ["note_added", "file_added"]
    assert verify_chain(case.pk)
