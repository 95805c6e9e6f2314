"""Who is told of a complaint and may read it, by what they had to do with the person before and afterwards: a table."""

import csv
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from cases.actions.assign import take_case, unassign_case
from cases.actions.complaints import answer_complaint, read_complaint
from cases.actions.give_back import unmerge_case
from cases.actions.know_person import know_person
from cases.actions.merge_cases import merge_cases
from cases.actions.take_up import take_up_report_events
from cases.actions.write_to_reporter import write_to_reporter
from cases.errors import NotFound
from cases.models import Case, OutboxMessage, User
from cases.queries.complaints import complaints
from cases.queries.deliveries import deliveries
from cases.queries.health import health
from cases.queries.queue import Filters, queue
from intake.actions.complain import complain
from intake.models import AccessRecord, Complaint, Report
from tests.cases.arrange import acting, opened, partner, referral, staff
from tests.cases.web.conftest import signed_in
from tests.conftest import ROOT

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]
TEXT = "Canary: they laughed at me"
HOUR = timedelta(hours=1)
with (ROOT / "tests/cases/tables/complained_of.csv").open(encoding="utf-8", newline="") as file:
    TABLE = list(csv.DictReader(file))
Deed = Callable[[Case, Case, User, datetime], Any]


@pytest.fixture(autouse=True)
def _console(settings: Any) -> None:
    settings.SECOND_FACTOR_REQUIRED = False


def take(case: Case, user: User, at: datetime) -> None:
    take_case(case_id=case.pk, user_id=user.pk, by=acting(staff("supervisor", side="AZ")), now=at)


def free(case: Case, at: datetime) -> None:
    unassign_case(case_id=case.pk, by=acting(staff("supervisor")), now=at)


def join(case: Case, other: Case, at: datetime) -> None:
    merge_cases(case_id=case.pk, into_id=other.pk, by=acting(staff()), now=at)


def separate(case: Case, at: datetime) -> None:
    unmerge_case(case_id=case.pk, reason="own_work", by=acting(staff()), now=at)


def in_turn(*deeds: Deed) -> Deed:
    def all_of_them(case: Case, other: Case, user: User, at: datetime) -> None:
        for number, deed in enumerate(deeds):
            deed(case, other, user, at + timedelta(minutes=number))

    return all_of_them


HAS: Deed = lambda case, other, user, at: take(case, user, at)  # noqa: E731
HAS_OTHER: Deed = lambda case, other, user, at: take(other, user, at)  # noqa: E731
FREE: Deed = lambda case, other, user, at: free(case, at)  # noqa: E731
FREE_OTHER: Deed = lambda case, other, user, at: free(other, at)  # noqa: E731
JOIN: Deed = lambda case, other, user, at: join(case, other, at)  # noqa: E731
SEPARATE: Deed = lambda case, other, user, at: separate(case, at)  # noqa: E731
DEEDS: dict[str, Deed] = {
    "nothing": in_turn(),
    "has the case": HAS,
    "takes the case": HAS,
    "sets it free": FREE,
    "gives it to a colleague": lambda case, other, user, at: take(case, staff(), at),
    "had the case": in_turn(HAS, FREE),
    "took the case and set it free": in_turn(HAS, FREE),
    "wrote to the person": lambda case, other, user, at: write_to_reporter(
        case_id=case.pk, text="Please wait.", by=acting(user), now=at
    ),
    "took the call": lambda case, other, user, at: Report.objects.filter(pk=case.report_id).update(
        channel="phone", source_ref=user.pk
    ),
    "has the case it was merged into": in_turn(HAS_OTHER, JOIN),
    "sets the other case free": FREE_OTHER,
    "had the other case before the merge": in_turn(HAS_OTHER, FREE_OTHER, JOIN),
    "had the other case while it was merged": in_turn(JOIN, HAS_OTHER, FREE_OTHER, SEPARATE),
    "took the other case after the two were separated": in_turn(JOIN, SEPARATE, HAS_OTHER),
    "knows the person": lambda case, other, user, at: know_person(case_id=case.pk, by=acting(user), now=at),
}
DEEDS["writes to the person"] = DEEDS["wrote to the person"]


def complained(case: Case, at: datetime, about: str = "us") -> Complaint:
    body = None if about == "us" else referral(case, partner("AZ"), at, "accepted").partner.body_id
    row = complain(report_id=case.report_id, about=None, text=TEXT, submission_key="one", now=at)
    Complaint.objects.filter(pk=row.pk).update(about=body)
    take_up_report_events(report_id=case.report_id, now=at)
    return row


