"""The demo's mail catcher and webhook receiver, and the page that reads what they stored."""

import http.client
import json
import smtplib
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from django.core.management import CommandError, call_command
from standardwebhooks.webhooks import Webhook

from cases.web.inbox import sent_messages
from seeds.demo.partners import demo_webhook_secret
from seeds.management.commands import demo_inbox
from seeds.management.commands.demo_inbox import Folder, MailCatcher, WebhookReceiver
from tests.workers.arrange import OLD_SECRET, free_port


@pytest.fixture
def receiver(tmp_path: Path) -> Iterator[WebhookReceiver]:
    server = WebhookReceiver(0, Folder(tmp_path / "webhooks", "json"), demo_webhook_secret())
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def post(receiver: WebhookReceiver, body: str, **headers: str) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", receiver.server_address[1], timeout=5)
    connection.request("POST", "/", body, {name.replace("_", "-"): value for name, value in headers.items()})
    status = connection.getresponse().status
    connection.close()
    return status


def signed(body: str, secret: str) -> dict[str, str]:
    now = datetime.now(UTC)
    signature = Webhook(secret).sign("id-1", now, body)
    return {"webhook_id": "id-1", "webhook_timestamp": str(int(now.timestamp())), "webhook_signature": signature}


def stored(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(path.read_bytes()) for path in sorted(folder.glob("webhooks/*.json"))]


def test_a_webhook_is_kept_with_the_verdict_on_its_signature(receiver: WebhookReceiver, tmp_path: Path) -> None:
    body = '{"type": "referral.offered"}'
    for headers in (signed(body, demo_webhook_secret()), signed(body, OLD_SECRET), {}):
        assert post(receiver, body, **headers) == 204
    assert [row["signature"] for row in stored(tmp_path)] == ["valid", "invalid", "missing"]
    assert stored(tmp_path)[0]["body"] == body


def test_an_old_signature_is_not_valid(receiver: WebhookReceiver, tmp_path: Path) -> None:
    headers = signed("{}", demo_webhook_secret())
    an_hour_ago = datetime.now(UTC) - timedelta(hours=1)
    headers |= {
        "webhook_timestamp": str(int(an_hour_ago.timestamp())),
        "webhook_signature": Webhook(demo_webhook_secret()).sign("id-1", an_hour_ago, "{}"),
    }
    post(receiver, "{}", **headers)
    assert stored(tmp_path)[0]["signature"] == "invalid"


@pytest.mark.parametrize(("length", "status"), [("99999999", 413), ("-1", 411), ("many", 411)])
def test_a_length_that_cannot_be_is_refused(
    receiver: WebhookReceiver, tmp_path: Path, length: str, status: int
) -> None:
    assert post(receiver, "x", Content_Length=length) == status
    assert stored(tmp_path) == []


def test_a_mail_is_kept_as_it_came(tmp_path: Path) -> None:
    catcher = Controller(MailCatcher(Folder(tmp_path / "mail", "eml")), hostname="127.0.0.1", port=free_port())
    catcher.start()
    mail = EmailMessage()
    mail["Subject"], mail["From"], mail["To"] = "Müraciət", "a@example.org", "b@example.org"
    mail.set_content("Salam")
    with smtplib.SMTP("127.0.0.1", catcher.port) as client:
        client.send_message(mail)
    catcher.stop()
    (path,) = tmp_path.glob("mail/*.eml")
    assert b"example.org" in path.read_bytes()


def test_the_page_shows_both_kinds(receiver: WebhookReceiver, tmp_path: Path) -> None:
    body = '{"type": "referral.offered"}'
    post(receiver, body, **signed(body, demo_webhook_secret()))
    Folder(tmp_path / "mail", "eml").keep(b"Subject: Hello\r\nFrom: a@example.org\r\n\r\nText")
    shown = {message.kind: message for message in sent_messages(tmp_path, [demo_webhook_secret()])}
    assert shown["webhook"].signature == "valid"
    assert dict(shown["mail"].headers)["Subject"] == "Hello"


def test_only_the_newest_are_kept_and_none_is_seen_half(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr(demo_inbox, "KEPT", 3)
    folder = Folder(tmp_path, "eml")
    for number in range(7):
        folder.keep(str(number).encode())
    assert [path.read_text() for path in sorted(tmp_path.iterdir())] == ["4", "5", "6"]


def test_outside_the_demo_there_is_no_such_thing(settings: Any) -> None:
    settings.DEMO = False
    with pytest.raises(CommandError):
        call_command("demo_inbox")
