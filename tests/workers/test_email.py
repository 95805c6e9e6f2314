"""Mails, sent to a real SMTP server."""

from datetime import datetime
from typing import Any

import pytest

from cases.models import Delivery
from tests.cases.routing_world import make_case, make_partner, make_referral, make_staff
from tests.workers import arrange
from tests.workers.arrange import Post
from workers.delivery import drain

pytestmark = pytest.mark.usefixtures("world")


def test_a_partner_gets_its_offer_with_text_html_and_our_id(now: datetime, post: Post) -> None:
    partner = make_partner(email="help@partner.example.org")
    row = arrange.to_partner(make_referral(make_case(), partner, state="offered"), now)
    assert drain(now_fn=lambda: now) == 1
    mail = post.messages[0]
    assert post.recipients == ["help@partner.example.org"]
    assert mail["Message-ID"] == f"<{row.pk}@127.0.0.1>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Date"]
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]
    assert row.params["reference"] in mail.get_body(("plain",)).get_content()


def test_only_the_servers_yes_makes_a_message_sent(now: datetime, post: Post) -> None:
    row = arrange.to_staff(make_staff(), now)
    drain(now_fn=lambda: now)
    row.refresh_from_db()
    assert (row.state, row.attempts, row.finished_at, row.lease) == ("sent", 1, now, None)
    delivery = Delivery.objects.get(message=row)
    assert (delivery.attempt, delivery.result, delivery.is_success, delivery.response_code) == (1, "sent", True, 250)
