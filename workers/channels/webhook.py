"""Webhooks by Standard Webhooks 1.0: a thin, signed message, handed over to an address that was checked before."""

import http.client
import json
import ssl
from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from django.conf import settings
from standardwebhooks.webhooks import Webhook

from cases.errors import InvalidTarget
from cases.messages import render
from cases.models import OutboxMessage, WebhookEndpoint
from cases.targets import Target, check_url
from workers.channels.base import SENT, Answer
from workers.channels.line import Line, resolve
from workers.channels.time_limit import time_limit

LIMIT = 10  # seconds for one message, resolving and connecting included
BODY_LIMIT = 64 * 1024  # bytes of the answer that are read, and thrown away; of a longer one the connection too


@dataclass(frozen=True, slots=True)
class Post:
    url: str
    body: bytes
    headers: dict[str, str]


class WebhookChannel:
    def __init__(self) -> None:
        self._idle: dict[Target, list[Line]] = defaultdict(list)  # append and pop are atomic

    def prepare(self, message: OutboxMessage, address: str, now: datetime) -> Post:
        body = _body(message)
        endpoint = message.endpoint
        assert endpoint is not None  # noqa: S101 (permit.py lets no other through)
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "Korpu/1",
            "webhook-id": str(message.pk),
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": _signatures(endpoint, str(message.pk), now, body),
        }
        return Post(address, body.encode(), headers)

    def send(self, prepared: Post) -> Answer:
        line: Line | None = None
        with time_limit(LIMIT, lambda: line.wire if line else None) as limit:
            try:
                target = check_url(prepared.url, settings.WEBHOOK_ALLOWED_HOSTS)
                line = self._line(target)
                response, is_whole = _exchange(line, target, prepared)
            except InvalidTarget:
                return Answer("invalid_target")
            except (OSError, http.client.HTTPException) as error:
                if line is not None:
                    line.close()
                return Answer("timeout") if limit.is_over else _failure(error)
        if is_whole and not limit.is_over:
            self._idle[target].append(line)
        else:
            line.close()
        # http.client takes a header that was cut off for the last one.
        return Answer("timeout") if limit.is_over else _answer(response)

    def close(self) -> None:
        for lines in self._idle.values():
            while lines:
                lines.pop().close()

    def _line(self, target: Target) -> Line:
        """One that is open and whose check is fresh, else a new one."""
        lines = self._idle[target]
        while lines:
            line = lines.pop()
            if line.is_usable():
                return line
            line.close()
        return Line(target, resolve(target, settings.WEBHOOK_ALLOWED_HOSTS), timeout=LIMIT)


def _body(message: OutboxMessage) -> str:
    """What messages.py says, and the id, by which a receiver knows a repeat also where it drops the headers."""
    rendered = render(message.kind, message.language, message.audience, message.channel, dict(message.params))
    content = json.loads(rendered.text)
    return json.dumps({"type": content.pop("type"), "id": str(message.pk), **content}, separators=(",", ":"))


def _signatures(endpoint: WebhookEndpoint, message_id: str, now: datetime, body: str) -> str:
    """By the present secret, and while rotating by the old one too, so that no message is refused in between."""
    secrets = [secret for secret in (endpoint.secret, endpoint.old_secret) if secret]
    return " ".join(Webhook(secret).sign(message_id, now.astimezone(UTC), body) for secret in secrets)


def _exchange(line: Line, target: Target, post: Post) -> tuple[http.client.HTTPResponse, bool]:
    line.request("POST", target.path, body=post.body, headers=post.headers)
    response = line.getresponse()
    is_whole = len(response.read(BODY_LIMIT + 1)) <= BODY_LIMIT
    return response, is_whole


def _answer(response: http.client.HTTPResponse) -> Answer:
    """2xx is success, all else is not, a redirect too: it would lead to an address that nobody checked."""
    code = response.status
    if 200 <= code < 300:
        return Answer(SENT, code)
    return Answer(f"http_{code}", code, _retry_after(response.headers.get("Retry-After")), is_gone=code == 410)


def _retry_after(value: str | None) -> float | None:
    """Seconds, from either form of RFC 9110 §10.2.3; None when it is neither."""
    if not value:
        return None
    if value.strip().isascii() and value.strip().isdigit():
        return float(value.strip()[:9])
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None
    return (moment.replace(tzinfo=moment.tzinfo or UTC) - datetime.now(UTC)).total_seconds()


def _failure(error: Exception) -> Answer:
    if isinstance(error, TimeoutError):
        return Answer("timeout")
    if isinstance(error, ssl.SSLError):
        return Answer("tls_failed")
    return Answer("unreachable" if isinstance(error, OSError) else "bad_answer")
