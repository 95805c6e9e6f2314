"""A complaint goes to supervisors alone: read with a record, answered on the person's page, told to no partner."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from cases.actions.assign import take_case
from cases.actions.complaints import answer_complaint, read_complaint
from cases.actions.know_person import know_person
from cases.actions.take_up import take_up_report_events
from cases.errors import NotAllowed, NotFound, StaleObject
from cases.models import Case, OutboxMessage, PartnerChange, TimelineEvent
from cases.queries.complaints import complaints
from cases.queries.health import health
from cases.queries.queue import Filters, queue
from intake.actions.complain import complain
from intake.errors import InvalidInput, ReportErased
from intake.models import AccessRecord, Complaint, Message, ReportKey
from tests.cases.arrange import OPTED_IN, acting, opened, partner, referral, staff
from tests.cases.web.conftest import signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]
TEXT = "Canary: they shouted at me"


@pytest.fixture(autouse=True)
def _console(settings: Any) -> None:
    settings.SECOND_FACTOR_REQUIRED = False


def complained(case: Case, now: datetime, about: UUID | None = None) -> Complaint:
    row = complain(report_id=case.report_id, about=None, text=TEXT, submission_key="one", now=now)
    Complaint.objects.filter(pk=row.pk).update(about=about)
    take_up_report_events(report_id=case.report_id, now=now)
    return row


def test_a_supervisor_reads_it_and_the_person_can_see_that(now: datetime) -> None:
    row, supervisor = complained(opened(now), now), staff("supervisor")
    assert [line.id for line in complaints(supervisor)] == [row.pk]
    assert read_complaint(complaint_id=row.pk, by=acting(supervisor), now=now) == TEXT
    record = AccessRecord.objects.get(purpose="complaint_read")
    assert record.by_ref == supervisor.pk


@pytest.mark.parametrize(
    ("role", "side", "error"),
    [("caseworker", "AZ", NotAllowed), ("auditor", "AZ", NotAllowed), ("supervisor", "RU", NotFound)],
)
def test_nobody_else_reads_it(role: str, side: str, error: type[Exception], now: datetime) -> None:
    row, user = complained(opened(now), now), staff(role, side=side)
    with pytest.raises(error):
        read_complaint(complaint_id=row.pk, by=acting(user), now=now)
    assert not AccessRecord.objects.filter(purpose="complaint_read").exists()
    assert side == "AZ" or complaints(user) == []


def test_the_answer_is_a_message_of_ours_and_closes_it(now: datetime) -> None:
    case, owner, supervisor = opened(now), partner("AZ"), staff("supervisor")
    referral(case, owner, now, "accepted")
    row = complained(case, now, about=owner.body_id)
    answer_complaint(complaint_id=row.pk, text="We have spoken to them.", by=acting(supervisor), now=now)
    message = Message.objects.get(voice="caseworker")
    assert message.unseal(ReportKey.of(case.report_id), "text") == "We have spoken to them."
    assert message.organisation is None
    assert complaints(supervisor) == [] and len(complaints(supervisor, answered=True)) == 1
    with pytest.raises(StaleObject):
        answer_complaint(complaint_id=row.pk, text="again", by=acting(supervisor), now=now)
    assert Message.objects.filter(voice="caseworker").count() == 1


def test_who_opted_in_is_told_that_an_answer_waits(now: datetime) -> None:
    row = complained(opened(now, contact=OPTED_IN), now)
    answer_complaint(complaint_id=row.pk, text="We are sorry.", by=acting(staff("supervisor")), now=now)
    assert OutboxMessage.objects.get(audience="reporter").kind == "message_waiting"


def test_no_partner_hears_of_it(now: datetime) -> None:
    case, owner = opened(now), partner("AZ")
    referral(case, owner, now, "accepted")
    before = PartnerChange.objects.count()
    row = complained(case, now, about=owner.body_id)
    answer_complaint(complaint_id=row.pk, text="Noted.", by=acting(staff("supervisor")), now=now)
    assert PartnerChange.objects.count() == before
    assert not case.outbox.filter(audience="partner").exists()


def test_a_caseworker_sees_neither_in_the_queue_nor_on_the_case_that_there_is_one(now: datetime) -> None:
    case, worker, supervisor = opened(now), staff(language="en"), staff("supervisor", language="en")
    complained(case, now)
    seen = {
        user.pk: queue(user, tab="open", filters=Filters(), after="", now=now).rows for user in (worker, supervisor)
    }
    assert seen[worker.pk][0]["last_event"] == ""
    assert seen[supervisor.pk][0]["last_event"] == "complaint_received"
    where = f"/console/cases/{case.reference}/"
    assert b"omplaint" not in signed_in(worker).get(where).content
    assert b"Complaint received" in signed_in(supervisor).get(where).content


@pytest.mark.parametrize("text", ["", "  ", "x" * 10_001])
def test_an_answer_must_say_something(text: str, now: datetime) -> None:
    row = complained(opened(now), now)
    with pytest.raises(InvalidInput):
        answer_complaint(complaint_id=row.pk, text=text, by=acting(staff("supervisor")), now=now)
    assert Complaint.objects.get().answered_at is None


def test_a_complaint_about_us_is_not_judged_by_whoever_has_the_case(now: datetime) -> None:
    case, supervisor = opened(now), staff("supervisor")
    about_us = complained(case, now)
    take_case(case_id=case.pk, user_id=supervisor.pk, by=acting(supervisor), now=now)
    assert complaints(supervisor) == []
    with pytest.raises(NotFound):
        read_complaint(complaint_id=about_us.pk, by=acting(supervisor), now=now)
    assert read_complaint(complaint_id=about_us.pk, by=acting(staff("supervisor")), now=now) == TEXT


def test_who_knows_the_person_neither_sees_nor_answers_it(now: datetime) -> None:
    case, supervisor = opened(now), staff("supervisor")
    row = complained(case, now)
    know_person(case_id=case.pk, by=acting(supervisor), now=now)
    assert complaints(supervisor) == []
    with pytest.raises(NotFound):
        read_complaint(complaint_id=row.pk, by=acting(supervisor), now=now)


def test_without_a_supervisor_who_may_answer_the_administrators_hear_of_it_and_of_no_case(now: datetime) -> None:
    case, only = opened(now), staff("supervisor")
    near, _far, _own = staff("administrator"), staff("administrator", side="RU"), staff("auditor")
    take_case(case_id=case.pk, user_id=only.pk, by=acting(only), now=now)
    complained(case, now)
    notice = OutboxMessage.objects.get(kind="supervisor_missing")
    assert (notice.user, notice.case, notice.params) == (near, None, {"side": "AZ", "what": "complaint"})
    assert not OutboxMessage.objects.filter(kind="complaint").exists()
    assert (health("AZ", now).unanswerable, health("RU", now).unanswerable) == (1, 0)
    staff("supervisor")
    assert health("AZ", now).unanswerable == 0


def test_a_side_without_administrators_asks_those_of_the_other(now: datetime) -> None:
    there = staff("administrator", side="RU")
    complained(opened(now), now)
    assert OutboxMessage.objects.get(kind="supervisor_missing").user == there


@pytest.mark.parametrize("roles", [["supervisor", "auditor"], ["supervisor", "administrator"]])
def test_a_supervisor_who_audits_or_administers_as_well_is_none_to_tell(roles: list[str], now: datetime) -> None:
    staff(roles=roles)
    complained(opened(now), now)
    assert health("AZ", now).unanswerable == 1
    assert not OutboxMessage.objects.filter(kind="complaint").exists()


def test_a_complaint_about_a_partner_goes_to_the_supervisor_who_has_the_case_unless_they_know_the_person(
    now: datetime,
) -> None:
    case, owner, only = opened(now), partner("AZ"), staff("supervisor")
    referral(case, owner, now, "accepted")
    take_case(case_id=case.pk, user_id=only.pk, by=acting(only), now=now)
    complained(case, now, about=owner.body_id)
    assert OutboxMessage.objects.get(kind="complaint").user == only and health("AZ", now).unanswerable == 0
    know_person(case_id=case.pk, by=acting(only), now=now)
    assert health("AZ", now).unanswerable == 1


def test_the_health_page_says_that_a_supervisor_is_missing(now: datetime) -> None:
    complained(opened(now), now)
    seen = signed_in(staff("administrator", language="en")).get("/console/health/").content.decode()
    assert "Complaints that no supervisor may answer" in seen and "Appoint one more supervisor" in seen


def test_an_erased_one_cannot_be_read(now: datetime) -> None:
    row = complained(opened(now), now)
    ReportKey.objects.all().delete()
    with pytest.raises(ReportErased):
        read_complaint(complaint_id=row.pk, by=acting(staff("supervisor")), now=now)


def test_on_the_page_the_words_stand_only_in_the_answer_to_asking(now: datetime) -> None:
    case, client = opened(now), signed_in(staff("supervisor", language="en"))
    row = complained(case, now)
    assert TEXT not in client.get("/console/complaints/").content.decode()
    assert TEXT in client.post(f"/console/complaints/{row.pk}/").content.decode()
    refused = client.post(f"/console/complaints/{row.pk}/answer/", {"text": ""})
    assert refused.status_code == 422 and TEXT in refused.content.decode()
    client.post(f"/console/complaints/{row.pk}/answer/", {"text": "We are sorry."})
    assert TimelineEvent.objects.filter(code="complaint_answered").exists()
    assert TEXT not in client.get("/console/complaints/").content.decode()


def test_the_list_takes_no_more_statements_when_it_is_long(now: datetime, django_assert_num_queries: Any) -> None:
    supervisor = staff("supervisor")
    for number in range(12):
        complained(opened(now + timedelta(seconds=number)), now)
    with django_assert_num_queries(6):
        assert len(complaints(supervisor)) == 12
