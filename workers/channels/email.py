"""Mail by SMTP. One connection is used for many messages of a run; several only while several are on their way."""

import smtplib
import threading
import time
from dataclasses import dataclass
from datetime import datetime
from email.utils import parseaddr
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection

from cases.messages import render
from cases.models import OutboxMessage
from workers.channels.base import SENT, Answer
from workers.channels.time_limit import time_limit

CONNECTIONS = 3  # of one run: mail servers count them
PATIENCE = 5  # seconds for one of them to become free
LIMIT = 30  # seconds for one message, connecting included
IDLE = 5  # seconds after which a server may have hung up on us: a new connection then
PERMANENT = 500  # RFC 5321 §4.2.1: 5yz, the same request must not be repeated
# A machine wrote it: no holiday replies (RFC 3834 §5; the second is Exchange's).
HEADERS = {"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All"}


@dataclass(slots=True)
class _Idle:
    connection: Any
    since: float


class EmailChannel:
    def __init__(self) -> None:
        self._idle: list[_Idle] = []  # append and pop are atomic
        self._lines = threading.BoundedSemaphore(CONNECTIONS)

    def prepare(self, message: OutboxMessage, address: str, now: datetime) -> EmailMultiAlternatives:
        rendered = render(message.kind, message.language, message.audience, message.channel, dict(message.params))
        sender = _sender(message.audience)
        mail = EmailMultiAlternatives(
            subject=rendered.subject,
            body=rendered.text,
            from_email=sender,
            to=[address],
            headers={"Message-ID": f"<{message.pk}@{_domain(message.audience, sender)}>", **HEADERS},
        )
        if rendered.html:
            mail.attach_alternative(rendered.html, "text/html")
        return mail

    def send(self, prepared: EmailMultiAlternatives) -> Answer:
        if not self._lines.acquire(timeout=PATIENCE):
            return Answer("timeout")  # the server hangs: whoever waited longer would outlive its lease
        try:
            return self._send(prepared)
        finally:
            self._lines.release()

    def _send(self, prepared: EmailMultiAlternatives) -> Answer:
        connection = self._connection()
        with time_limit(LIMIT, lambda: getattr(connection.connection, "sock", None)) as limit:
            try:
                connection.open()
                connection.send_messages([prepared])
                answer = Answer(SENT, 250)
            except smtplib.SMTPRecipientsRefused as refused:
                answer = _refused(refused)  # the server is well, it is about this one
            except (OSError, ValueError) as error:  # smtplib's own are OSErrors, Django's about headers ValueErrors
                _hang_up(connection)
                return Answer("timeout") if limit.is_over else _answer(error)
        self._idle.append(_Idle(connection, time.monotonic()))
        return answer

    def close(self) -> None:
        while self._idle:
            _hang_up(self._idle.pop().connection)

    def _connection(self) -> Any:
        while self._idle:
            idle = self._idle.pop()
            if time.monotonic() - idle.since < IDLE:
                return idle.connection
            _hang_up(idle.connection)
        return get_connection()


def _sender(audience: str) -> str:
    return settings.REPORTER_FROM_EMAIL if audience == OutboxMessage.Audience.REPORTER else settings.DEFAULT_FROM_EMAIL


def _domain(audience: str, sender: str) -> str:
    """The site's host; for a reporter the neutral sender's: whoever reads along must not learn of us from a header."""
    if audience == OutboxMessage.Audience.REPORTER:
        return parseaddr(sender)[1].rpartition("@")[2]
    return urlsplit(settings.SITE_URL).hostname or "localhost"


def _refused(refused: smtplib.SMTPRecipientsRefused) -> Answer:
    code = max((code for code, _ in refused.recipients.values()), default=PERMANENT)
    return Answer("recipient_refused" if code >= PERMANENT else f"smtp_{code}", code)


def _answer(error: OSError | ValueError) -> Answer:
    if isinstance(error, smtplib.SMTPResponseException):
        return Answer(f"smtp_{error.smtp_code}", error.smtp_code)
    if isinstance(error, TimeoutError):
        return Answer("timeout")
    if isinstance(error, smtplib.SMTPServerDisconnected):
        return Answer("disconnected")
    if isinstance(error, smtplib.SMTPNotSupportedError | ValueError):
        return Answer("no_address")  # nobody can be reached under what stands there
    return Answer("unreachable")


def _hang_up(connection: Any) -> None:
    try:
        connection.close()
    except (OSError, ValueError):
        connection.connection = None
