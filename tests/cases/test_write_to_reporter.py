"""A caseworker writes on the person's page; outside of it only a neutral sentence goes out, where it is allowed."""

from datetime import datetime, timedelta

import pytest

from cases.actions.write_to_reporter import read_messages, write_to_reporter
from cases.errors import NotAllowed, NotFound
from cases.models import OutboxMessage, Recusal, TimelineEvent
from cases.queries.conversation import conversation, unread_from_reporter
from intake.actions.erase_report import erase_report
from intake.actions.messages import post_message
from intake.errors import InvalidInput, ReportErased
from intake.models import Message
from tests.cases.arrange import OPTED_IN, acting, opened, staff

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]


def test_it_stands_on_the_page_and_a_neutral_sentence_waits(now: datetime) -> None:
    case, mine = opened(now, contact=OPTED_IN), staff()
    post_message(report_id=case.report_id, text="Canary-question", submission_key="a", now=now)
    assert unread_from_reporter(case) == 1
    message = write_to_reporter(case_id=case.pk, text=" Canary-answer ", by=acting(mine), now=now + timedelta(1))
    lines = conversation(case)
    assert [(line.voice, line.who, line.text, line.is_unread) for line in lines] == [
        ("reporter", "", "Canary-question", False),
        ("caseworker", "Canary-staff", "Canary-answer", True),
    ]
    assert TimelineEvent.objects.get(code="message_sent").details == {"message": str(message.pk)}
    assert [row.kind for row in OutboxMessage.objects.filter(audience="reporter")] == ["message_waiting"]
    assert "Canary" not in str(list(OutboxMessage.objects.values()))


def test_who_did_not_opt_in_is_sent_nothing(now: datetime) -> None:
    case = opened(now)
    write_to_reporter(case_id=case.pk, text="x", by=acting(staff()), now=now)
    assert not OutboxMessage.objects.filter(audience="reporter").exists()


def test_only_who_has_casework_of_that_side_and_does_not_know_the_person(now: datetime) -> None:
    case, knows = opened(now), staff()
    Recusal.objects.create(case=case, user=knows, at=now)
    for user, refusal in ((staff(side="RU"), NotFound), (staff("auditor"), NotAllowed), (knows, NotFound)):
        with pytest.raises(refusal):
            write_to_reporter(case_id=case.pk, text="x", by=acting(user), now=now)
        with pytest.raises(refusal):
            read_messages(case_id=case.pk, until=now, by=acting(user), now=now)
    assert not Message.objects.exists()


@pytest.mark.parametrize("text", ["", " ", "x" * 5_001])
def test_nothing_and_far_too_much_are_refused(text: str, now: datetime) -> None:
    with pytest.raises(InvalidInput):
        write_to_reporter(case_id=opened(now).pk, text=text, by=acting(staff()), now=now)


def test_an_erased_report_has_no_conversation(now: datetime) -> None:
    case = opened(now)
    write_to_reporter(case_id=case.pk, text="x", by=acting(staff()), now=now)
    erase_report(report_id=case.report_id, because="reporter", now=now)
    assert conversation(case) == []
    with pytest.raises(ReportErased):
        write_to_reporter(case_id=case.pk, text="x", by=acting(staff()), now=now)


def test_what_came_after_it_was_shown_stays_unread(now: datetime) -> None:
    case = opened(now)
    for minutes in (0, 5):
        later = now + timedelta(minutes=minutes)
        post_message(report_id=case.report_id, text="x", submission_key=str(minutes), now=later)
    assert read_messages(case_id=case.pk, until=now, by=acting(staff()), now=now) == 1
    assert unread_from_reporter(case) == 1
