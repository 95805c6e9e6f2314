"""Plain functions that put outbox rows in place, and real receivers on loopback that keep what they were given."""

import base64
import email
import email.policy
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage
from typing import Any
from uuid import uuid4

from aiosmtpd.controller import Controller

from cases.models import Case, OutboxMessage, PartnerOrganisation, Referral, User, WebhookEndpoint
from intake.models import ReportKey, SafeContact
from tests.cases.routing_world import make_case
from tests.journeys.system import free_port

SECRET = "whsec_" + base64.b64encode(b"a secret of thirty-two bytes ...").decode()
OLD_SECRET = "whsec_" + base64.b64encode(b"the one before it, also long ...").decode()


@dataclass
class Post:
    """A real SMTP server. `answers` are given to RCPT in turn before all is accepted."""

    answers: list[str] = field(default_factory=list)
    data_answers: list[str] = field(default_factory=list)
    messages: list[EmailMessage] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    connections: int = 0
    port: int = field(default_factory=free_port)

    async def handle_EHLO(  # noqa: N802 (aiosmtpd's names)
        self, server: Any, session: Any, envelope: Any, hostname: str, responses: list[str]
    ) -> list[str]:
        self.connections += 1
        session.host_name = hostname
        return responses

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802
        if self.answers:
            answer = self.answers.pop(0)
            if not answer.startswith("2"):
                return answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        if self.data_answers:
            return self.data_answers.pop(0)
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        self.messages.append(message)  # type: ignore[arg-type]
        self.recipients.extend(envelope.rcpt_tos)
        return "250 OK"

    @contextmanager
    def listening(self) -> Iterator["Post"]:
        controller = Controller(self, hostname="127.0.0.1", port=self.port)
        controller.start()
        try:
            yield self
        finally:
            controller.stop()


def at(moment: datetime) -> Callable[[], datetime]:
    return lambda: moment


def endpoint(partner: PartnerOrganisation, url: str, now: datetime, **fields: Any) -> WebhookEndpoint:
    return WebhookEndpoint.objects.create(partner=partner, url=url, secret=SECRET, created_at=now, **fields)


def message(now: datetime, **fields: Any) -> OutboxMessage:
    values: dict[str, Any] = {
        "language": "en",
        "lane": OutboxMessage.Lane.NORMAL,
        "dedupe_key": uuid4().hex,
        "next_attempt_at": now,
        "created_at": now,
    }
    return OutboxMessage.objects.create(**(values | fields))


def to_partner(referral: Referral, now: datetime, kind: str = "offer", **fields: Any) -> OutboxMessage:
    """By mail, or to `endpoint`. The partner and the case are the referral's."""
    params = {
        "reference": referral.case.reference,
        "referral": str(referral.pk),
        "urgency": referral.urgency,
        "state": referral.state,
        "reason": "",
        "answer_due_at": referral.answer_due_at.isoformat(),
        "timezone": "Europe/Moscow",
        "at": now.isoformat(),
    }
    values = {
        "kind": kind,
        "audience": "partner",
        "channel": "webhook" if fields.get("endpoint") else "email",
        "case": referral.case,
        "referral": referral,
        "partner": referral.partner,
        "params": params,
    }
    return message(now, **(values | fields))


def to_staff(user: User, now: datetime, case: Case | None = None, **fields: Any) -> OutboxMessage:
    case = case or make_case()
    params = {"reference": case.reference, "urgency": case.urgency}
    values = {"kind": "urgent_case", "audience": "staff", "channel": "email", "case": case, "user": user}
    return message(now, **(values | {"params": params} | fields))


def contact(case: Case, now: datetime, address: str = "someone@example.org", **fields: Any) -> SafeContact:
    values = {"method": "email", "notify": True, "timezone": "Europe/Moscow", "created_at": now}
    row = SafeContact(report_id=case.report_id, **(values | fields))
    row.seal(ReportKey.of(case.report_id), value=address)
    row.save()
    return row


def to_reporter(row: SafeContact, now: datetime, **fields: Any) -> OutboxMessage:
    case = Case.objects.get(report_id=row.report_id)
    values = {"kind": "status_changed", "audience": "reporter", "channel": "email", "case": case, "contact": row}
    return message(now, **(values | fields))
