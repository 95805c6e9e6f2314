"""Contact is lost after safe attempts in vain on different days; whatever the person does begins the count anew."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from cases.actions.decide_closing import approve_closing
from cases.actions.end_case import close_case, resolve_case
from cases.actions.log_attempt import log_attempt
from cases.actions.write_to_reporter import write_to_reporter
from cases.errors import NotAllowed, NotFound
from cases.models import Case, ContactAttempt, LostContactRule
from cases.queries.attempts import Attempts, attempts_of
from cases.queries.remembered import forget_reference
from intake.actions.change_consent import stop_sharing
from intake.actions.entry import ContactEntry
from intake.actions.messages import mark_read, post_message
from intake.errors import InvalidInput
from intake.queries import current_contact
from tests.cases.arrange import acting, in_state, opened, staff

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
PHONE: dict[str, Any] = {
    "method": "phone",
    "value": "+7 900 555 12 34",
    "timezone": "Europe/Moscow",
    "hours_from": "09:00",
    "hours_until": "18:00",
}


def called(now: datetime, **changes: Any) -> Case:
    return in_state(opened(now, contact=ContactEntry(**(PHONE | changes))), "in_progress")


def tried(case: Case, *moments: datetime, channel: str = "phone", result: str = "no_answer") -> None:
    user = staff()
    for at in moments:
        log_attempt(case_id=case.pk, channel=channel, result=result, by=acting(user), now=at)


def count(case: Case, now: datetime) -> Attempts:
    return attempts_of(Case.objects.get(pk=case.pk), current_contact(case.report_id), now)


def lost(case: Case, now: datetime) -> Case:
    return resolve_case(case_id=case.pk, outcome="lost_contact", by=acting(staff()), now=now)


def test_three_safe_attempts_on_three_days_and_not_one_fewer(now: datetime) -> None:
    case = called(now)
    tried(case, now + HOUR, now + DAY)
    with pytest.raises(InvalidInput) as refused:
        lost(case, now + DAY)
    assert "1" in str(refused.value.fields["outcome"][0])
    tried(case, now + 2 * DAY)
    assert lost(case, now + 2 * DAY).outcome == "lost_contact"


def test_three_on_one_day_are_one_day(now: datetime) -> None:
    case = called(now)
    tried(case, now + HOUR, now + 2 * HOUR, now + 3 * HOUR)
    found = count(case, now + 3 * HOUR)
    assert (found.counted, found.days, found.missing) == (3, 1, 2)


def test_a_day_is_one_of_the_persons_zone(now: datetime) -> None:
    case = called(now, hours_from=None, hours_until=None)
    late = datetime(2026, 11, 25, 20, 30, tzinfo=UTC)  # 23:30 in Moscow; half an hour later it is tomorrow there
    tried(case, late, late + HOUR)
    assert count(case, late + HOUR).days == 2


@pytest.mark.parametrize(
    ("hour", "channel", "result"), [(3, "phone", "no_answer"), (0, "sms", "no_answer"), (0, "phone", "unsafe")]
)
def test_what_was_not_safe_is_kept_and_does_not_count(hour: int, channel: str, result: str, now: datetime) -> None:
    case = called(now)
    at = now + DAY + timedelta(hours=hour * 3)  # 20:00 in Moscow with three
    tried(case, at, channel=channel, result=result)
    assert ContactAttempt.objects.count() == 1 and count(case, at).counted == 0


def test_reached_begins_the_count_anew(now: datetime) -> None:
    case = called(now)
    tried(case, now + HOUR, now + DAY)
    tried(case, now + 2 * DAY, result="reached")
    tried(case, now + 3 * DAY)
    assert count(case, now + 3 * DAY).counted == 1


def test_and_so_does_whatever_the_person_writes(now: datetime) -> None:
    case = called(now)
    tried(case, now + HOUR, now + DAY, now + 2 * DAY)
    post_message(report_id=case.report_id, text="I am here", submission_key="k", now=now + 2 * DAY + HOUR)
    assert count(case, now + 3 * DAY).missing == 3


def test_or_changes_on_their_page(now: datetime) -> None:
    case = called(now)
    tried(case, now + HOUR, now + DAY, now + 2 * DAY)
    stop_sharing(report_id=case.report_id, now=now + 2 * DAY + HOUR)
    assert count(case, now + 3 * DAY).missing == 3


def test_a_supervisor_closes_for_lost_contact_only_while_it_is_lost(now: datetime) -> None:
    case = called(now)
    tried(case, now + HOUR, now + DAY, now + 2 * DAY)
    lost(case, now + 2 * DAY)
    proposal = close_case(case_id=case.pk, outcome="lost_contact", by=acting(staff()), now=now + 2 * DAY)
    assert proposal is not None
    post_message(report_id=case.report_id, text="I am here", submission_key="k", now=now + 3 * DAY)
    with pytest.raises(InvalidInput):
        approve_closing(proposal_id=proposal.pk, by=acting(staff("supervisor")), now=now + 3 * DAY)
    assert Case.objects.get().state == "resolved"


@pytest.mark.parametrize("contact", [None, ContactEntry(never_contact=True, timezone="Europe/Moscow")])
def test_without_contact_an_attempt_is_a_message_left_unread_for_a_day(contact: Any, now: datetime) -> None:
    case = in_state(opened(now, **({"contact": contact} if contact else {})), "in_progress")
    for days in (1, 2, 3):
        write_to_reporter(case_id=case.pk, text="Please answer", by=acting(staff()), now=now + days * DAY)
    assert count(case, now + 3 * DAY + HOUR).counted == 2  # the third is too young
    found = count(case, now + 4 * DAY)
    assert (found.missing, found.by_page_only) == (0, True)
    mark_read(report_id=case.report_id, until=now + 5 * DAY, now=now + 4 * DAY)
    assert count(case, now + 5 * DAY).missing == 3
    with pytest.raises(InvalidInput) as refused:
        tried(case, now + DAY)
    assert list(refused.value.fields) == ["channel"] and not ContactAttempt.objects.exists()


def test_a_message_that_lay_unread_when_the_person_wrote_is_no_attempt_any_more(now: datetime) -> None:
    case = in_state(opened(now), "in_progress")
    for days in (1, 3):
        write_to_reporter(case_id=case.pk, text="Please answer", by=acting(staff()), now=now + days * DAY)
        if days == 1:
            post_message(report_id=case.report_id, text="I am here", submission_key="k", now=now + 2 * DAY)
    assert count(case, now + 5 * DAY).counted == 1


def test_more_attempts_than_days_may_be_asked_for(now: datetime) -> None:
    LostContactRule.objects.update(attempts=4, days=2)
    forget_reference()
    case = called(now)
    tried(case, now + HOUR, now + DAY)
    assert count(case, now + DAY).missing == 2


def test_numbers_are_data(now: datetime) -> None:
    LostContactRule.objects.update(attempts=1, days=1)
    forget_reference()
    case = called(now)
    tried(case, now + HOUR)
    assert count(case, now + HOUR).missing == 0


@pytest.mark.parametrize(("channel", "result"), [("pigeon", "reached"), ("phone", "left_unread"), ("", "")])
def test_what_is_no_code_is_refused(channel: str, result: str, now: datetime) -> None:
    with pytest.raises(InvalidInput):
        tried(called(now), now, channel=channel, result=result)
    assert not ContactAttempt.objects.exists()


def test_only_caseworkers_of_the_side_log(now: datetime) -> None:
    case = called(now)
    for user, refusal in ((staff("auditor"), NotAllowed), (staff(side="RU"), NotFound)):
        with pytest.raises(refusal):
            log_attempt(case_id=case.pk, channel="phone", result="reached", by=acting(user), now=now)
