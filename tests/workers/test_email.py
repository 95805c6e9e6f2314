"""Mails, sent to a real SMTP server."""

from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest

from cases.models import Delivery, OutboxMessage
from tests.cases.routing_world import make_case, make_partner, make_referral, make_staff
from tests.workers import arrange
from tests.workers.arrange import Post, at
from workers.delivery import drain

pytestmark = pytest.mark.usefixtures("world")


def offer(now: datetime) -> OutboxMessage:
    return arrange.to_partner(make_referral(make_case(), make_partner(), state="offered"), now)


def test_a_partner_gets_its_offer_with_text_html_and_our_id(now: datetime, post: Post) -> None:
    row = offer(now)
    assert drain(now_fn=at(now)) == 1
    mail = post.messages[0]
    assert post.recipients == ["p0@example.org"]
    assert mail["Message-ID"] == f"<{row.pk}@127.0.0.1>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Date"]
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]
    assert row.params["reference"] in mail.get_body(("plain",)).get_content()


def test_only_the_servers_yes_makes_a_message_sent(now: datetime, post: Post) -> None:
    row = arrange.to_staff(make_staff(), now)
    drain(now_fn=at(now))
    row.refresh_from_db()
    assert (row.state, row.attempts, row.finished_at, row.lease) == ("sent", 1, now, None)
    delivery = Delivery.objects.get(message=row)
    assert (delivery.attempt, delivery.result, delivery.is_success, delivery.response_code) == (1, "sent", True, 250)


def test_a_reporters_mail_says_nothing_of_us_in_any_header(now: datetime, post: Post, settings: Any) -> None:
    settings.SITE_URL = "https://korpu.example.net"
    case = make_case()
    arrange.to_reporter(arrange.contact(case, now, "person@example.com"), now, language="ru")
    drain(now_fn=at(now))
    mail = post.messages[0]
    assert post.recipients == ["person@example.com"]
    assert mail["From"] == settings.REPORTER_FROM_EMAIL
    assert mail["Message-ID"].endswith("@info.example.org>")
    raw = mail.as_bytes().lower()
    assert b"korpu" not in raw
    assert case.reference.lower().encode() not in raw


def test_each_reader_gets_their_language(now: datetime, post: Post) -> None:
    for language in ("az", "ru", "en"):
        arrange.to_staff(make_staff(), now, language=language)
    drain(now_fn=at(now))
    assert len({mail["Subject"] for mail in post.messages}) == 3


def test_a_refused_recipient_is_given_up_at_once(now: datetime, post: Post) -> None:
    post.answers = ["550 no such person"]
    row = offer(now)
    drain(now_fn=at(now))
    row.refresh_from_db()
    assert (row.state, row.last_result, row.attempts) == ("dead", "recipient_refused", 1)


def test_a_busy_server_is_tried_again_with_the_same_id(now: datetime, post: Post) -> None:
    post.answers = ["450 busy"]
    row = offer(now)
    drain(now_fn=at(now), rng=Random(1))
    row.refresh_from_db()
    assert (row.state, row.last_result) == ("due", "smtp_450")
    assert timedelta(seconds=4) < row.next_attempt_at - now < timedelta(seconds=6)
    assert drain(now_fn=at(now)) == 0, "not before its time"
    later = row.next_attempt_at
    drain(now_fn=at(later))
    row.refresh_from_db()
    assert (row.state, row.attempts) == ("sent", 2)
    assert post.messages[0]["Message-ID"] == f"<{row.pk}@127.0.0.1>"


def test_an_answer_that_never_comes_is_not_a_yes(now: datetime, post: Post) -> None:
    post.data_answers = ["451 later", "554 never"]
    first = offer(now)
    drain(now_fn=at(now))
    second = arrange.to_staff(make_staff(), now)
    drain(now_fn=at(now))
    states = dict(OutboxMessage.objects.values_list("pk", "last_result"))
    assert states[first.pk] == "smtp_451"
    assert states[second.pk] == "smtp_554"
    ids = {f"<{row.pk}@127.0.0.1>" for row in (first, second)}
    assert ids.isdisjoint(mail["Message-ID"] for mail in post.messages)


def test_a_server_that_is_away_is_tried_again(now: datetime, post: Post, settings: Any) -> None:
    settings.EMAIL_PORT = arrange.free_port()
    row = offer(now)
    drain(now_fn=at(now))
    row.refresh_from_db()
    assert (row.state, row.last_result) == ("due", "unreachable")


def test_a_run_uses_few_connections_for_many_mails(now: datetime, post: Post) -> None:
    case, user = make_case(), make_staff()
    for _ in range(60):
        arrange.to_staff(user, now, case)
    assert drain(now_fn=at(now)) == 60
    assert len(post.messages) == 60
    assert post.connections <= 4


@pytest.mark.parametrize("address", ["a@example.org\nBcc: b@example.org", "a@example.org\r\n\r\nx", "no address", ""])
def test_an_address_cannot_bring_headers_along(now: datetime, post: Post, address: str) -> None:
    row = arrange.to_reporter(arrange.contact(make_case(), now, address), now)
    drain(now_fn=at(now))
    row.refresh_from_db()
    assert (row.state, row.last_result) == ("dead", "no_address")
    assert post.recipients == []


def test_a_code_cannot_bring_headers_along(now: datetime, post: Post) -> None:
    row = arrange.to_staff(make_staff(), now)
    row.params["reference"] = "K\r\nBcc: b@example.org\r\n\r\nX"
    row.save()
    drain(now_fn=at(now))
    assert all("Bcc" not in mail for mail in post.messages)
    assert "b@example.org" not in post.recipients


def test_a_message_that_cannot_be_composed_stops_no_other(now: datetime, post: Post) -> None:
    broken = arrange.to_staff(make_staff(), now, params={}, kind="no_such_kind")
    good = arrange.to_staff(make_staff(), now)
    drain(now_fn=at(now))
    states = dict(OutboxMessage.objects.values_list("pk", "state"))
    assert (states[broken.pk], states[good.pk]) == ("due", "sent")


def test_dates_are_of_now(post: Post) -> None:
    now = datetime.now(UTC)
    arrange.to_staff(make_staff(), now)
    drain(now_fn=at(now))
    assert abs(post.messages[0]["Date"].datetime.replace(tzinfo=UTC) - now) < timedelta(minutes=1)
