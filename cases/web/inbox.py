"""What the demo's own mail catcher and webhook receiver have stored, read as untrusted text. Demo mode only."""

import base64
import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

NEWEST = 50
LARGEST = 256 * 1024  # bytes of one stored message that are shown
_MAIL_HEADERS = ("From", "To", "Subject", "Date", "Message-ID")


@dataclass(frozen=True, slots=True)
class Sent:
    """One message as it arrived. `signature`: valid | invalid | missing for a webhook, empty for a mail."""

    kind: str  # mail | webhook
    at: datetime
    headers: list[tuple[str, str]]
    text: str
    signature: str = ""

    @property
    def title(self) -> str:
        named = {name.lower(): value for name, value in self.headers}
        return named.get("subject") or named.get("webhook-id") or ""


def sent_messages(folder: Path, secrets: Iterable[str]) -> list[Sent]:
    """The newest messages of both kinds. A file that cannot be read is left out, never a reason to fail."""
    known = list(secrets)
    files = [(path, _mail) for path in (folder / "mail").glob("*.eml")]
    files += [(path, lambda raw, at: _webhook(raw, at, known)) for path in (folder / "webhooks").glob("*.json")]
    dated = sorted(((_changed(path), path, read) for path, read in files), key=lambda one: one[0], reverse=True)
    found = []
    for at, path, read in dated[:NEWEST]:
        try:
            with path.open("rb") as file:
                found.append(read(file.read(LARGEST), at))
        except (OSError, ValueError, LookupError, TypeError, AttributeError):
            continue
    return found


def _changed(path: Path) -> datetime:
    try:
        return datetime.fromtimestamp(path.stat().st_mtime, tz=UTC)
    except OSError:
        return datetime.min.replace(tzinfo=UTC)


def _mail(raw: bytes, at: datetime) -> Sent:
    message = message_from_bytes(raw, policy=policy.default)
    assert isinstance(message, EmailMessage)  # noqa: S101 - what this policy makes
    body = message.get_body(preferencelist=("plain", "html"))
    text = body.get_content() if body is not None else ""
    headers = [(name, str(message[name])) for name in _MAIL_HEADERS if message[name]]
    return Sent("mail", at, headers, str(text))


def _webhook(raw: bytes, at: datetime, secrets: list[str]) -> Sent:
    stored: Mapping[str, Any] = json.loads(raw)
    headers = {str(name).lower(): str(value) for name, value in dict(stored.get("headers") or {}).items()}
    body = stored.get("body", "")
    if not isinstance(body, str):
        body = json.dumps(body, ensure_ascii=False)
    return Sent("webhook", at, sorted(headers.items()), _readable(body), _signature(headers, body, secrets))


def _readable(body: str) -> str:
    try:
        return json.dumps(json.loads(body), ensure_ascii=False, indent=2)
    except ValueError:
        return body


def _signature(headers: Mapping[str, str], body: str, secrets: list[str]) -> str:
    """Standard Webhooks 1.0: HMAC-SHA-256 over `id.timestamp.body`, one or more as `v1,<base64>`."""
    given = headers.get("webhook-signature", "")
    if not given:
        return "missing"
    signed = f"{headers.get('webhook-id', '')}.{headers.get('webhook-timestamp', '')}.{body}".encode()
    for secret in secrets:
        key = base64.b64decode(secret.removeprefix("whsec_"))
        right = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
        if any(hmac.compare_digest(f"v1,{right}".encode(), one.encode()) for one in given.split()):
            return "valid"
    return "invalid"