@pytest.mark.parametrize("line", TABLE, ids=lambda line: f"{line['before']}, {line['afterwards']}, {line['about']}")
def test_each_line_holds(line: dict[str, str], now: datetime) -> None:
    case, other, user = opened(now), opened(now), staff("supervisor")
    DEEDS[line["before"]](case, other, user, now + HOUR)
    row = complained(case, now + 2 * HOUR, line["about"])
    is_told = OutboxMessage.objects.filter(kind="complaint", user=user).exists()
    DEEDS[line["afterwards"]](case, other, user, now + 3 * HOUR)
    assert is_told is (line["told"] == "yes")
    assert [one.id for one in complaints(user)] == ([row.pk] if line["reads"] == "yes" else [])
    if line["reads"] == "yes":
        assert read_complaint(complaint_id=row.pk, by=acting(user), now=now + 4 * HOUR) == TEXT
        return
    with pytest.raises(NotFound):
        read_complaint(complaint_id=row.pk, by=acting(user), now=now + 4 * HOUR)
    with pytest.raises(NotFound):
        answer_complaint(complaint_id=row.pk, text="No.", by=acting(user), now=now + 4 * HOUR)
    assert not AccessRecord.objects.filter(purpose="complaint_read").exists()


def test_if_it_concerns_the_only_supervisor_the_administrators_hear_of_it_also_after_the_case_was_given_away(
    now: datetime,
) -> None:
    case, only, administrator = opened(now), staff("supervisor"), staff("administrator")
    write_to_reporter(case_id=case.pk, text="Please wait.", by=acting(only), now=now)
    complained(case, now + HOUR)
    assert OutboxMessage.objects.get(kind="supervisor_missing").user == administrator
    assert health("AZ", now + HOUR).unanswerable == 1


def test_the_only_supervisor_learns_of_one_that_concerns_them_neither_by_a_count_nor_by_the_list_of_notices(
    now: datetime,
) -> None:
    case, only, administrator = opened(now), staff("supervisor", language="en"), staff("administrator", language="en")
    write_to_reporter(case_id=case.pk, text="Please wait.", by=acting(only), now=now)
    complained(case, now + HOUR)
    seen = {one: health("AZ", now + 2 * HOUR, one) for one in (only, administrator)}
    assert (seen[only].oldest_complaint_at, seen[only].unanswerable) == (None, 0)
    assert (seen[administrator].oldest_complaint_at, seen[administrator].unanswerable) == (now + HOUR, 1)
    for address in ("health/", "deliveries/", "deliveries/?tab=sent"):
        OutboxMessage.objects.filter(kind="supervisor_missing").update(state="sent" if "sent" in address else "due")
        page = signed_in(only).get(f"/console/{address}").content.decode()
        assert "omplaint waits for a supervisor" not in page and "Appoint one more supervisor" not in page
    other = opened(now)
    complained(other, now + 3 * HOUR)
    assert health("AZ", now + 4 * HOUR, only).oldest_complaint_at == now + 3 * HOUR


def test_neither_queue_nor_case_file_nor_list_tells_whom_it_concerns(now: datetime) -> None:
    case, concerned, other = opened(now), *(staff("supervisor", language="en") for _ in range(2))
    take_case(case_id=case.pk, user_id=concerned.pk, by=acting(concerned), now=now)
    row = complained(case, now + HOUR)
    seen = {one.pk: queue(one, tab="open", filters=Filters(), after="", now=now).rows for one in (concerned, other)}
    assert (seen[concerned.pk][0]["last_event"], seen[other.pk][0]["last_event"]) == ("", "complaint_received")
    answer_complaint(complaint_id=row.pk, text="We are sorry, canary.", by=acting(other), now=now + 2 * HOUR)
    where = f"/console/cases/{case.reference}/"
    pages = {one.pk: signed_in(one).get(where).content.decode() for one in (concerned, other)}
    assert "Complaint received" not in pages[concerned.pk] and "canary" not in pages[concerned.pk]
    assert "Complaint received" in pages[other.pk] and "We are sorry, canary." in pages[other.pk]
    listed = {one.pk: signed_in(one).get("/console/complaints/").content.decode() for one in (concerned, other)}
    assert case.reference not in listed[concerned.pk] and case.reference in listed[other.pk]
    assert signed_in(concerned).post(f"/console/complaints/{row.pk}/").status_code == 404


def test_a_caseworker_does_not_read_our_answer_to_a_complaint(now: datetime) -> None:
    case, worker, supervisor = opened(now), staff(language="en"), staff("supervisor", language="en")
    row = complained(case, now)
    answer_complaint(complaint_id=row.pk, text="We are sorry, canary.", by=acting(supervisor), now=now + HOUR)
    write_to_reporter(case_id=case.pk, text="Come on Monday.", by=acting(worker), now=now + 2 * HOUR)
    seen = signed_in(worker).get(f"/console/cases/{case.reference}/").content.decode()
    assert "Come on Monday." in seen and "canary" not in seen


def test_the_list_of_notices_names_no_case_that_somebody_complained_of(now: datetime) -> None:
    reader = staff("supervisor")
    case = opened(now)
    complained(case, now)
    rows = deliveries(reader, tab="due", after="").rows
    assert [(row["kind"], row["case__reference"]) for row in rows if row["kind"] == "complaint"] == [("complaint", "")]
