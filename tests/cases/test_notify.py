"""Outbox rows: the right people, once, without a personal word, urgent ones first, announced after commit."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from cases.actions import notify
from cases.models import OutboxMessage
from cases.signals import outbox_written
from intake.actions.submit_report import ContactEntry
from intake.models import SafeContact
from tests.cases.arrange import OPTED_IN, on_duty, opened, partner, referral, staff, webhook

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]
Lane = OutboxMessage.Lane


def test_an_offer_goes_by_mail_and_to_every_active_webhook(now: datetime) -> None:
    owner = partner(language="az")
    hooks = [webhook(owner, now), webhook(owner, now)]
    webhook(owner, now, is_active=False)
    webhook(partner(), now)
    row = referral(opened(now), owner, now)
    messages = notify.offer([row], now)
    assert [(message.channel, message.endpoint_id) for message in messages] == [
        ("email", None),
        ("webhook", hooks[0].pk),
        ("webhook", hooks[1].pk),
    ]
    assert {message.language for message in messages} == {"az"}
    assert messages[0].dedupe_key == f"offer:{row.pk}:email"


def test_offers_to_several_partners_need_one_look_up(now: datetime, django_assert_num_queries: Any) -> None:
    rows = [referral(opened(now), partner(), now) for _ in range(3)]
    with django_assert_num_queries(1):
        assert len(notify.offer(rows, now)) == 3


def test_partners_read_codes_ids_and_moments_only(now: datetime) -> None:
    case = opened(now, story="Canary", identity={"name": "Canary"}, actor_name="Canary")
    row = referral(case, partner(), now)
    [message] = notify.offer([row], now)
    assert message.params == {
        "reference": case.reference,
        "referral": str(row.pk),
        "urgency": 3,
        "state": "offered",
        "reason": "",
        "answer_due_at": row.answer_due_at.isoformat(),
        "contact_due_at": "",
        "timezone": "Europe/Moscow",
        "at": now.isoformat(),
    }


@pytest.mark.parametrize(("urgency", "lane"), [(1, Lane.URGENT), (2, Lane.URGENT), (3, Lane.NORMAL), (4, Lane.NORMAL)])
def test_urgent_cases_overtake(urgency: int, lane: int, now: datetime) -> None:
    case = opened(now, contact=OPTED_IN)
    staff("supervisor")
    row = referral(case, partner(), now, urgency=urgency)
    case.urgency = urgency
    messages = [*notify.offer([row], now), *notify.unrouted(case, now), *notify.status_changed(case, now)]
    assert [message.lane for message in messages] == [lane, lane, lane]


@pytest.mark.parametrize(
    ("state", "reason", "kind"),
    [("expired", "", "offer_expired"), ("withdrawn", "accepted_elsewhere", "offer_withdrawn")],
)
def test_how_an_offer_ended(state: str, reason: str, kind: str, now: datetime) -> None:
    row = referral(opened(now), partner(), now, state, withdrawal_reason=reason)
    [message] = notify.offer_ended(row, now)
    assert (message.kind, message.params["reason"]) == (kind, reason)


def test_only_who_had_the_case_is_told_to_erase(now: datetime) -> None:
    fields = {"withdrawal_reason": "consent_withdrawn"}
    had = referral(opened(now), partner(), now, "withdrawn", **fields)
    was_asked = referral(opened(now), partner(), now, "withdrawn", answered_at=None, **fields)
    messages = notify.referrals_withdrawn([had, was_asked], now)
    assert [(message.kind, message.referral_id) for message in messages] == [
        ("consent_withdrawn", had.pk),
        ("offer_withdrawn", was_asked.pk),
    ]


def test_trouble_is_told_to_whoever_is_responsible(now: datetime) -> None:
    case, person = opened(now), staff(language="ru")
    staff("supervisor")
    case.responsible = person
    for tell in (notify.unrouted, notify.declined_by_all):
        [message] = tell(case, now)
        assert (message.user_id, message.language, message.case_id) == (person.pk, "ru", case.pk)


def test_trouble_with_nobodys_case_is_told_to_the_person_on_duty_else_the_supervisors(now: datetime) -> None:
    case, supervisor, person = opened(now), staff("supervisor"), staff()
    assert [message.user_id for message in notify.unrouted(case, now)] == [supervisor.pk]
    on_duty(person, now)
    assert [message.user_id for message in notify.unrouted(case, now)] == [person.pk]
    assert [message.user_id for message in notify.unrouted(case, now + timedelta(hours=2))] == [supervisor.pk]


def test_a_shift_of_somebody_who_may_open_no_case_counts_for_nobody(now: datetime) -> None:
    supervisor, administrator = staff("supervisor"), staff("administrator")
    on_duty(administrator, now)
    assert [message.user_id for message in notify.urgent_case(opened(now), now)] == [supervisor.pk]


def test_without_supervisors_the_caseworkers_hear_of_it(now: datetime) -> None:
    person = staff()
    staff("partner_coordinator")
    assert [message.user_id for message in notify.unrouted(opened(now), now)] == [person.pk]


def test_a_responsible_person_who_left_is_not_written_to(now: datetime) -> None:
    case, supervisor = opened(now), staff("supervisor")
    case.responsible = staff(is_active=False)
    assert [message.user_id for message in notify.unrouted(case, now)] == [supervisor.pk]


def test_the_same_occasion_is_told_once_and_the_next_one_again(now: datetime) -> None:
    case = opened(now)
    staff("supervisor")
    notify.write_outbox(notify.unrouted(case, now))
    notify.write_outbox(notify.unrouted(case, now))
    assert OutboxMessage.objects.count() == 1
    case.event_count += 1
    notify.write_outbox(notify.unrouted(case, now))
    assert OutboxMessage.objects.count() == 2


def test_that_something_was_given_up_is_told_once_and_never_about_itself(now: datetime) -> None:
    case = opened(now)
    staff("supervisor")
    [lost] = notify.unrouted(case, now)
    [notice] = notify.delivery_given_up(lost, now)
    assert notice.dedupe_key.startswith(f"delivery_given_up:{lost.pk}:")
    assert notify.delivery_given_up(notice, now) == []
    assert notify.delivery_given_up(OutboxMessage(kind="offer"), now) == []


def test_a_reporter_who_opted_in_is_told_in_their_language_without_params(now: datetime) -> None:
    case = opened(now, contact=OPTED_IN)
    [message] = notify.status_changed(case, now)
    assert (message.audience, message.channel, message.language, message.params) == ("reporter", "email", "az", {})
    assert message.contact is not None and message.contact.report_id == case.report_id


@pytest.mark.parametrize(
    "contact",
    [
        None,
        ContactEntry(method="email", value="someone@example.org", notify=False),
        ContactEntry(never_contact=True),
        ContactEntry(method="phone", value="+994501234567", notify=True),
    ],
)
def test_nobody_else_is_written_to(contact: ContactEntry | None, now: datetime) -> None:
    assert notify.status_changed(opened(now, contact=contact), now) == []


def test_who_said_never_is_not_written_to_whatever_else_the_row_says(now: datetime) -> None:
    case = opened(now, contact=OPTED_IN)
    SafeContact.objects.update(never_contact=True)
    assert notify.status_changed(case, now) == []


def test_the_newest_contact_counts(now: datetime) -> None:
    case = opened(now, contact=OPTED_IN)
    SafeContact.objects.create(report_id=case.report_id, never_contact=True, created_at=now + timedelta(hours=1))
    assert notify.status_changed(case, now) == []


def test_a_language_without_words_becomes_that_of_the_country(now: datetime) -> None:
    case = opened(now, contact=OPTED_IN)
    case.language_id = "uz"
    assert [message.language for message in notify.status_changed(case, now)] == ["ru"]


def test_rows_are_announced_after_commit_and_only_if_there_are_any(
    now: datetime, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    heard: list[Any] = []

    def hear(sender: Any, **kwargs: Any) -> None:
        heard.append(sender)

    outbox_written.connect(hear)
    try:
        with django_capture_on_commit_callbacks(execute=True):
            notify.write_outbox([])
        assert heard == []
        with django_capture_on_commit_callbacks(execute=True):
            notify.write_outbox(notify.status_changed(opened(now, contact=OPTED_IN), now))
            assert heard == []
        assert heard == [OutboxMessage]
    finally:
        outbox_written.disconnect(hear)


def test_what_a_listener_does_wrong_does_not_reach_the_one_who_acted(
    now: datetime, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    def fail(sender: Any, **kwargs: Any) -> None:
        raise RuntimeError

    outbox_written.connect(fail)
    try:
        with django_capture_on_commit_callbacks(execute=True):
            notify.write_outbox(notify.status_changed(opened(now, contact=OPTED_IN), now))
    finally:
        outbox_written.disconnect(fail)
    assert OutboxMessage.objects.count() == 1
