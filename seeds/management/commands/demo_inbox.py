"""`manage.py demo_inbox`: where the demo's mails and webhooks end. Real servers on loopback; one file per message."""

import json
import signal
import threading
import time
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from seeds.demo.partners import demo_webhook_secret

HOST = "127.0.0.1"
KEPT = 500  # of each kind, the newest
LARGEST = 1024 * 1024  # bytes of one message


class Folder:
    """Messages as files, each whole from the moment it can be seen; the oldest are thrown away."""

    def __init__(self, path: Path, ending: str) -> None:
        self._path, self._ending = path, ending
        path.mkdir(parents=True, exist_ok=True)

    def keep(self, content: bytes) -> None:
        name = f"{time.time_ns():020d}-{uuid.uuid4().hex[:8]}"
        unfinished = self._path / f"{name}.unfinished"
        unfinished.write_bytes(content)
        unfinished.rename(self._path / f"{name}.{self._ending}")
        for old in sorted(self._path.glob(f"*.{self._ending}"))[:-KEPT]:
            old.unlink(missing_ok=True)


class MailCatcher:
    """aiosmtpd calls this for each message."""

    def __init__(self, folder: Folder) -> None:
        self._folder = folder

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 (aiosmtpd's name)
        self._folder.keep(envelope.content)
        return "250 kept"


class WebhookReceiver(ThreadingHTTPServer):
    """Answers 204 to every POST, as a partner's server would, and notes whether the signature is right."""

    daemon_threads = True

    def __init__(self, port: int, folder: Folder, secret: str) -> None:
        super().__init__((HOST, port), _Handler)
        self.folder, self.secret = folder, secret


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 30
    server: WebhookReceiver

    def do_POST(self) -> None:
        length = self.headers.get("Content-Length", "")
        if not length.isascii() or not length.isdigit() or int(length) > LARGEST:
            self.close_connection = True
            self._answer(413 if length.isdigit() else 411)
            return
        body = self.rfile.read(int(length)).decode(errors="replace")
        self.server.folder.keep(json.dumps(self._received(body), ensure_ascii=False, indent=1).encode())
        self._answer(204)

    def _received(self, body: str) -> dict[str, Any]:
        headers = {name.lower(): value for name, value in self.headers.items()}
        return {
            "received_at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
            "path": self.path,
            "headers": headers,
            "body": body,
            "signature": _signature(self.server.secret, body, headers),
        }

    def _answer(self, status: int) -> None:
        self.send_response(status)
        if status != 204:
            self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        pass


def _signature(secret: str, body: str, headers: dict[str, str]) -> str:
    if "webhook-signature" not in headers:
        return "missing"
    try:
        Webhook(secret).verify(body, headers, json_parse=False)
    except (WebhookVerificationError, ValueError):
        return "invalid"
    return "valid"


class Command(BaseCommand):
    help = "Catches the demo's mails (one port above the site's) and webhooks, one file each. Demo only."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("This is for the demo only (KORPU_DEMO=1): it answers yes to everything.")
        mails = Folder(settings.DEMO_INBOX / "mail", "eml")
        webhooks = Folder(settings.DEMO_INBOX / "webhooks", "json")
        ended = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: ended.set())
        post = Controller(MailCatcher(mails), hostname=HOST, port=settings.PORT + 1, data_size_limit=LARGEST)
        receiver = WebhookReceiver(settings.DEMO_WEBHOOK_PORT, webhooks, demo_webhook_secret())
        threading.Thread(target=receiver.serve_forever, daemon=True).start()
        post.start()
        try:
            ended.wait()
        finally:
            post.stop()
            receiver.shutdown()
            receiver.server_close()
